"""The built-in model with the real engine: answers, limits, refusals."""

import asyncio
import json
import sys
import time
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from freehold import errors
from freehold.providers.embedded import machine
from freehold.wire.events import Finish, Stage, TextDelta, Usage
from freehold.wire.request import Image, JsonSchema, Message, Text, Tool, ToolCall, ToolResult
from tests.providers.embedded.asking import asks, events_of, text_of
from tests.providers.embedded.conftest import MakeProvider
from tests.providers.embedded.tiny_model import write_tiny_model

pytestmark = pytest.mark.embedded

TITLE = {
    "type": "object",
    "properties": {"title": {"type": "string", "maxLength": 20}},
    "required": ["title"],
    "additionalProperties": False,
}


async def test_an_answer_has_stages_text_usage_and_one_finish(make_provider: MakeProvider) -> None:
    events = await events_of(make_provider(), asks(max_tokens=5))
    kinds = [type(event) for event in events]
    assert events[0] == Stage("loading_model")
    assert Stage("reading_prompt", 1.0) in events
    assert text_of(events)
    assert isinstance(events[-2], Usage)
    assert events[-2].output_tokens == 5
    assert events[-2].input_tokens > 5
    assert events[-1] == Finish("length")
    assert kinds.count(Finish) == 1


async def test_the_second_answer_needs_no_loading(make_provider: MakeProvider) -> None:
    provider = make_provider()
    await events_of(provider, asks())
    assert Stage("loading_model") not in await events_of(provider, asks())


