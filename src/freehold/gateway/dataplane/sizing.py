"""How large a request is and what it needs, read from its body without parsing it whole; pure.

Only for what is passed through: a guess is enough for rate limits, budgets and the choice of a deployment.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from freehold.gateway.meter import IMAGE_TOKENS, estimate_tokens

_IMAGES = frozenset({"image_url", "image", "input_image"})
LIMITS = ("max_completion_tokens", "max_tokens", "max_output_tokens")
"""The names of the longest answer that a request allows, in tokens."""


def output_limit(body: dict[str, Any]) -> int | None:
    """The longest answer the request allows, in tokens, by any of its names."""
    for name in LIMITS:
        value = body.get(name)
        if isinstance(value, int) and value > 0:
            return value
    options = body.get("options")  # where Ollama's clients have it
    value = options.get("num_predict") if isinstance(options, dict) else None
    return value if isinstance(value, int) and value > 0 else None


def measured(body: dict[str, Any]) -> tuple[int, bool]:
    """About how many tokens the request has, with four for the frame of each message; whether it shows an image."""
    messages = body.get("messages")
    total = 4.0 * len(messages) if isinstance(messages, list) else 4.0
    images = False
    for part in _parts(body):
        if isinstance(part, str):
            total += len(part) / 4 if part.isascii() else estimate_tokens(part)
        elif isinstance(part, dict) and part.get("type") in _IMAGES:
            images = True
            total += IMAGE_TOKENS
        elif isinstance(part, dict) and isinstance(part.get("text"), str):
            total += estimate_tokens(part["text"])
        else:
            total += _weight(part)
    if body.get("tools"):
        total += _weight(body["tools"])
    return max(1, round(total)), images


def _parts(body: dict[str, Any]) -> Iterator[Any]:
    """Text and parts of all messages, of Anthropic's `system`, and of what embeddings and speech read."""
    for name in ("system", "input", "prompt"):
        value = body.get(name)
        if value is not None:
            yield from value if isinstance(value, list) else (value,)
    messages = body.get("messages")
    for message in messages if isinstance(messages, list) else ():
        content = message.get("content") if isinstance(message, dict) else None
        if isinstance(content, list):
            yield from content
        elif content is not None:
            yield content


def _weight(value: Any) -> float:
    """About how many tokens the JSON of anything else is."""
    return len(orjson.dumps(value, default=str)) / 4
