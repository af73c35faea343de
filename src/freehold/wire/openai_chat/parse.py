"""Body of POST /v1/chat/completions -> canonical request (https://platform.openai.com/docs/api-reference/chat/create)."""

from dataclasses import dataclass
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
from freehold.wire.openai_chat.messages import messages_of
from freehold.wire.request import ChatRequest, JsonObject, JsonSchema, ReasoningEffort, Tool, Verbatim


@dataclass(frozen=True, slots=True)
class ChatOptions:
    """`include_usage`: the client wants the chunk with the counts at the end of its stream."""

    include_usage: bool = False


EFFORTS: dict[str, ReasoningEffort] = {
    "none": "off",
    "off": "off",
    "minimal": "low",
    "low": "low",
    "medium": "medium",
    "high": "high",
    "xhigh": "high",
    "max": "high",
}

# Sampling beside the canonical fields, and the value that changes nothing and is left out.
_SAMPLING: dict[str, Any] = {
    "frequency_penalty": 0, "presence_penalty": 0, "top_k": None, "min_p": 0, "top_a": 0, "typical_p": 1,
    "min_tokens": 0, "repeat_penalty": 1, "repetition_penalty": 1,
}  # fmt: skip
_READ = frozenset((
    "model", "messages", "stream", "stream_options", "tools", "tool_choice", "parallel_tool_calls", "response_format",
    "temperature", "top_p", "max_tokens", "max_completion_tokens", "stop", "seed", "reasoning_effort", "reasoning", "n",
    "logprobs", "top_logprobs", "modalities", "logit_bias", *_SAMPLING,
))  # fmt: skip
# Labels for the provider's own books, and wishes about speed and length: where they cannot go, the answer is the same.
_WISHES = frozenset((
    "user", "metadata", "store", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "service_tier",
    "verbosity", "prediction",
))  # fmt: skip
_KNOWN = _READ | _WISHES


def parse(body: dict[str, Any]) -> Parsed[ChatOptions]:
    """The canonical form. Raises InvalidRequest with the path of the first wrong field."""
    refuse_control(body)
    model = model_of(body)
    for old, new in (("functions", "tools"), ("function_call", "tool_choice")):
        if body.get(old) is not None:
            raise invalid(old, f"has been replaced by {new} at OpenAI", next_step=f"Send `{new}` instead.")
    verbatim = [Verbatim(name) for name in sorted(body.keys() - _KNOWN) if body[name] is not None]
    tools, choice = _tools(body, verbatim)
    _answers(body, verbatim)
    request = ChatRequest(
        model=model,
        messages=messages_of(body.get("messages"), verbatim),
        tools=tools,
        tool_choice=choice,
        parallel_tool_calls=boolean(body, "parallel_tool_calls") if tools else None,
        response_format=_response_format(body.get("response_format")),
        temperature=number(body, "temperature", 0),
        top_p=number(body, "top_p", 0),
        max_tokens=_max_tokens(body),
        stop=strings(body.get("stop"), "stop"),
        seed=integer(body, "seed"),
        reasoning_effort=_effort(body),
        extra=_sampling(body),
        verbatim_only=tuple(verbatim),
    )
    return Parsed(request, bool(boolean(body, "stream")), ChatOptions(_include_usage(body)))


def _include_usage(body: dict[str, Any]) -> bool:
    options = body.get("stream_options")
    if options is None:
        return False
    if not body.get("stream"):
        raise invalid("stream_options", "goes with stream: true alone")
    return bool(boolean(object_of(options, "stream_options"), "include_usage", "stream_options."))


def _max_tokens(body: dict[str, Any]) -> int | None:
    newer = integer(body, "max_completion_tokens", 1)
    return integer(body, "max_tokens", 1) if newer is None else newer


def _answers(body: dict[str, Any], verbatim: list[Verbatim]) -> None:
    """Several answers, log probabilities and spoken answers exist in this dialect alone."""
    if (integer(body, "n", 1) or 1) > 1:
        verbatim.append(Verbatim("n", "Send the request once for each answer, or name a model of OpenAI's own API."))
    if boolean(body, "logprobs") or integer(body, "top_logprobs", 0):
        verbatim.append(Verbatim("logprobs"))
    if any(kind != "text" for kind in strings(body.get("modalities"), "modalities")):
        verbatim.append(Verbatim("modalities"))


def _sampling(body: dict[str, Any]) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    for name in _SAMPLING.keys() & body.keys():
        value = number(body, name)
        if value is None or value == _SAMPLING[name] or (name == "top_k" and value <= 0):
            continue
        extra["repeat_penalty" if name == "repetition_penalty" else name] = value
    if body.get("logit_bias"):
        extra["logit_bias"] = object_of(body["logit_bias"], "logit_bias")
    return extra


