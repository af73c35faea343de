"""Body of POST /v1/responses -> canonical request (https://platform.openai.com/docs/api-reference/responses/create)."""

from dataclasses import dataclass, field
from typing import Any

from freehold.wire.dialect import Parsed
from freehold.wire.fields import (
    boolean,
    integer,
    invalid,
    list_of,
    model_of,
    number,
    object_of,
    optional_text,
    refuse_control,
    strings,
    text_of,
)
from freehold.wire.openai_chat.parse import allowed_tools, effort_of, function_tool, json_schema, named_tool
from freehold.wire.openai_responses.items import messages_of
from freehold.wire.request import ChatRequest, JsonObject, JsonSchema, Message, ReasoningEffort, Text, Tool, Verbatim


@dataclass(frozen=True, slots=True)
class ResponseOptions:
    """`echo`: what a response repeats of its request."""

    echo: dict[str, Any] = field(default_factory=dict)


_READ = frozenset((
    "model", "input", "instructions", "stream", "tools", "tool_choice", "parallel_tool_calls", "text", "reasoning",
    "temperature", "top_p", "max_output_tokens", "top_logprobs", "include", "store",
))  # fmt: skip
# Labels for the provider's own books, and wishes about speed, length and caching.
_WISHES = frozenset((
    "user", "metadata", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "prompt_cache_options",
    "service_tier", "stream_options", "truncation", "max_tool_calls",
))  # fmt: skip
_STORED = {
    "previous_response_id": "Send the whole conversation as `input`.",
    "conversation": "Send the whole conversation as `input`.",
    "prompt": "Send the text itself as `instructions` and `input`.",
    "background": "Leave it out, and stream the answer.",
}
_KNOWN = _READ | _WISHES | _STORED.keys()
_ECHOED: dict[str, Any] = {
    "instructions": None, "max_output_tokens": None, "metadata": {}, "parallel_tool_calls": True, "temperature": 1.0,
    "text": {"format": {"type": "text"}}, "tool_choice": "auto", "tools": [], "top_p": 1.0, "truncation": "disabled",
    "reasoning": {"effort": None, "summary": None}, "user": None,
}  # fmt: skip


def parse(body: dict[str, Any]) -> Parsed[ResponseOptions]:
    """The canonical form. Raises InvalidRequest with the path of the first wrong field."""
    refuse_control(body)
    model = model_of(body)
    for name, next_step in _STORED.items():
        if body.get(name):
            raise invalid(name, "needs responses that are kept, and this server keeps none", next_step=next_step)
    verbatim = [Verbatim(name) for name in sorted(body.keys() - _KNOWN) if body[name] is not None]
    if integer(body, "top_logprobs", 0):
        verbatim.append(Verbatim("top_logprobs"))
    for wanted in strings(body.get("include"), "include"):
        if wanted != "reasoning.encrypted_content":  # which is always there
            verbatim.append(Verbatim("include"))
    tools, choice = _choice(body.get("tool_choice"), _tools(body.get("tools")))
    instructions = optional_text(body, "instructions")
    system = (Message("system", (Text(instructions),)),) if instructions else ()
    request = ChatRequest(
        model=model,
        messages=(*system, *messages_of(body.get("input"), verbatim)),
        tools=tools,
        tool_choice=choice,
        parallel_tool_calls=boolean(body, "parallel_tool_calls") if tools else None,
        response_format=_response_format(body.get("text")),
        temperature=number(body, "temperature", 0),
        top_p=number(body, "top_p", 0),
        max_tokens=integer(body, "max_output_tokens", 1),
        reasoning_effort=_effort(body.get("reasoning")),
        verbatim_only=tuple(verbatim),
    )
    boolean(body, "store")
    echo = {name: default if body.get(name) is None else body[name] for name, default in _ECHOED.items()}
    return Parsed(request, bool(boolean(body, "stream")), ResponseOptions(echo))


def _tools(value: Any) -> tuple[Tool, ...]:
    tools: list[Tool] = []
    for place, item in enumerate(list_of(value or [], "tools")):
        where = f"tools[{place}]"
        given = object_of(item, where)
        if given.get("type") != "function":
            raise invalid(
                f"{where}.type",
                "must be function; OpenAI's built-in tools run at OpenAI alone",
                next_step="Send a function of your own, or call the provider itself.",
            )
        tools.append(function_tool(given, f"{where}."))
    return tuple(tools)


def _choice(value: Any, tools: tuple[Tool, ...]) -> tuple[tuple[Tool, ...], str | None]:
    if value is None or (isinstance(value, str) and value in ("auto", "none", "required")):
        return tools, value
    choice = object_of(value, "tool_choice") if not isinstance(value, str) else {}
    match choice.get("type"):
        case "function":
            return tools, named_tool(text_of(choice.get("name"), "tool_choice.name"), tools, "tool_choice.name")
        case "allowed_tools":
            return allowed_tools(choice, tools, "tool_choice")
        case _:
            raise invalid("tool_choice", "must be auto, none, required or name a function")


def _response_format(value: Any) -> JsonSchema | JsonObject | None:
    wanted = object_of(value or {}, "text").get("format")
    if wanted is None:
        return None
    described = object_of(wanted, "text.format")
    match described.get("type"):
        case "text":
            return None
        case "json_object":
            return JsonObject()
        case "json_schema":
            return json_schema(described, "text.format.")
        case _:
            raise invalid("text.format.type", "must be text, json_object or json_schema")


def _effort(value: Any) -> ReasoningEffort | None:
    word = optional_text(object_of(value or {}, "reasoning"), "effort", "reasoning.")
    return None if word is None else effort_of(word, "reasoning.effort")
