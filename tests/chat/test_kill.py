"""kill -9 in the middle of an answer: everything that was shown is there after the restart, and can be continued."""

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from freehold.chat.fold import fold
from tests.chat.browser_like import Client
from tests.services.freehold_server import FreeholdServer

ANSWER = "/tokens 1000 2ms"
"""Two seconds at least, longer than anyone here lives."""


def text_of(parts: list[dict[str, Any]]) -> str:
    return "".join(part["text"] for part in parts if part["type"] == "text")


def die_and_come_back(server: FreeholdServer, client: Client, after_s: float) -> None:
    thread_id = client.new_thread()
    shown: list[dict[str, Any]] = []
    dies_at = 0.0
    for seq, event in client.send(thread_id, ANSWER):
        if seq is None:
            continue
        shown.append(event)
        assert event["type"] != "finish", "it was to die before"
        dies_at = dies_at or time.monotonic() + after_s
        if dies_at and time.monotonic() > dies_at and server.process is not None:
            server.kill()  # what is in the socket's buffer was shown, too: read on to the end
    seen = text_of(fold([], shown))
    server.start()

    detail = client.call("GET", f"/api/threads/{thread_id}")
    asked, answered = detail["messages"]
    assert asked["parts"][0]["text"] == ANSWER
    assert answered["status"] == "interrupted"
    assert text_of(answered["parts"]).startswith(seen)
    assert not detail["thread"]["generating"]
    assert detail["thread"]["title"] == ANSWER, "it has a name though its first answer never ended"

    kept = text_of(answered["parts"])
    turn = client.turn(thread_id, kind="continue", message_id=answered["id"])
    more = [event for _, event in turn]
    assert text_of(more[0]["message"]["parts"]) == kept
    assert more[-1]["type"] == "finish"
    assert more[-1]["message"]["status"] == "complete", more[-1]["message"]["error"]
    assert text_of(more[-1]["message"]["parts"]).startswith(kept)


@pytest.fixture
def new_server(tmp_path: Path) -> Iterator[Callable[[str], FreeholdServer]]:
    servers: list[FreeholdServer] = []

    def start(name: str) -> FreeholdServer:
        server = FreeholdServer(tmp_path / name)
        servers.append(server)
        server.data_dir.mkdir()
        server.start()
        return server

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def server(new_server: Callable[[str], FreeholdServer]) -> FreeholdServer:
    return new_server("data")


def test_three_deaths(server: FreeholdServer) -> None:
    client = Client(server.url)
    for after_s in (0.0, 0.3, 0.9):
        die_and_come_back(server, client, after_s)


@pytest.mark.proof
@pytest.mark.timeout(600)
@pytest.mark.parametrize("round_number", range(5))
def test_two_hundred_deaths(new_server: Callable[[str], FreeholdServer], round_number: int) -> None:
    """Ten in each round on each of four servers, side by side: most of a death is waiting."""

    def die_again_and_again(number: int) -> None:
        server = new_server(f"data-{number}")
        client = Client(server.url)
        chance = random.Random(4 * round_number + number)
        for _ in range(10):
            die_and_come_back(server, client, chance.uniform(0, 1.2))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(die_again_and_again, range(4)))


def test_a_stop_in_order_saves_answers_as_interrupted(server: FreeholdServer) -> None:
    client = Client(server.url)
    thread_id = client.new_thread()
    stream = client.send(thread_id, "/tokens 3000 2ms")
    shown = [next(stream)[1] for _ in range(20)]
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < 10
    last = [event for _, event in stream]
    assert last[-1]["type"] == "finish", "the reader is told before the server goes"
    assert last[-1]["message"]["status"] == "interrupted"
    server.start()
    message = client.call("GET", f"/api/threads/{thread_id}")["messages"][-1]
    assert message["status"] == "interrupted"
    assert message["parts"] == fold([], [*shown[1:], *last])
