"""How large a request is and what it needs, read from its body without parsing it whole; pure.

Only for what is passed through: a guess is enough for rate limits, budgets and the choice of a deployment.
"""

from typing import Any

import orjson

from freehold.gateway.meter import IMAGE_TOKENS, estimate_tokens
from freehold.wire.fields import invalid

_IMAGES = frozenset({"image_url", "image", "input_image"})
LIMITS = ("max_completion_tokens", "max_tokens", "max_output_tokens")
"""The names of the longest answer that a request allows, in tokens."""
_LIMITS = frozenset(LIMITS)
BESIDE = ("system", "input", "prompt")
"""Anthropic's instructions, and what embeddings and speech read."""
_BESIDE = frozenset(BESIDE)


def output_limit(body: dict[str, Any]) -> int | None:
    """The longest answer the request allows, in tokens, by any of its names. Raises InvalidRequest for what is none."""
    if not _LIMITS.isdisjoint(body):
        for name in LIMITS:
            value = body.get(name)
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int):
                raise invalid(name, "must be a whole number")
            if value > 0:
                return value
    options = body.get("options")  # where Ollama's clients have it
    value = options.get("num_predict") if isinstance(options, dict) else None
    return value if isinstance(value, int) and value > 0 else None


def measured(body: dict[str, Any]) -> tuple[int, bool]:
    """About how many tokens the request has, with four for the frame of each message; whether it shows an image."""
    messages = body.get("messages")
    total, images = 4.0, False
    if isinstance(messages, list):
        total = 4.0 * len(messages)
        for message in messages:
            content = message.get("content") if isinstance(message, dict) else None
            if isinstance(content, str):
                total += len(content) / 4 if content.isascii() else estimate_tokens(content)
            elif content is not None:
                more, shown = _parts(content)
                total, images = total + more, images or shown
    if not _BESIDE.isdisjoint(body):
        for name in BESIDE:
            if (value := body.get(name)) is not None:
                more, shown = _parts(value)
                total, images = total + more, images or shown
    if body.get("tools"):
        total += _weight(body["tools"])
    return max(1, round(total)), images


def _parts(content: Any) -> tuple[float, bool]:
    """The tokens of the parts of a message, or of a text; whether one is an image."""
    total, images = 0.0, False
    for part in content if isinstance(content, list) else (content,):
        if isinstance(part, str):
            total += estimate_tokens(part)
        elif isinstance(part, dict) and part.get("type") in _IMAGES:
            images = True
            total += IMAGE_TOKENS
        elif isinstance(part, dict) and isinstance(part.get("text"), str):
            total += estimate_tokens(part["text"])
        else:
            total += _weight(part)
    return total, images


def _weight(value: Any) -> float:
    """About how many tokens the JSON of anything else is."""
    return len(orjson.dumps(value, default=str)) / 4
