"""Body of POST /v1/messages and /v1/messages/count_tokens -> canonical request (https://docs.anthropic.com/en/api/messages)."""

from dataclasses import dataclass
from typing import Any

from freehold.wire.anthropic_messages.messages import messages_of
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
from freehold.wire.request import ChatRequest, JsonSchema, ReasoningEffort, Tool, Verbatim


@dataclass(frozen=True, slots=True)
class MessageOptions:
    """Nothing of this dialect changes the form of its answers."""


_READ = frozenset((
    "model", "messages", "system", "max_tokens", "stream", "tools", "tool_choice", "temperature", "top_p", "top_k",
    "stop_sequences", "thinking", "output_config", "output_format",
))  # fmt: skip
_WISHES = frozenset(("metadata", "service_tier", "inference_geo", "cache_control"))
_KNOWN = _READ | _WISHES
_EFFORTS: dict[str, ReasoningEffort] = {
    "low": "low", "medium": "medium", "high": "high", "xhigh": "high", "max": "high",
}  # fmt: skip
_LOW_BUDGET, _MEDIUM_BUDGET = 4096, 16384
"""Thinking tokens up to which a budget counts as low or medium effort, where a provider knows efforts alone."""


def parse(body: dict[str, Any]) -> Parsed[MessageOptions]:
    """The canonical form. Raises InvalidRequest with the path of the first wrong field."""
    return Parsed(_request(body, needs_max_tokens=True), bool(boolean(body, "stream")), MessageOptions())


def parse_count(body: dict[str, Any]) -> ChatRequest:
    """The request whose tokens are to be counted; it has no max_tokens. Raises InvalidRequest."""
    return _request(body, needs_max_tokens=False)


def count_reply(input_tokens: int) -> dict[str, Any]:
    """The answer of count_tokens."""
    return {"input_tokens": input_tokens}


def _request(body: dict[str, Any], *, needs_max_tokens: bool) -> ChatRequest:
    refuse_control(body)
    model = model_of(body)
    verbatim = [Verbatim(name) for name in sorted(body.keys() - _KNOWN) if body[name] is not None]
    max_tokens = integer(body, "max_tokens", 1)
    if max_tokens is None and needs_max_tokens:
        raise invalid("max_tokens", "is missing; Anthropic's API demands it")
    tools = _tools(body.get("tools"), verbatim)
    choice, parallel = _choice(body.get("tool_choice"), tools, verbatim)
    top_k = integer(body, "top_k", 0)
    return ChatRequest(
        model=model,
        messages=messages_of(body.get("system"), body.get("messages"), verbatim),
        tools=tools,
        tool_choice=choice,
        parallel_tool_calls=parallel,
        response_format=_response_format(body),
        temperature=number(body, "temperature", 0),
        top_p=number(body, "top_p", 0),
        max_tokens=max_tokens,
        stop=strings(body.get("stop_sequences"), "stop_sequences"),
        reasoning_effort=_effort(body),
        extra={"top_k": top_k} if top_k else {},
        verbatim_only=tuple(verbatim),
    )


def _tools(value: Any, verbatim: list[Verbatim]) -> tuple[Tool, ...]:
    tools: list[Tool] = []
    for place, item in enumerate(list_of(value or [], "tools")):
        where = f"tools[{place}]"
        given = object_of(item, where)
        if given.get("type") not in (None, "custom"):  # Anthropic runs it
            verbatim.append(Verbatim(where, "Send tools of your own, with `input_schema`."))
            continue
        tools.append(
            Tool(
                name=text_of(given.get("name"), f"{where}.name"),
                description=optional_text(given, "description", f"{where}.") or "",
                parameters=object_of(given.get("input_schema"), f"{where}.input_schema"),
                strict=boolean(given, "strict", f"{where}."),
            )
        )
    return tuple(tools)


def _choice(value: Any, tools: tuple[Tool, ...], verbatim: list[Verbatim]) -> tuple[str | None, bool | None]:
    """The canonical choice, and whether several calls at once are allowed."""
    if value is None:
        return None, None
    choice = object_of(value, "tool_choice")
    parallel = False if boolean(choice, "disable_parallel_tool_use", "tool_choice.") else None
    match choice.get("type"):
        case "auto" | "none" as kind:
            return kind, parallel
        case "any":
            return "required", parallel
        case "tool":
            name = text_of(choice.get("name"), "tool_choice.name")
            if all(tool.name != name for tool in tools) and not verbatim:  # it may be one that Anthropic runs
                raise invalid("tool_choice.name", f"names {name!r}, which is not among the tools")
            return name, parallel
        case _:
            raise invalid("tool_choice.type", "must be auto, any, tool or none")


def _response_format(body: dict[str, Any]) -> JsonSchema | None:
    """https://docs.anthropic.com/en/docs/build-with-claude/structured-outputs"""
    within = "output_config.format"
    wanted = object_of(body.get("output_config") or {}, "output_config").get("format")
    if wanted is None:
        within, wanted = "output_format", body.get("output_format")
    if wanted is None:
        return None
    described = object_of(wanted, within)
    if described.get("type") != "json_schema":
        raise invalid(f"{within}.type", "must be json_schema")
    return JsonSchema("answer", object_of(described.get("schema"), f"{within}.schema"))


def _effort(body: dict[str, Any]) -> ReasoningEffort | None:
    word = optional_text(object_of(body.get("output_config") or {}, "output_config"), "effort", "output_config.")
    if word is not None and word not in _EFFORTS:
        raise invalid("output_config.effort", f"must be one of {', '.join(_EFFORTS)}")
    if body.get("thinking") is None:
        return None
    thinking = object_of(body["thinking"], "thinking")
    match thinking.get("type"):
        case "disabled":
            return "off"
        case "adaptive":
            return _EFFORTS[word] if word else "high"
        case "enabled":
            budget = integer(thinking, "budget_tokens", 1024, "thinking.")
            if budget is None:
                raise invalid("thinking.budget_tokens", "is missing")
            return "low" if budget <= _LOW_BUDGET else "medium" if budget <= _MEDIUM_BUDGET else "high"
        case _:
            raise invalid("thinking.type", "must be enabled, disabled or adaptive")
