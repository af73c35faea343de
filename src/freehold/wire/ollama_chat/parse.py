"""Body of POST /api/chat -> canonical request. Source: Ollama, api/types.go (ChatRequest, Options)."""

from dataclasses import dataclass
from typing import Any, Literal

from freehold.wire.dialect import Parsed
from freehold.wire.fields import (
    boolean,
    integer,
    invalid,
    list_of,
    model_of,
    number,
    object_of,
    refuse_control,
    strings,
)
from freehold.wire.ollama_chat.messages import messages_of
from freehold.wire.openai_chat.parse import function_tool
from freehold.wire.request import ChatRequest, JsonObject, JsonSchema, Message, ReasoningEffort, Tool, Verbatim


@dataclass(frozen=True, slots=True)
class OllamaOptions:
    """`load`: nothing is asked but that the model be loaded, or unloaded with a `keep_alive` of 0; see `loaded`."""

    endpoint: Literal["chat", "generate"] = "chat"
    load: bool = False
    keep_alive: Any = None


# `keep_alive`, `truncate` and `shift` say how Ollama manages its memory: wishes.
SETTINGS = frozenset(("model", "stream", "format", "keep_alive", "options", "think", "truncate", "shift"))
_KNOWN = SETTINGS | {"messages", "tools"}
_EXTRA = frozenset((
    "top_k", "min_p", "typical_p", "repeat_last_n", "repeat_penalty", "presence_penalty", "frequency_penalty",
    "num_ctx", "num_keep",
))  # fmt: skip
_CANONICAL = frozenset(("temperature", "top_p", "num_predict", "stop", "seed"))
# How the model is run, or without any effect in today's Ollama.
_RUNNER = frozenset((
    "num_batch", "num_gpu", "main_gpu", "num_thread", "use_mmap", "use_mlock", "low_vram", "f16_kv", "vocab_only",
    "numa", "penalize_newline", "tfs_z",
))  # fmt: skip
_NEUTRAL: dict[str, float] = {
    "min_p": 0, "typical_p": 1, "repeat_penalty": 1, "presence_penalty": 0, "frequency_penalty": 0,
}  # fmt: skip
_THINK: dict[Any, ReasoningEffort] = {
    True: "medium", False: "off", "low": "low", "medium": "medium", "high": "high",
}  # fmt: skip


def parse(body: dict[str, Any]) -> Parsed[OllamaOptions]:
    """The canonical form; no messages ask for nothing but that the model be loaded. Raises InvalidRequest."""
    verbatim = [Verbatim(name) for name in sorted(body.keys() - _KNOWN) if body[name] not in (None, False, 0)]
    messages = messages_of(body.get("messages") or [])
    return parsed(body, messages, verbatim, endpoint="chat", load=not messages)


def parsed(
    body: dict[str, Any],
    messages: tuple[Message, ...],
    verbatim: list[Verbatim],
    *,
    endpoint: Literal["chat", "generate"],
    load: bool,
) -> Parsed[OllamaOptions]:
    """What both endpoints share. Ollama streams unless told not to."""
    refuse_control(body)
    options = object_of(body.get("options") or {}, "options")
    named = sorted(options.keys() - _EXTRA - _CANONICAL - _RUNNER)
    verbatim += [Verbatim(f"options.{name}") for name in named if options[name]]
    limit = integer(options, "num_predict", within="options.")
    request = ChatRequest(
        model=model_of(body),
        messages=messages,
        tools=_tools(body.get("tools")),
        response_format=_format(body.get("format")),
        temperature=number(options, "temperature", 0, "options."),
        top_p=number(options, "top_p", 0, "options."),
        max_tokens=limit if limit and limit > 0 else None,  # -1: no end, -2: until the context is full
        stop=strings(options.get("stop"), "options.stop"),
        seed=integer(options, "seed", within="options."),
        reasoning_effort=_effort(body.get("think")),
        extra=_extra(options),
        verbatim_only=tuple(verbatim),
    )
    stream = boolean(body, "stream")
    return Parsed(request, stream is not False, OllamaOptions(endpoint, load, body.get("keep_alive")))


def _extra(options: dict[str, Any]) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    for name in sorted(_EXTRA & options.keys()):
        value = number(options, name, within="options.")
        if value is not None and value != _NEUTRAL.get(name):
            extra[name] = value
    return extra


def _tools(value: Any) -> tuple[Tool, ...]:
    tools: list[Tool] = []
    for place, item in enumerate(list_of(value or [], "tools")):
        where = f"tools[{place}].function"
        tools.append(function_tool(object_of(object_of(item, where).get("function"), where), f"{where}."))
    return tuple(tools)


def _format(value: Any) -> JsonSchema | JsonObject | None:
    if value is None or value == "":
        return None
    if value == "json":
        return JsonObject()
    if not isinstance(value, dict):
        raise invalid("format", 'must be "json" or a JSON schema')
    return JsonSchema("answer", value)


def _effort(think: Any) -> ReasoningEffort | None:
    if think is None:
        return None
    if not isinstance(think, bool | str) or think not in _THINK:
        raise invalid("think", "must be true, false, low, medium or high")
    return _THINK[think]
