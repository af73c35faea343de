"""Canonical request -> body of POST /chat/completions (https://platform.openai.com/docs/api-reference/chat/create)."""

import base64
from fnmatch import fnmatchcase
from typing import Any

import orjson

from freehold.providers.base import ModelCard
from freehold.providers.catalogue import Quirks
from freehold.wire.request import (
    OLLAMA_MEMORY,
    Audio,
    ChatRequest,
    Document,
    Image,
    JsonObject,
    JsonSchema,
    Message,
    Reasoning,
    ReasoningEffort,
    Text,
    Tool,
    ToolCall,
    ToolResult,
)


def encode(request: ChatRequest, quirks: Quirks, card: ModelCard) -> dict[str, Any]:
    """The body, always with `stream: true`; the vendor's deviations are applied."""
    body: dict[str, Any] = {"model": request.model, "messages": _messages(request, quirks), "stream": True}
    if quirks.stream_usage:
        body["stream_options"] = {"include_usage": True}
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
        if request.tool_choice is not None:
            body["tool_choice"] = _tool_choice(request.tool_choice)
        _set(body, "parallel_tool_calls", request.parallel_tool_calls)
    if not fixes_sampling(request.model, quirks):
        _set(body, "temperature", request.temperature)
        _set(body, "top_p", request.top_p)
    _set(body, quirks.max_tokens_field, request.max_tokens)
    _set(body, "stop", list(request.stop) or None)
    _set(body, "seed", request.seed)
    if request.response_format is not None and quirks.json_schema != "none":
        body["response_format"] = _response_format(request.response_format, quirks)
    if request.reasoning_effort is not None and (not card.abilities or "reasoning" in card.abilities):
        body.update(_reasoning(request.reasoning_effort, request.model, quirks))
    body.update({name: value for name, value in request.extra.items() if name not in OLLAMA_MEMORY})
    if "repeat_penalty" in request.extra:  # llama.cpp's name; vLLM and SGLang have their own
        body["repetition_penalty"] = request.extra["repeat_penalty"]
    return body


def fixes_sampling(model: str, quirks: Quirks) -> bool:
    """Whether the vendor refuses temperature and top_p for that model."""
    return any(fnmatchcase(model, pattern) for pattern in quirks.fixed_sampling)


def _set(body: dict[str, Any], key: str, value: Any) -> None:
    if value is not None:
        body[key] = value


def _messages(request: ChatRequest, quirks: Quirks) -> list[dict[str, Any]]:
    encoded: list[dict[str, Any]] = []
    for message in request.messages:
        encoded += _message(message, quirks)
    if request.response_format is not None and quirks.json_schema != "json_schema":
        encoded.insert(0, {"role": "system", "content": schema_in_words(request.response_format)})
    return encoded


def schema_in_words(wanted: JsonSchema | JsonObject) -> str:
    """The instruction for servers that know JSON mode but no schema."""
    if isinstance(wanted, JsonObject):
        return "Answer with one JSON object and nothing else."
    schema = orjson.dumps(wanted.schema).decode()
    return f"Answer with one JSON object and nothing else. It must validate against: {schema}"


def _message(message: Message, quirks: Quirks) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = []
    for part in message.parts:
        if isinstance(part, ToolResult):
            results.append({"role": "tool", "tool_call_id": part.call_id, "content": part.told()})
    # A tool's message takes text alone; what it shows follows as the user's, after all results.
    shown = [media for part in message.parts if isinstance(part, ToolResult) for media in part.media()]
    if shown:
        results.append({"role": "user", "content": [_media(part) for part in shown]})
    if message.role == "assistant":
        return [*results, _assistant(message, quirks)]
    content = _content(message)
    if not content or message.role == "tool":
        return results
    role = "developer" if message.role == "system" and quirks.developer_role else message.role
    named = {"name": message.name} if message.name else {}
    return [*results, {"role": role, "content": content, **named}]


