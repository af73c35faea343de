"""Canonical request -> body of POST /v1/messages (https://docs.anthropic.com/en/api/messages)."""

import base64
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any

import orjson

from freehold.providers.base import ModelCard
from freehold.wire.request import (
    Audio,
    CachePoint,
    ChatRequest,
    Document,
    Image,
    JsonObject,
    JsonSchema,
    Message,
    Part,
    Reasoning,
    Text,
    Tool,
    ToolCall,
    ToolResult,
)
from freehold.wire.signatures import ANTHROPIC as SIGNED
from freehold.wire.signatures import ANTHROPIC_REDACTED as REDACTED

# Models that think by a budget of tokens; all later ones decide themselves and take an effort instead.
# https://docs.anthropic.com/en/docs/build-with-claude/adaptive-thinking
BUDGET_MODELS = (
    "claude-3-*",
    "claude-opus-4-0*",
    "claude-opus-4-1*",
    "claude-opus-4-2*",
    "claude-opus-4-5*",
    "claude-sonnet-4-0*",
    "claude-sonnet-4-2*",
    "claude-sonnet-4-5*",
    "claude-haiku-4-5*",
)
# Models that take temperature and top_p; Opus 4.7 and all later ones refuse them.
_SAMPLING_MODELS = (*BUDGET_MODELS, "claude-2*", "claude-instant*", "claude-*-4-6*")
_BUDGETS = {"low": 2048, "medium": 8192, "high": 24576}
_DEFAULT_MAX_TOKENS = 8192


def encode(request: ChatRequest, card: ModelCard) -> dict[str, Any]:
    """The body, always with `stream: true`."""
    by_tool = schema_tool(request)
    system = _system(request, None if by_tool else request.response_format)
    thinking = None if by_tool else _thinking(request, card)
    body: dict[str, Any] = {
        "model": request.model,
        "max_tokens": request.max_tokens or card.max_output_tokens or _DEFAULT_MAX_TOKENS,
        "messages": _messages(request.messages, thinks=thinking is not None),
        "stream": True,
    }
    if system:
        body["system"] = system
    if request.stop:
        body["stop_sequences"] = list(request.stop)
    _add_tools(body, request, by_tool)
    if thinking:
        _add_thinking(body, thinking, request)
    left_out = ignored(request, card)
    body.update({name: value for name, value in _sampling(request).items() if name not in left_out})
    return body


def ignored(request: ChatRequest, card: ModelCard) -> tuple[str, ...]:
    """What of the sampling that is asked for the API would refuse, so that it is left out.

    All of it where the model thinks, or takes none; `top_p` beside a temperature, which later models refuse.
    """
    wanted = _sampling(request)
    if not wanted:
        return ()
    thinks = schema_tool(request) is None and _thinking(request, card) is not None
    if thinks or fixes_sampling(request.model):
        return tuple(wanted)
    return ("top_p",) if "temperature" in wanted and "top_p" in wanted else ()


def fixes_sampling(model: str) -> bool:
    """Whether the API refuses temperature and top_p for that model."""
    return not any(fnmatchcase(model, known) for known in _SAMPLING_MODELS)


def _sampling(request: ChatRequest) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    if request.temperature is not None:
        wanted["temperature"] = min(request.temperature, 1.0)
    if request.top_p is not None:
        wanted["top_p"] = request.top_p
    if "top_k" in request.extra:
        wanted["top_k"] = request.extra["top_k"]
    return wanted


def _system(request: ChatRequest, asked: JsonSchema | JsonObject | None) -> str | list[dict[str, Any]]:
    """All system messages and the form that is asked for in words; as blocks where one of them may be cached."""
    parts = [part for message in request.messages if message.role == "system" for part in message.parts]
    blocks = _blocks(parts, thinks=False)
    if asked is not None:
        words = "Answer with one JSON object and nothing else."
        if isinstance(asked, JsonSchema):
            words += f" It must validate against: {orjson.dumps(asked.schema).decode()}"
        blocks.append({"type": "text", "text": words})
    if any("cache_control" in block for block in blocks):
        return blocks
    return "\n\n".join(block["text"] for block in blocks)


def schema_tool(request: ChatRequest) -> Tool | None:
    """A schema is asked for by forcing the call of a tool that takes it, which every Claude model can."""
    wanted = request.response_format
    if not isinstance(wanted, JsonSchema) or request.tools:
        return None
    return Tool(wanted.name, "The answer, in its required form.", wanted.schema)


def _add_tools(body: dict[str, Any], request: ChatRequest, by_tool: Tool | None) -> None:
    tools = (by_tool,) if by_tool else request.tools
    if not tools:
        return
    body["tools"] = [
        {"name": tool.name, "description": tool.description, "input_schema": tool.parameters} for tool in tools
    ]
    match by_tool.name if by_tool else request.tool_choice:
        case None:
            pass
        case "auto" | "none" as choice:
            body["tool_choice"] = {"type": choice}
        case "required":
            body["tool_choice"] = {"type": "any"}
        case name:
            body["tool_choice"] = {"type": "tool", "name": name}
    if request.parallel_tool_calls is False and request.tool_choice != "none":
        body["tool_choice"] = {"disable_parallel_tool_use": True, **body.get("tool_choice", {"type": "auto"})}


