"""Counts of tokens between the `usage` object of Anthropic's messages, without the cached ones, and canonical."""

from collections.abc import Mapping
from typing import Any

from freehold.wire.events import Usage


def usage_of(counts: Mapping[str, Any]) -> Usage:
    """Canonical counts of the running totals; what is missing or no number counts as none."""
    cached, kept = _number(counts, "cache_read_input_tokens"), _number(counts, "cache_creation_input_tokens")
    read = _number(counts, "input_tokens") + cached + kept
    return Usage(read, _number(counts, "output_tokens"), cached, cache_write_tokens=kept)


def usage_object(usage: Usage) -> dict[str, int]:
    """The `usage` of a message."""
    return {
        "input_tokens": max(0, usage.input_tokens - usage.cached_input_tokens - usage.cache_write_tokens),
        "cache_creation_input_tokens": usage.cache_write_tokens,
        "cache_read_input_tokens": usage.cached_input_tokens,
        "output_tokens": usage.output_tokens,
    }


def _number(counts: Mapping[str, Any], name: str) -> int:
    value = counts.get(name)
    return value if isinstance(value, int) else 0
