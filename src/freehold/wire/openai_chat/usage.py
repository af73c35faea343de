"""Counts of tokens between the `usage` object of chat completions and the canonical Usage."""

from typing import Any

from freehold.wire.events import Usage

_PLAIN = 3  # prompt, completion and total, and nothing else to look for


def usage_of(usage: dict[str, Any]) -> Usage:
    """Tokens from the shapes in use: OpenAI, its images (input_tokens), DeepSeek (prompt_cache_hit_tokens), Moonshot
    (cached_tokens), xAI.
    """
    read = _number(usage, "prompt_tokens") or _number(usage, "input_tokens")
    written = _number(usage, "completion_tokens") or _number(usage, "output_tokens")
    if len(usage) == _PLAIN and "total_tokens" in usage:
        return Usage(read, written)
    details = usage.get("prompt_tokens_details") or usage.get("input_tokens_details")
    made = usage.get("completion_tokens_details") or usage.get("output_tokens_details")
    cached = _number(details, "cached_tokens")
    reasoning = _number(made, "reasoning_tokens") or _number(usage, "reasoning_tokens")
    cached = cached or _number(usage, "prompt_cache_hit_tokens") or _number(usage, "cached_tokens")
    if reasoning and usage.get("total_tokens") == read + written + reasoning:  # xAI counts reasoning beside the rest
        written += reasoning
    return Usage(
        read,
        written,
        cached,
        reasoning,
        cache_write_tokens=_number(details, "cache_write_tokens"),
        audio_input_tokens=_number(details, "audio_tokens"),
        audio_output_tokens=_number(made, "audio_tokens"),
        image_output_tokens=_number(made, "image_tokens"),
    )


def usage_object(usage: Usage) -> dict[str, Any]:
    """The `usage` of a completion."""
    details = {"cached_tokens": usage.cached_input_tokens}
    if usage.cache_write_tokens:
        details["cache_write_tokens"] = usage.cache_write_tokens
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "prompt_tokens_details": details,
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
    }


def _number(counts: Any, name: str) -> int:
    value = counts.get(name) if isinstance(counts, dict) else None
    return value if isinstance(value, int) else 0
