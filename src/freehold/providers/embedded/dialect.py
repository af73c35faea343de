"""Between canonical requests and events and what llama.cpp's server speaks; pure functions.

Source: llama.cpp, tools/server/README.md, POST /v1/chat/completions.
"""

from collections.abc import Iterator
from typing import Any

from freehold import errors
from freehold.providers.embedded.catalogue import Weights
from freehold.wire.events import Event, Finish, FinishReason, ReasoningDelta, Stage, TextDelta, Usage
from freehold.wire.request import ChatRequest, JsonObject, Message, ToolCall, ToolResult

_FINISH: dict[str, FinishReason] = {"stop": "stop", "length": "length", "content_filter": "content_filter"}

# Sampling values that a caller may add beside the canonical ones, under llama.cpp's names.
_EXTRA = ("top_k", "min_p", "repeat_penalty", "presence_penalty", "frequency_penalty")


def body(request: ChatRequest, entry: Weights | None) -> dict[str, Any]:
    """The JSON of the call; always streaming, because llama.cpp computes a dropped call to its end otherwise."""
    out: dict[str, Any] = {
        "stream": True,
        "stream_options": {"include_usage": True},
        "return_progress": True,
        "cache_prompt": True,
        "messages": messages(request.messages),
    }
    if entry is not None:
        out.update(entry.sampling)
        if entry.system and request.response_format is None and request.messages[0].role != "system":
            out["messages"].insert(0, {"role": "system", "content": entry.system})
    out.update({name: request.extra[name] for name in _EXTRA if name in request.extra})
    limit = request.max_tokens or (entry.max_output_tokens if entry else None)
    canonical = {
        "temperature": request.temperature,
        "top_p": request.top_p,
        "max_tokens": limit,
        "seed": request.seed,
        "stop": list(request.stop) or None,
    }
    out.update({name: value for name, value in canonical.items() if value is not None})
    if isinstance(request.response_format, JsonObject):
        out["response_format"] = {"type": "json_object"}
    elif request.response_format is not None:
        out["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": request.response_format.name, "schema": request.response_format.schema},
        }
    continued = bool(out["messages"]) and out["messages"][-1]["role"] == "assistant"
    if continued or request.reasoning_effort is not None or request.response_format is not None:
        # llama.cpp goes on with an answer that comes last, and refuses to while thinking is on
        thinks = not continued and request.response_format is None and request.reasoning_effort != "off"
        out["chat_template_kwargs"] = {"enable_thinking": thinks}
    return out


def messages(history: tuple[Message, ...]) -> list[dict[str, str]]:
    """Text only. Calls and results of tools, from answers of other models, are told in words.

    Neighbours of one role are joined, and an empty message is left out: many templates refuse either.
    """
    out: list[dict[str, str]] = []
    for message in history:
        role = "user" if message.role == "tool" else message.role
        text = _text(message)
        if not text:
            continue
        if out and out[-1]["role"] == role:
            out[-1]["content"] += f"\n\n{text}"
        else:
            out.append({"role": role, "content": text})
    return out


def _text(message: Message) -> str:
    pieces = [message.text()]
    for part in message.parts:
        if isinstance(part, ToolCall):
            pieces.append(f"[Used {part.name} with {part.arguments}]")
        elif isinstance(part, ToolResult):
            pieces.append(f"[Result: {part.told()}]")
    return "\n".join(piece for piece in pieces if piece)


def events(chunk: dict[str, Any]) -> Iterator[Event]:
    """The canonical events of one streamed chunk; `Finish` comes with the last choice, before `Usage`."""
    progress = chunk.get("prompt_progress")
    if progress and progress.get("total"):
        yield Stage("reading_prompt", min(1.0, progress.get("processed", 0) / progress["total"]))
    for choice in chunk.get("choices") or ():
        delta = choice.get("delta") or {}
        if delta.get("reasoning_content"):
            yield ReasoningDelta(delta["reasoning_content"])
        if delta.get("content"):
            yield TextDelta(delta["content"])
        if choice.get("finish_reason"):
            yield Finish(_FINISH.get(choice["finish_reason"], "stop"))
    usage = chunk.get("usage")
    if usage:
        cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
        yield Usage(usage["prompt_tokens"], usage["completion_tokens"], cached_input_tokens=cached)


def failure(error: Any, name: str, **params: Any) -> errors.ProviderError:
    """The error class for what the server says, as the body of a reply or in the middle of a stream."""
    detail = error if isinstance(error, dict) else {}
    said = str(detail.get("message") or "no reason given")[:300]
    if detail.get("type") == "exceed_context_size_error":
        used, limit = detail.get("n_prompt_tokens"), detail.get("n_ctx")
        return errors.ContextTooLong(
            f"This chat is too long for {name}: {used} tokens, and it reads at most {limit}.",
            input_tokens=used,
            context_tokens=limit,
            **params,
        )
    if detail.get("code") in (400, 422):
        return errors.ProviderRefused(f"{name} did not accept the request: {said}", **params)
    return errors.ProviderError(f"{name} failed: {said}", **params)