def _assistant(message: Message, quirks: Quirks) -> dict[str, Any]:
    calls = [
        {"id": part.id, "type": "function", "function": {"name": part.name, "arguments": part.arguments or "{}"}}
        for part in message.parts
        if isinstance(part, ToolCall)
    ]
    encoded: dict[str, Any] = {"role": "assistant", "content": message.text() or (None if calls else "")}
    if calls:
        encoded["tool_calls"] = calls
        thoughts = "".join(part.text for part in message.parts if isinstance(part, Reasoning))
        if quirks.reasoning_back and thoughts:
            encoded[quirks.reasoning_back] = thoughts
    return encoded


def _content(message: Message) -> str | list[dict[str, Any]]:
    """Plain text as a string, which every server understands; a list only when there is more."""
    if not any(isinstance(part, Image | Audio | Document) for part in message.parts):
        return message.text()
    content: list[dict[str, Any]] = []
    for part in message.parts:
        if isinstance(part, Text):
            content.append({"type": "text", "text": part.text})
        elif isinstance(part, Image | Audio | Document):
            content.append(_media(part))
    return content


def _media(part: Image | Audio | Document) -> dict[str, Any]:
    data = base64.b64encode(part.data).decode()
    if isinstance(part, Audio):
        form = "wav" if part.media_type == "audio/wav" else "mp3"
        return {"type": "input_audio", "input_audio": {"data": data, "format": form}}
    url = f"data:{part.media_type};base64,{data}"
    if isinstance(part, Image):
        return {"type": "image_url", "image_url": {"url": url}}
    return {"type": "file", "file": {"filename": part.name or "file", "file_data": url}}


def _tool(tool: Tool) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function if tool.strict is None else {**function, "strict": tool.strict}}


def _tool_choice(choice: str) -> Any:
    if choice in ("auto", "none", "required"):
        return choice
    return {"type": "function", "function": {"name": choice}}


def _response_format(wanted: JsonSchema | JsonObject, quirks: Quirks) -> dict[str, Any]:
    if isinstance(wanted, JsonObject) or quirks.json_schema == "json_object":
        return {"type": "json_object"}
    strict = is_strict(wanted.schema) if wanted.strict is None else wanted.strict
    described: dict[str, Any] = {"name": wanted.name, "schema": wanted.schema, "strict": strict}
    _set(described, "description", wanted.description)
    return {"type": "json_schema", "json_schema": described}


def is_strict(schema: Any) -> bool:
    """Whether every object of a schema closes its properties and requires them all, as OpenAI's strict mode demands.

    https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
    """
    if isinstance(schema, list):
        return all(is_strict(item) for item in schema)
    if not isinstance(schema, dict):
        return True
    if schema.get("type") == "object":
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is not False or set(schema.get("required", ())) != set(properties):
            return False
    return all(is_strict(value) for value in schema.values())


def _reasoning(effort: ReasoningEffort, model: str, quirks: Quirks) -> dict[str, Any]:
    """The field by which a vendor is told how hard to think; each has its own."""
    on = effort != "off"
    match quirks.reasoning_effort:
        case "effort":
            if on:
                return {"reasoning_effort": effort}
            word = next((word for pattern, word in quirks.effort_off if fnmatchcase(model, pattern)), None)
            return {"reasoning_effort": word} if word else {}
        case "openrouter":  # https://openrouter.ai/docs/use-cases/reasoning-tokens
            return {"reasoning": {"effort": effort} if on else {"enabled": False}}
        case "enable_thinking":  # DashScope, SiliconFlow
            return {"enable_thinking": on}
        case "chat_template":  # vLLM, SGLang, llama.cpp
            return {"chat_template_kwargs": {"enable_thinking": on}}
        case "thinking_type":  # Zhipu, Volcengine, DeepSeek, Moonshot
            return {"thinking": {"type": "enabled" if on else "disabled"}}
        case _:
            return {}