async def test_a_stop_sequence_ends_the_answer_before_it(make_provider: MakeProvider) -> None:
    provider = make_provider()
    whole = text_of(await events_of(provider, asks(max_tokens=24)))
    stop = whole[len(whole) // 2 :][:3]
    events = await events_of(provider, asks(max_tokens=24, stop=(stop,)))
    assert stop in whole
    assert text_of(events) == whole[: whole.index(stop)]
    assert events[-1] == Finish("stop")


async def test_a_json_schema_binds_even_a_model_that_talks_nonsense(make_provider: MakeProvider) -> None:
    request = asks(response_format=JsonSchema("title", TITLE), max_tokens=200)
    events = await events_of(make_provider(), request)
    jsonschema.validate(json.loads(text_of(events)), TITLE)
    assert events[-1] == Finish("stop")


async def test_closing_the_stream_stops_the_computing(make_provider: MakeProvider) -> None:
    provider = make_provider(context_tokens=32768)
    endless = asks(max_tokens=30_000)
    seen = 0
    async with aclosing(provider.stream(endless)) as events:
        async for event in events:
            seen += isinstance(event, TextDelta)
            if seen == 50:
                break
    # One slot: were the first answer still computed, this one would wait for the other 29,950 tokens: minutes.
    started = time.monotonic()
    await events_of(provider, asks(max_tokens=1))
    assert time.monotonic() - started < 2.0


async def test_a_second_request_waits_and_says_so(make_provider: MakeProvider) -> None:
    provider = make_provider()
    answers = await asyncio.gather(events_of(provider, asks(max_tokens=50)), events_of(provider, asks(max_tokens=50)))
    # either may be the second: both look at the disk first
    waited = [events for events in answers if Stage("queued") in events]
    assert [events[0] for events in waited] == [Stage("queued")]
    assert all(isinstance(events[-1], Finish) for events in answers)


async def test_tools_and_images_are_refused_before_anything_is_loaded(make_provider: MakeProvider) -> None:
    provider = make_provider()
    with pytest.raises(errors.ModelCannot) as tools:
        await events_of(provider, asks(tools=(Tool("clock", "Tells the time", {"type": "object"}),)))
    seen = Message("user", (Text("what is it?"), Image(b"\x89PNG", "image/png")))
    with pytest.raises(errors.ModelCannot) as images:
        await events_of(provider, replace(asks(), messages=(seen,)))
    assert tools.value.params["ability"] == "tools"
    assert images.value.params == {
        "ability": "vision", "model": "tiny", "provider": "Built-in model", "provider_id": "embedded",
    }  # fmt: skip


async def test_a_chat_with_tool_calls_of_another_model_goes_on_in_words(make_provider: MakeProvider) -> None:
    history = (
        Message("user", (Text("What time is it?"),)),
        Message("assistant", (ToolCall("1", "clock", "{}"),)),
        Message("tool", (ToolResult("1", "12:00"),)),
        Message("user", (Text("Thanks."),)),
    )
    events = await events_of(make_provider(), replace(asks(max_tokens=2), messages=history))
    assert isinstance(events[-1], Finish)


async def test_a_chat_longer_than_the_context_is_named_as_such(make_provider: MakeProvider) -> None:
    provider = make_provider(context_tokens=256)
    with pytest.raises(errors.ContextTooLong) as caught:
        await events_of(provider, asks("w1 " * 1000))
    assert caught.value.params["context_tokens"] == 256
    assert caught.value.params["input_tokens"] > 1000
    # and the model is not reloaded for it
    assert Stage("loading_model") not in await events_of(provider, asks())


async def test_a_model_that_is_not_here_says_what_to_do(make_provider: MakeProvider) -> None:
    provider = make_provider()
    with pytest.raises(errors.ModelNotInstalled) as offered:
        await events_of(provider, asks(model="smollm2-135m-instruct"))
    with pytest.raises(errors.ModelNotFound):
        await events_of(provider, asks(model="no-such-model"))
    assert offered.value.params["model"] == "smollm2-135m-instruct"


async def test_a_cut_off_file_is_an_error_with_a_next_step(
    make_provider: MakeProvider, data_dir: Path, tiny_model: Path
) -> None:
    whole = tiny_model.read_bytes()
    (data_dir / "models" / "cut.gguf").write_bytes(whole[: len(whole) * 3 // 4])
    provider = make_provider()
    with pytest.raises(errors.ProviderError) as caught:
        await events_of(provider, asks(model="cut"))
    assert "could not be loaded" in caught.value.message
    assert "damaged" in caught.value.next_step
    assert text_of(await events_of(provider, asks()))  # the good one still answers


async def test_the_parent_never_imports_the_engine(
    make_provider: MakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "xllamacpp", raising=False)  # another test may have read every module there is
    await events_of(make_provider(), asks())
    assert "xllamacpp" not in sys.modules


async def test_the_list_holds_what_is_here_and_what_can_be_fetched(make_provider: MakeProvider, data_dir: Path) -> None:
    (data_dir / "models" / "notes.gguf").write_text("no model at all")
    cards = {card.id: card for card in await make_provider().list_models()}
    assert cards["tiny"].installed
    assert cards["tiny"].demonstration
    assert cards["tiny"].context_tokens == 2048
    assert not cards["smollm2-135m-instruct"].installed
    assert cards["smollm2-135m-instruct"].demonstration
    assert not cards["phi-3.5-mini-instruct"].demonstration
    assert "notes" not in cards


async def test_a_file_named_by_the_settings_comes_first_and_is_not_deleted(
    make_provider: MakeProvider, tmp_path: Path
) -> None:
    elsewhere = write_tiny_model(tmp_path / "mine.gguf", name="Mine")
    provider = make_provider(model_path=elsewhere)
    status = await provider.status()
    assert status.state == "ready"
    assert (status.models[0].id, status.models[0].name) == ("mine", "Mine")
    with pytest.raises(errors.Conflict):
        await provider.delete_model("mine")
    assert elsewhere.exists()


async def test_deleting_a_loaded_model_unloads_it(make_provider: MakeProvider, data_dir: Path) -> None:
    provider = make_provider()
    await events_of(provider, asks())
    await provider.delete_model("tiny")
    assert not (data_dir / "models" / "tiny.gguf").exists()
    assert provider.child_pid is None
    with pytest.raises(errors.ModelNotFound):
        await provider.delete_model("tiny")


async def test_check_tries_a_real_answer(make_provider: MakeProvider) -> None:
    report = await make_provider().check()
    assert report.tried_model == "tiny"
    assert report.streamed
    assert report.latency_ms > 0


async def test_status_of_an_empty_folder(make_provider: MakeProvider, tmp_path: Path) -> None:
    provider = make_provider(tmp_path / "elsewhere")
    status = await provider.status()
    assert status.state == "not_downloaded"
    first, *others = status.models
    assert (first.id, first.languages) == ("smollm2-135m-instruct", ("en",))
    assert next(model for model in others if "zh" in model.languages).id == "qwen2.5-0.5b-instruct"
    with pytest.raises(errors.ModelNotInstalled):
        await provider.check()


async def test_without_the_wheel_the_product_says_so(
    make_provider: MakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)  # as the import system marks what is not there
    machine.engine_installed.cache_clear()
    try:
        provider = make_provider()
        status = await provider.status()
        assert status.state == "not_installed"
        assert "pip install" in str(status.reason)
        assert await provider.list_models() == []
        with pytest.raises(errors.ProviderError) as caught:
            await events_of(provider, asks())
        assert "xllamacpp" in caught.value.message
    finally:
        machine.engine_installed.cache_clear()