def _effort(body: dict[str, Any]) -> ReasoningEffort | None:
    field, word = "reasoning_effort", optional_text(body, "reasoning_effort")
    if word is None and body.get("reasoning") is not None:  # as OpenRouter has it
        reasoning = object_of(body["reasoning"], "reasoning")
        if boolean(reasoning, "enabled", "reasoning.") is False:
            return "off"
        field, word = "reasoning.effort", optional_text(reasoning, "effort", "reasoning.")
    return None if word is None else effort_of(word, field)


def effort_of(word: str, field: str) -> ReasoningEffort:
    if word not in EFFORTS:
        raise invalid(field, f"must be one of {', '.join(EFFORTS)}")
    return EFFORTS[word]


def _response_format(value: Any) -> JsonSchema | JsonObject | None:
    if value is None:
        return None
    wanted = object_of(value, "response_format")
    match wanted.get("type"):
        case "text":
            return None
        case "json_object":
            return JsonObject()
        case "json_schema":
            return json_schema(
                object_of(wanted.get("json_schema"), "response_format.json_schema"), "response_format.json_schema."
            )
        case _:
            raise invalid("response_format.type", "must be text, json_object or json_schema")


def json_schema(described: dict[str, Any], within: str) -> JsonSchema:
    """`name`, `schema`, `description` and `strict` of a structured answer."""
    return JsonSchema(
        name=text_of(described.get("name"), f"{within}name"),
        schema=object_of(described.get("schema"), f"{within}schema"),
        description=optional_text(described, "description", within),
        strict=boolean(described, "strict", within),
    )


def _tools(body: dict[str, Any], verbatim: list[Verbatim]) -> tuple[tuple[Tool, ...], str | None]:
    tools: list[Tool] = []
    for place, item in enumerate(list_of(body.get("tools") or [], "tools")):
        where = f"tools[{place}]"
        given = object_of(item, where)
        if given.get("type", "function") != "function":
            verbatim.append(Verbatim(where, "Send tools of type function."))
            continue
        tools.append(function_tool(object_of(given.get("function"), f"{where}.function"), f"{where}.function."))
    return _choice(body.get("tool_choice"), tuple(tools), verbatim)


def function_tool(function: dict[str, Any], within: str) -> Tool:
    """`name`, `description`, `parameters` and `strict` of a function."""
    parameters = function.get("parameters")
    return Tool(
        name=text_of(function.get("name"), f"{within}name"),
        description=optional_text(function, "description", within) or "",
        parameters={"type": "object", "properties": {}}
        if parameters is None
        else object_of(parameters, f"{within}parameters"),
        strict=boolean(function, "strict", within),
    )


def _choice(value: Any, tools: tuple[Tool, ...], verbatim: list[Verbatim]) -> tuple[tuple[Tool, ...], str | None]:
    if value is None or (isinstance(value, str) and value in ("auto", "none", "required")):
        return tools, value
    choice = object_of(value, "tool_choice") if not isinstance(value, str) else {}
    match choice.get("type"):
        case "function":
            function = object_of(choice.get("function"), "tool_choice.function")
            return tools, named_tool(text_of(function.get("name"), "tool_choice.function.name"), tools, "tool_choice")
        case "allowed_tools":
            allowed = object_of(choice.get("allowed_tools"), "tool_choice.allowed_tools")
            return allowed_tools(allowed, tools, "tool_choice.allowed_tools")
        case "custom":
            verbatim.append(Verbatim("tool_choice"))
            return tools, None
        case _:
            raise invalid("tool_choice", "must be auto, none, required or name a function")


def named_tool(name: str, tools: tuple[Tool, ...], field: str) -> str:
    if all(tool.name != name for tool in tools):
        raise invalid(field, f"names {name!r}, which is not among the tools")
    return name


def allowed_tools(allowed: dict[str, Any], tools: tuple[Tool, ...], field: str) -> tuple[tuple[Tool, ...], str]:
    """The tools left by a choice of some of them, and whether one must be called."""
    mode = allowed.get("mode")
    if mode not in ("auto", "required"):
        raise invalid(f"{field}.mode", "must be auto or required")
    names: set[str] = set()
    for place, item in enumerate(list_of(allowed.get("tools"), f"{field}.tools")):
        given = object_of(item, f"{field}.tools[{place}]")
        function = given.get("function", given)
        names.add(text_of(object_of(function, field).get("name"), f"{field}.tools[{place}].name"))
    return tuple(tool for tool in tools if tool.name in names), str(mode)
