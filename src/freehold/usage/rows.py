"""Rows of the ledger: one per call, and their sums by day and by month; pure."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import orjson

from freehold.kit.storable import without_nul
from freehold.usage.models import UsageDay, UsageRow
from freehold.usage.money import to_nano
from freehold.usage.record import UsageRecord

COLUMNS = tuple(column.name for column in UsageRow.__table__.columns)
"""The order of `values`."""

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
"""What is added up."""

KEY = tuple(column.name for column in UsageDay.__table__.primary_key)
"""What a row of sums is one for; the same for days and months."""

_REFERENCE, _PROVIDER, _ERROR = 500, 64, 64  # characters that the columns hold


def values(record: UsageRecord, at: datetime | str) -> tuple[Any, ...]:
    """The row of a record in `usage_records`, with its time as the driver takes it.

    What a client chose is cut to what the columns hold.
    """
    return (
        record.id,
        at,
        record.user_id,
        record.key_id,
        record.source,
        _text(record.requested[:_REFERENCE]),
        _text(record.model[:_REFERENCE]),
        _text(record.provider_id[:_PROVIDER]),
        record.self_hosted,
        record.status,
        record.error and record.error[:_ERROR],
        record.input_tokens,
        record.output_tokens,
        record.cached_input_tokens,
        record.reasoning_tokens,
        record.estimated,
        None if record.cost_usd is None else to_nano(record.cost_usd),
        record.first_token_ms,
        record.duration_ms,
        record.tokens_per_second,
        record.attempts,
        record.cache,
        record.audio_seconds,
        None if record.route is None else without_nul(orjson.dumps(record.route).decode()),
        None if record.baseline is None else _text(record.baseline[:_REFERENCE]),
        record.baseline_length,
        None if record.baseline_usd is None else to_nano(record.baseline_usd),
        None if record.house_usd is None else to_nano(record.house_usd),
        record.compaction_tokens,
        None if record.compaction_usd is None else to_nano(record.compaction_usd),
        record.request_id,
        None if record.tried is None else without_nul(orjson.dumps(record.tried).decode()),
    )


def sums(records: Iterable[UsageRecord]) -> list[dict[str, Any]]:
    """The records added up by UTC day and everything a report can be asked for, as rows of UsageDay."""
    found: dict[tuple[Any, ...], list[int]] = {}
    providers: dict[tuple[Any, ...], str] = {}
    for one in records:
        if one.status == "refused":
            continue
        day: date = one.at.astimezone(UTC).date()
        model = _text(one.model[:_REFERENCE])
        key = (day, one.user_id, one.key_id or "", one.source, model, one.self_hosted)
        counts = found.get(key)
        if counts is None:
            counts = found[key] = [0] * len(COUNTS)
            providers[key] = _text(one.provider_id[:_PROVIDER])
        read, written, cost = one.input_tokens or 0, one.output_tokens or 0, one.cost_usd
        counts[0] += 1
        counts[4] += read
        counts[6] += written
        if one.status == "failed":
            counts[1] += 1
        if one.estimated:
            counts[2] += 1
        if cost is None:
            counts[3] += read + written > 0
        elif cost:
            counts[8] += to_nano(cost)
        if cached := one.cached_input_tokens:
            counts[5] += cached
        if reasoned := one.reasoning_tokens:
            counts[7] += reasoned
    # always in the same order, so that two processes never wait for each other's rows
    return [
        dict(zip((*KEY, *COUNTS, "provider_id"), (*key, *found[key], providers[key]), strict=True))
        for key in sorted(found)
    ]


def by_month(days: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows of UsageDay, in their order, as rows of UsageMonth, in theirs."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in days:
        month = {**row, "day": row["day"].replace(day=1)}
        earlier = found.setdefault(tuple(month[name] for name in KEY), month)
        if earlier is not month:
            for name in COUNTS:
                earlier[name] += month[name]
    return [found[key] for key in sorted(found)]


@lru_cache(maxsize=256)
def _text(text: str) -> str:
    """The text as both databases can hold it. A batch holds the same few names again and again."""
    plain = without_nul(text) if "\0" in text else text
    return plain if plain.isascii() else plain.encode("utf-8", "replace").decode("utf-8")