def _thinking(request: ChatRequest, card: ModelCard) -> dict[str, Any] | None:
    """The `thinking` field; None leaves it out, which means no thinking."""
    effort = request.reasoning_effort
    if effort is None or effort == "off" or (card.abilities and "reasoning" not in card.abilities):
        return None
    if request.tool_choice not in (None, "auto", "none") or _unsigned_tool_loop(request.messages):
        return None
    if any(fnmatchcase(request.model, pattern) for pattern in BUDGET_MODELS):
        return {"type": "enabled", "budget_tokens": _BUDGETS[effort]}
    return {"type": "adaptive"}


def _add_thinking(body: dict[str, Any], thinking: dict[str, Any], request: ChatRequest) -> None:
    body["thinking"] = thinking
    if thinking["type"] == "adaptive":
        body["output_config"] = {"effort": request.reasoning_effort}
    elif body["max_tokens"] <= thinking["budget_tokens"]:
        body["max_tokens"] += thinking["budget_tokens"]  # the budget counts towards max_tokens


def _unsigned_tool_loop(messages: tuple[Message, ...]) -> bool:
    """Whether a tool loop is under way whose first call came without our signed reasoning: thinking is refused then."""
    for message in reversed(messages):
        if message.role == "user" and any(isinstance(part, Text | Image) for part in message.parts):
            return False
        if message.role == "assistant" and any(isinstance(part, ToolCall) for part in message.parts):
            return not any(_is_signed(part) for part in message.parts)
    return False


def _is_signed(part: Part) -> bool:
    return isinstance(part, Reasoning) and (part.signature or "").startswith((SIGNED, REDACTED))


def _messages(messages: tuple[Message, ...], *, thinks: bool) -> list[dict[str, Any]]:
    """Turns of user and assistant; neighbours of one role become one turn, as tool results must."""
    turns: list[dict[str, Any]] = []
    for message in messages:
        if message.role == "system":
            continue
        role = "assistant" if message.role == "assistant" else "user"
        blocks = _blocks(message.parts, thinks=thinks)
        if role == "assistant":
            blocks.sort(key=lambda block: not block["type"].endswith("thinking"))  # reasoning must come first
        if not blocks:
            continue
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] += blocks
        else:
            turns.append({"role": role, "content": blocks})
    if turns and turns[-1]["role"] == "assistant" and (last := turns[-1]["content"][-1])["type"] == "text":
        last["text"] = last["text"].rstrip()  # refused otherwise
    return turns


def _blocks(parts: Iterable[Part], *, thinks: bool) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = []
    for part in parts:
        if isinstance(part, CachePoint):
            if blocks and not blocks[-1]["type"].endswith("thinking"):
                kept: dict[str, Any] = {"type": "ephemeral"}
                blocks[-1]["cache_control"] = kept if part.keep == "5m" else {**kept, "ttl": part.keep}
        elif (block := _block(part, thinks=thinks)) is not None:
            blocks.append(block)
    return blocks


def _block(part: Part, *, thinks: bool) -> dict[str, Any] | None:
    match part:
        case Text(text=text):
            return {"type": "text", "text": text} if text.strip() else None
        case Image(data=data, media_type=media_type):
            encoded = base64.b64encode(data).decode()
            return {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": encoded}}
        case Document():
            return _document(part)
        case Reasoning():
            return _thinking_block(part) if thinks else None
        case ToolCall(id=call_id, name=name, arguments=arguments):
            return {"type": "tool_use", "id": call_id, "name": name, "input": _object(arguments)}
        case ToolResult(call_id=call_id, content=content, is_error=is_error):
            inner = content if isinstance(content, str) else _blocks(content, thinks=False)
            result: dict[str, Any] = {"type": "tool_result", "tool_use_id": call_id, "content": inner}
            return {**result, "is_error": True} if is_error else result
        case Audio() | CachePoint():  # the one is refused before, the other is no block of its own
            return None


def _document(part: Document) -> dict[str, Any]:
    if part.media_type == "text/plain":
        source = {"type": "text", "media_type": "text/plain", "data": part.data.decode("utf-8", "replace")}
    else:
        source = {"type": "base64", "media_type": part.media_type, "data": base64.b64encode(part.data).decode()}
    return {"type": "document", "source": source, **({"title": part.name} if part.name else {})}


def _thinking_block(part: Reasoning) -> dict[str, Any] | None:
    signature = part.signature or ""
    if signature.startswith(REDACTED):
        return {"type": "redacted_thinking", "data": signature.removeprefix(REDACTED)}
    if signature.startswith(SIGNED):
        return {"type": "thinking", "thinking": part.text, "signature": signature.removeprefix(SIGNED)}
    return None  # unsigned, or another vendor's


def _object(arguments: str) -> dict[str, Any]:
    """Arguments as the object that the API wants; what a model wrote wrongly is handed back under its own key."""
    try:
        parsed = orjson.loads(arguments or "{}")
    except ValueError:
        return {"malformed_arguments": arguments}
    return parsed if isinstance(parsed, dict) else {"value": parsed}
