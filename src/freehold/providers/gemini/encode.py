"""Canonical request -> body of POST models/<model>:streamGenerateContent (https://ai.google.dev/api/generate-content)."""

import base64
from fnmatch import fnmatchcase
from typing import Any

import orjson

from freehold.providers.base import ModelCard
from freehold.wire.request import (
    Audio,
    ChatRequest,
    Document,
    Image,
    JsonSchema,
    Message,
    Reasoning,
    ReasoningEffort,
    Text,
    ToolCall,
    ToolResult,
)
from freehold.wire.signatures import GEMINI as SIGNED

# Accepted in place of a signature for a call that another model made.
# https://ai.google.dev/gemini-api/docs/thought-signatures
_NO_SIGNATURE = "skip_thought_signature_validator"

_BUDGET_MODELS = ("gemini-2*",)  # think by a budget of tokens, later ones by a level
_BUDGETS = {"off": 0, "low": 1024, "medium": 8192, "high": 24576}
_EXTRA = {"top_k": "topK", "presence_penalty": "presencePenalty", "frequency_penalty": "frequencyPenalty"}
_MODES = {"auto": "AUTO", "none": "NONE", "required": "ANY"}


def encode(request: ChatRequest, card: ModelCard) -> dict[str, Any]:
    """The body; that it streams is said by the path."""
    body: dict[str, Any] = {"contents": _contents(request)}
    system = [{"text": text} for message in request.messages if message.role == "system" if (text := message.text())]
    if system:
        body["systemInstruction"] = {"parts": system}
    if request.tools:
        body["tools"] = [
            {
                "functionDeclarations": [
                    {"name": tool.name, "description": tool.description, "parametersJsonSchema": tool.parameters}
                    for tool in request.tools
                ]
            }
        ]
        if request.tool_choice is not None:
            body["toolConfig"] = {"functionCallingConfig": _calling(request.tool_choice)}
    if config := _generation_config(request, card):
        body["generationConfig"] = config
    return body


def _calling(choice: str) -> dict[str, Any]:
    if choice in _MODES:
        return {"mode": _MODES[choice]}
    return {"mode": "ANY", "allowedFunctionNames": [choice]}


def _generation_config(request: ChatRequest, card: ModelCard) -> dict[str, Any]:
    config: dict[str, Any] = {
        "temperature": request.temperature,
        "topP": request.top_p,
        "maxOutputTokens": request.max_tokens,
        "stopSequences": list(request.stop) or None,
        "seed": request.seed,
        **{_EXTRA[name]: value for name, value in request.extra.items() if name in _EXTRA},
    }
    if request.response_format is not None:
        config["responseMimeType"] = "application/json"
        if isinstance(request.response_format, JsonSchema):
            config["responseJsonSchema"] = request.response_format.schema
    if "image_output" in card.abilities:
        config["responseModalities"] = ["TEXT", "IMAGE"]
    if "reasoning" in card.abilities or (request.reasoning_effort is not None and not card.abilities):
        config["thinkingConfig"] = _thinking(request.model, request.reasoning_effort)
    return {key: value for key, value in config.items() if value is not None}


def _thinking(model: str, effort: ReasoningEffort | None) -> dict[str, Any]:
    """https://ai.google.dev/gemini-api/docs/thinking: budgets for 2.5, levels from 3 on; Pro cannot be silenced."""
    if effort is None:
        return {"includeThoughts": True}
    if any(fnmatchcase(model, pattern) for pattern in _BUDGET_MODELS):
        budget = 128 if effort == "off" and "pro" in model else _BUDGETS[effort]
        return {"includeThoughts": effort != "off", "thinkingBudget": budget}
    if effort == "off":
        return {"includeThoughts": False, "thinkingLevel": "low" if "pro" in model else "minimal"}
    level = "high" if effort == "medium" and model.startswith("gemini-3-pro") else effort
    return {"includeThoughts": True, "thinkingLevel": level}


def _contents(request: ChatRequest) -> list[dict[str, Any]]:
    """Turns of user and model; neighbours of one role become one turn."""
    names = {part.id: part.name for message in request.messages for part in message.parts if isinstance(part, ToolCall)}
    signs = not any(fnmatchcase(request.model, pattern) for pattern in ("gemini-1*", "gemini-2*", "gemma*"))
    turns: list[dict[str, Any]] = []
    for message in request.messages:
        if message.role == "system":
            continue
        role = "model" if message.role == "assistant" else "user"
        parts = _model_parts(message, signs=signs) if role == "model" else _user_parts(message, names)
        if not parts:
            continue
        if turns and turns[-1]["role"] == role:
            turns[-1]["parts"] += parts
        else:
            turns.append({"role": role, "parts": parts})
    return turns


def _user_parts(message: Message, names: dict[str, str]) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    for part in message.parts:
        if isinstance(part, Text) and part.text:
            parts.append({"text": part.text})
        elif isinstance(part, Image | Audio | Document):
            parts.append(_inline(part))
        elif isinstance(part, ToolResult):
            name = names.get(part.call_id, part.call_id)
            response = {"error": part.text()} if part.is_error else _object(part.text(), "result")
            parts.append({"functionResponse": {"name": name, "response": response}})
            parts += [_inline(shown) for shown in part.media()]
    return parts


def _inline(part: Image | Audio | Document) -> dict[str, Any]:
    return {"inlineData": {"mimeType": part.media_type, "data": base64.b64encode(part.data).decode()}}


def _model_parts(message: Message, *, signs: bool) -> list[dict[str, Any]]:
    """Text and calls; the signatures go back to the calls they came with, or to the text of an answer without calls."""
    signatures = [
        part.signature.removeprefix(SIGNED)
        for part in message.parts
        if isinstance(part, Reasoning) and part.signature and part.signature.startswith(SIGNED)
    ]
    text = message.text()
    parts: list[dict[str, Any]] = [{"text": text}] if text else []
    calls: list[dict[str, Any]] = [
        {"functionCall": {"name": part.name, "args": _object(part.arguments, "value")}}
        for part in message.parts
        if isinstance(part, ToolCall)
    ]
    signed = calls or parts
    for part, signature in zip(signed, signatures, strict=False):
        part["thoughtSignature"] = signature
    if calls and signs and not signatures:
        calls[0]["thoughtSignature"] = _NO_SIGNATURE
    return [*parts, *calls]


def _object(text: str, key: str) -> dict[str, Any]:
    """JSON text as the object that the API wants; anything else under `key`."""
    try:
        parsed = orjson.loads(text or "{}")
    except ValueError:
        return {key: text}
    return parsed if isinstance(parsed, dict) else {key: parsed}
