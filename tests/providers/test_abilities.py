"""What a provider's dialect cannot carry is refused by name, and what it can is written into the body."""

from typing import Any

import pytest

from freehold import errors
from freehold.providers import abilities, catalogue
from freehold.providers.anthropic.encode import encode as anthropic
from freehold.providers.base import ProviderConfig
from freehold.providers.gemini.encode import encode as gemini
from freehold.providers.openai_compatible.encode import encode as openai
from freehold.wire.request import (
    Audio,
    CachePoint,
    ChatRequest,
    Document,
    Image,
    JsonObject,
    Message,
    Part,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    Verbatim,
)

TOOL = Tool("look", "Looks.", {"type": "object"}, strict=True)
PDF = Document(b"pdf", "application/pdf", "a.pdf")
SOUND = Audio(b"wav", "audio/wav")
PICTURE = Image(b"png", "image/png")
SHOWN = ToolResult("c1", (Text("see"), PICTURE))


def ask(*parts: Part, **fields: Any) -> ChatRequest:
    return ChatRequest("m", (Message("user", (Text("Hi"), *parts)),), **fields)


REQUESTS = {
    "documents": ask(PDF),
    "audio": ask(SOUND),
    "tool_choice": ask(tools=(TOOL,), tool_choice="required"),
    "parallel_tool_calls": ask(tools=(TOOL,), parallel_tool_calls=False),
    "logit_bias": ask(extra={"logit_bias": {"1": 1}}),
    "n": ask(verbatim_only=(Verbatim("n", "Once for each."),)),
}
REFUSED = {
    "openai": {"n"},
    "anthropic": {"audio", "logit_bias", "n"},
    "gemini": {"parallel_tool_calls", "logit_bias", "n"},
    "ollama": {"documents", "audio", "tool_choice", "parallel_tool_calls", "logit_bias", "n"},
}


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize("need", REQUESTS)
def test_needs_are_met_or_refused_by_name(kind: str, need: str) -> None:
    config = ProviderConfig("p", kind, "The Provider")
    if need not in REFUSED[kind]:
        abilities.require(config, REQUESTS[need])
        return
    with pytest.raises(errors.ModelCannot) as caught:
        abilities.require(config, REQUESTS[need])
    assert caught.value.params["ability"] == need
    assert "The Provider" in caught.value.message
    assert caught.value.next_step.startswith("Once for each." if need == "n" else ("Leave", "Pick"))


def test_a_wish_is_never_refused() -> None:
    wishes = ask(CachePoint(), seed=1, reasoning_effort="high", extra={"num_ctx": 4096})
    for kind in REFUSED:
        abilities.require(ProviderConfig("p", kind, "P"), wishes)


def test_files_sound_and_shown_results_at_openai() -> None:
    request = ChatRequest("gpt-4o", (Message("user", (PDF, SOUND)), Message("tool", (SHOWN,))), tools=(TOOL,))
    body = openai(request, catalogue.vendors()["openai"].quirks, catalogue.card_for("openai", "gpt-4o"))
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,cG5n"}}
    assert body["messages"] == [
        {
            "role": "user",
            "content": [
                {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,cGRm"}},
                {"type": "input_audio", "input_audio": {"data": "d2F2", "format": "wav"}},
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "see"},
        {"role": "user", "content": [image]},
    ]
    assert body["tools"][0]["function"]["strict"] is True


def test_files_shown_results_and_cache_points_at_anthropic() -> None:
    model = "claude-sonnet-4-5"
    system = Message("system", (Text("Long."), CachePoint("1h")))
    history = (system, Message("user", (PDF, CachePoint())), Message("tool", (SHOWN,)))
    body = anthropic(
        ChatRequest(model, history, tools=(TOOL,), parallel_tool_calls=False, response_format=JsonObject()),
        catalogue.card_for("anthropic", model),
    )
    assert body["system"][0] == {"type": "text", "text": "Long.", "cache_control": {"type": "ephemeral", "ttl": "1h"}}
    assert "JSON object" in body["system"][1]["text"]
    source = {"type": "base64", "media_type": "application/pdf", "data": "cGRm"}
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "cG5n"}}
    assert body["messages"][0]["content"] == [
        {"type": "document", "source": source, "title": "a.pdf", "cache_control": {"type": "ephemeral"}},
        {"type": "tool_result", "tool_use_id": "c1", "content": [{"type": "text", "text": "see"}, image]},
    ]
    assert body["tool_choice"] == {"disable_parallel_tool_use": True, "type": "auto"}


def test_files_sound_and_shown_results_at_gemini() -> None:
    model = "gemini-2.5-flash"
    called = Message("assistant", (ToolCall("c1", "look", "{}"),))
    request = ChatRequest(model, (Message("user", (PDF, SOUND)), called, Message("tool", (SHOWN,))), extra={"top_k": 3})
    body = gemini(request, catalogue.card_for("gemini", model))
    assert body["contents"][0]["parts"] == [
        {"inlineData": {"mimeType": "application/pdf", "data": "cGRm"}},
        {"inlineData": {"mimeType": "audio/wav", "data": "d2F2"}},
    ]
    assert body["contents"][2]["parts"] == [
        {"functionResponse": {"name": "look", "response": {"result": "see"}}},
        {"inlineData": {"mimeType": "image/png", "data": "cG5n"}},
    ]
    assert body["generationConfig"]["topK"] == 3
