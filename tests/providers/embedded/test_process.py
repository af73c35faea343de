"""The life of the child process: it ends with its parent, when idle and when told to, and tells its key to nobody."""

import asyncio
import json
import os
import secrets
import signal
import subprocess
import sys
import textwrap
from contextlib import aclosing
from pathlib import Path

import aiohttp
import pytest

from freehold import errors
from freehold.providers.embedded.process import Child, ChildFailed, LoadOptions
from freehold.wire.events import Finish, Stage, TextDelta
from tests.providers.embedded.asking import alive, asks, events_of, gone_within, text_of
from tests.providers.embedded.conftest import MakeProvider

pytestmark = pytest.mark.embedded

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


async def test_a_killed_parent_takes_the_child_along(tiny_model: Path) -> None:
    program = textwrap.dedent(
        """
        import asyncio, sys, time
        from freehold.providers.embedded.process import Child, LoadOptions

        async def main():
            child = await Child.start(LoadOptions(sys.argv[1], context_tokens=512))
            print(child.pid, flush=True)
            time.sleep(60)

        asyncio.run(main())
        """
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(tiny_model), stdout=subprocess.PIPE, stdin=subprocess.DEVNULL
    )
    assert parent.stdout is not None
    child_pid = int(await parent.stdout.readline())
    assert alive(child_pid)
    parent.send_signal(signal.SIGKILL)
    await parent.wait()
    assert await gone_within(child_pid, 2.0)


async def test_the_end_of_input_ends_the_child_on_every_system(tiny_model: Path) -> None:
    options = LoadOptions(str(tiny_model), context_tokens=512)
    child = await Child.start(options)
    assert child._process.stdin is not None
    child._process.stdin.close()
    assert await gone_within(child.pid, 2.0)
    assert await child.how_it_ended() == "exit code 0"
    await child.stop()


async def test_an_idle_model_is_unloaded_and_comes_back(make_provider: MakeProvider) -> None:
    provider = make_provider(idle_minutes=0.3 / 60)
    await events_of(provider, asks())
    pid = provider.child_pid
    assert pid is not None
    assert await gone_within(pid, 2.0)
    events = await events_of(provider, asks())
    assert events[0] == Stage("loading_model")
    assert provider.child_pid not in (None, pid)


async def test_a_model_in_use_is_not_idle(make_provider: MakeProvider) -> None:
    provider = make_provider(idle_minutes=0.2 / 60, context_tokens=32768)
    loaded: set[int | None] = set()
    until = asyncio.get_running_loop().time() + 1.0
    async with aclosing(provider.stream(asks(max_tokens=30_000))) as events:
        async for _ in events:
            loaded.add(provider.child_pid)
            if asyncio.get_running_loop().time() > until:
                break
    assert len(loaded - {None}) == 1


async def test_a_crash_is_an_error_and_the_next_answer_starts_anew(make_provider: MakeProvider) -> None:
    provider = make_provider(context_tokens=32768)

    async def killed_midway() -> None:
        async for event in provider.stream(asks(max_tokens=30_000)):
            if isinstance(event, TextDelta) and provider.child_pid is not None:
                os.kill(provider.child_pid, signal.SIGKILL)

    with pytest.raises(errors.ProviderUnreachable) as caught:
        await killed_midway()
    assert "signal 9" in caught.value.message
    assert caught.value.retryable
    assert caught.value.params["provider_id"] == "embedded"
    events = await events_of(provider, asks())
    assert text_of(events)
    assert isinstance(events[-1], Finish)


async def test_a_child_that_died_between_two_answers_is_no_error(make_provider: MakeProvider) -> None:
    provider = make_provider()
    await events_of(provider, asks())
    pid = provider.child_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert await gone_within(pid, 2.0)
    assert text_of(await events_of(provider, asks()))


async def test_closing_the_provider_ends_the_child(make_provider: MakeProvider) -> None:
    provider = make_provider()
    await events_of(provider, asks())
    pid = provider.child_pid
    assert pid is not None
    await provider.aclose()
    assert not alive(pid)


async def test_a_load_that_is_cancelled_leaves_no_process_behind(tiny_model: Path) -> None:
    before = _children()
    task = asyncio.create_task(Child.start(LoadOptions(str(tiny_model), context_tokens=512)))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for pid in _children() - before:
        assert await gone_within(pid, 2.0)


async def test_a_file_that_is_no_model_is_a_failed_start(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.gguf"
    wrong.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ChildFailed):
        await Child.start(LoadOptions(str(wrong), context_tokens=512))


async def test_the_port_answers_only_to_the_key_and_to_no_web_page(make_provider: MakeProvider) -> None:
    provider = make_provider()
    await events_of(provider, asks())
    child = provider._runner.child
    assert child is not None
    right = {"Authorization": f"Bearer {child.address.api_key}"}
    wrong = {"Authorization": f"Bearer {secrets.token_urlsafe(32)}"}
    chat = {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 1}
    async with aiohttp.ClientSession(child.address.base_url, headers={"Origin": "http://evil.example"}) as session:
        statuses = {}
        for name, headers in (("none", {}), ("wrong", wrong), ("right", right)):
            async with session.post("/v1/chat/completions", json=chat, headers=headers) as reply:
                statuses[name] = reply.status
                assert reply.headers.get("Access-Control-Allow-Origin") != "http://evil.example"
                assert reply.headers.get("Access-Control-Allow-Origin") != "*"
        for path in ("/slots", "/metrics"):
            async with session.get(path, headers=right) as reply:
                statuses[path] = reply.status
        async with session.get("/", headers=right) as reply:
            statuses["page"] = reply.status
    assert statuses == {"none": 401, "wrong": 401, "right": 200, "/slots": 501, "/metrics": 501, "page": 404}


@LINUX
async def test_the_key_and_our_secrets_are_in_no_list_of_processes(
    make_provider: MakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-for-children")
    provider = make_provider()
    await events_of(provider, asks())
    child = provider._runner.child
    assert child is not None
    shown = Path(f"/proc/{child.pid}/cmdline").read_bytes() + Path(f"/proc/{child.pid}/environ").read_bytes()
    assert child.address.api_key.encode() not in shown
    assert b"sk-not-for-children" not in shown


@LINUX
async def test_it_listens_on_loopback_alone(make_provider: MakeProvider) -> None:
    provider = make_provider()
    await events_of(provider, asks())
    child = provider._runner.child
    assert child is not None
    listening = [
        line.split()[1]
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
        if line.split()[3] == "0A" and int(line.split()[1].rpartition(":")[2], 16) == child.address.port
    ]
    assert listening == [f"0100007F:{child.address.port:04X}"]


def test_the_child_refuses_to_outlive_a_parent_that_is_gone_already(tiny_model: Path) -> None:
    launch = {"parent_pid": 1 << 22, "api_key": "k", "model_path": str(tiny_model)}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "freehold.providers.embedded.server"],
        input=json.dumps(launch).encode() + b"\n",
        capture_output=True,
        timeout=20,
        check=False,
    )
    assert done.stdout == b""


def _children() -> set[int]:
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
            if parent == os.getpid():
                found.add(int(entry.name))
    return found
