"""Canonical request -> body of POST /v1/messages (https://docs.anthropic.com/en/api/messages)."""

import base64
from fnmatch import fnmatchcase
from typing import Any

import orjson

from freehold.providers.base import ModelCard
from freehold.wire.request import ChatRequest, Image, Message, Part, Reasoning, Text, Tool, ToolCall, ToolResult

SIGNED = "anthropic:"
"""Before a signature, so that a conversation that changed models gives it back only to who signed it."""
REDACTED = "anthropic-redacted:"
"""Before the data of reasoning that arrived encrypted."""

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
    schema_tool = _schema_tool(request)
    system = "\n\n".join(text for message in request.messages if message.role == "system" if (text := message.text()))
    if request.response_format is not None and schema_tool is None:
        schema = orjson.dumps(request.response_format.schema).decode()
        system = f"{system}\n\nAnswer with one JSON object and nothing else. It must validate against: {schema}".strip()
    thinking = None if schema_tool else _thinking(request, card)
    takes_sampling = thinking is None and any(fnmatchcase(request.model, known) for known in _SAMPLING_MODELS)
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
    _add_tools(body, request, schema_tool)
    if thinking:
        _add_thinking(body, thinking, request)
    if takes_sampling and request.temperature is not None:
        body["temperature"] = min(request.temperature, 1.0)
    elif takes_sampling and request.top_p is not None:  # never both, later models refuse that
        body["top_p"] = request.top_p
    body.update(request.extra)
    return body


def _schema_tool(request: ChatRequest) -> Tool | None:
    """A schema is asked for by forcing the call of a tool that takes it, which every Claude model can."""
    wanted = request.response_format
    if wanted is None or request.tools:
        return None
    return Tool(wanted.name, "The answer, in its required form.", wanted.schema)


def _add_tools(body: dict[str, Any], request: ChatRequest, schema_tool: Tool | None) -> None:
    tools = (schema_tool,) if schema_tool else request.tools
    if not tools:
        return
    body["tools"] = [
        {"name": tool.name, "description": tool.description, "input_schema": tool.parameters} for tool in tools
    ]
    match schema_tool.name if schema_tool else request.tool_choice:
        case None:
            pass
        case "auto" | "none" as choice:
            body["tool_choice"] = {"type": choice}
        case "required":
            body["tool_choice"] = {"type": "any"}
        case name:
            body["tool_choice"] = {"type": "tool", "name": name}


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
        blocks = [block for part in message.parts if (block := _block(part, thinks=thinks)) is not None]
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


def _block(part: Part, *, thinks: bool) -> dict[str, Any] | None:
    match part:
        case Text(text=text):
            return {"type": "text", "text": text} if text.strip() else None
        case Image(data=data, media_type=media_type):
            encoded = base64.b64encode(data).decode()
            return {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": encoded}}
        case Reasoning():
            return _thinking_block(part) if thinks else None
        case ToolCall(id=call_id, name=name, arguments=arguments):
            return {"type": "tool_use", "id": call_id, "name": name, "input": _object(arguments)}
        case ToolResult(call_id=call_id, content=content, is_error=is_error):
            result: dict[str, Any] = {"type": "tool_result", "tool_use_id": call_id, "content": content}
            return {**result, "is_error": True} if is_error else result


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
