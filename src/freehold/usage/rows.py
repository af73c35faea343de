"""Rows of the ledger: one per call, and their sums by day; pure."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from freehold.kit.ids import new_id
from freehold.kit.storable import without_nul
from freehold.usage.models import UsageDay
from freehold.usage.money import to_nano
from freehold.usage.record import UsageRecord

Row = dict[str, Any]
"""Column names and values of `usage_records`."""

_REFERENCE, _PROVIDER, _ERROR = 500, 64, 64  # characters that the columns hold

DAY_KEY = tuple(column.name for column in UsageDay.__table__.primary_key)
COUNTS = (
    "calls",
    "failed_calls",
    "estimated_calls",
    "unpriced_calls",
    "input_tokens",
    "cached_input_tokens",
    "output_tokens",
    "reasoning_tokens",
    "cost_nanodollars",
)
"""What is added up, in the order of `days`."""


def row(record: UsageRecord) -> Row:
    """The row of a record, with a new id. What a client chose is cut to what the columns hold."""
    return {
        "id": new_id(),
        "at": record.at,
        "user_id": record.user_id,
        "key_id": record.key_id,
        "source": record.source,
        "requested": _text(record.requested, _REFERENCE),
        "model": _text(record.model, _REFERENCE),
        "provider_id": _text(record.provider_id, _PROVIDER),
        "self_hosted": record.self_hosted,
        "status": record.status,
        "error": record.error and record.error[:_ERROR],
        "input_tokens": record.input_tokens,
        "output_tokens": record.output_tokens,
        "cached_input_tokens": record.cached_input_tokens,
        "reasoning_tokens": record.reasoning_tokens,
        "estimated": record.estimated,
        "cost_nanodollars": None if record.cost_usd is None else to_nano(record.cost_usd),
        "first_token_ms": record.first_token_ms,
        "duration_ms": record.duration_ms,
        "tokens_per_second": record.tokens_per_second,
        "attempts": record.attempts,
        "cache": record.cache,
    }


def days(rows: Iterable[Row]) -> list[Row]:
    """The rows added up by UTC day and everything a report can be asked for, as rows of `usage_days`."""
    sums: dict[tuple[Any, ...], list[int]] = {}
    providers: dict[tuple[Any, ...], str] = {}
    for one in rows:
        at: datetime = one["at"]
        key = (
            at.astimezone(UTC).date(),
            one["user_id"],
            one["key_id"] or "",
            one["source"],
            one["model"],
            one["self_hosted"],
        )
        read, written, cost = one["input_tokens"] or 0, one["output_tokens"] or 0, one["cost_nanodollars"]
        counts = sums.get(key)
        if counts is None:
            counts = sums[key] = [0] * len(COUNTS)
        counts[0] += 1
        counts[1] += one["status"] == "failed"
        counts[2] += one["estimated"]
        counts[3] += cost is None and read + written > 0
        counts[4] += read
        counts[5] += one["cached_input_tokens"] or 0
        counts[6] += written
        counts[7] += one["reasoning_tokens"] or 0
        counts[8] += cost or 0
        providers[key] = one["provider_id"]
    # always in the same order, so that two processes never wait for each other's rows
    return [
        dict(zip(DAY_KEY, key, strict=True))
        | dict(zip(COUNTS, sums[key], strict=True))
        | {"provider_id": providers[key]}
        for key in sorted(sums)
    ]


def _text(text: str, length: int) -> str:
    plain = without_nul(text[:length])
    return plain if plain.isascii() else plain.encode("utf-8", "replace").decode("utf-8")
