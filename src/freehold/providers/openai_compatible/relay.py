"""A client's own request, made fit for a vendor: the real name of the model, and fields that vendors call otherwise."""

from typing import Any

from freehold.providers.catalogue import Quirks

RELAYED = {
    "openai_chat": "",  # the vendor's own path for chat completions
    "openai_embeddings": "embeddings",
    "openai_images": "images/generations",
    "openai_speech": "audio/speech",
}
"""Client dialects that these vendors speak, and the path that takes them."""

FORMS = {
    "openai_transcriptions": "audio/transcriptions",
    "openai_translations": "audio/translations",
    "openai_image_edits": "images/edits",
}
"""The same for requests that are forms with files."""

_LIMITS = ("max_tokens", "max_completion_tokens")


def adapt(dialect: str, body: dict[str, Any], model: str, quirks: Quirks) -> dict[str, Any]:
    """A copy of `body` for the vendor; everything it does not need to touch stays as the client sent it."""
    body = {**body, "model": model}
    if dialect != "openai_chat":
        return body
    if body.get("stream") and quirks.stream_usage:
        body["stream_options"] = {**(body.get("stream_options") or {}), "include_usage": True}
    if quirks.max_tokens_field not in body:
        for name in _LIMITS:
            if name in body:
                body[quirks.max_tokens_field] = body.pop(name)
                break
    messages = body.get("messages")
    if not quirks.developer_role and isinstance(messages, list):
        for message in messages:
            if isinstance(message, dict) and message.get("role") == "developer":
                body["messages"] = [_as_system(message) for message in messages]
                break
    return body


def _as_system(message: Any) -> Any:
    if isinstance(message, dict) and message.get("role") == "developer":
        return {**message, "role": "system"}
    return message
