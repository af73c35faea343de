"""What was used, as people ask for it: by day, person, key, model, provider, place; and every call as CSV."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from freehold.db import Database
from freehold.errors import InvalidRequest
from freehold.usage import reports
from freehold.usage.ledger import Ledger
from freehold.usage.schemas import Filters, UsageReport
from tests.usage.conftest import ANA, BO, INTERNS, LEGAL, call, put_into_group

FIRST = datetime(2026, 9, 1, tzinfo=UTC)
SEPTEMBER = {"from_day": date(2026, 9, 1), "to_day": date(2026, 9, 30)}


@pytest.fixture
async def filled(database: Database, tmp_path: Path) -> Database:
    """Twelve calls on twelve days: two people, three models at two providers, one of them in the house."""
    ledger = Ledger(database, tmp_path)
    for number in range(12):
        house = number % 3 == 0
        ledger.record(
            call(
                at=FIRST + timedelta(days=number, hours=23, minutes=59),
                user_id=[ANA, BO][number % 2],
                key_id="k" * 36 if number % 4 == 0 else None,
                source="api" if number % 4 == 0 else "chat",
                model=["ollama/small", "openai/gpt-4o", "openai/gpt-4o-mini"][number % 3],
                provider_id="ollama" if house else "openai",
                self_hosted=house,
                input_tokens=100,
                output_tokens=10,
                cost_usd=0.0 if house else 0.000_000_001 * 10**number,
                requested="=SUM(A1)",
            )
        )
    await ledger.flush()
    return database


async def ask(database: Database, group: Any = "day", **filters: Any) -> UsageReport:
    return await reports.report(database, Filters(**SEPTEMBER | filters), group)


async def rows_of_csv(database: Database, **filters: Any) -> list[dict[str, str]]:
    pieces = [piece async for piece in reports.calls_as_csv(database, Filters(**SEPTEMBER | filters), {})]
    return list(csv.DictReader(io.StringIO(b"".join(pieces).decode(), newline="")))


async def test_by_day_in_order_with_what_stayed_in_the_house(filled: Database) -> None:
    report = await ask(filled)
    assert [row.key for row in report.rows] == [f"2026-09-{day:02d}" for day in range(1, 13)]
    assert (report.total.calls, report.total.input_tokens, report.total.output_tokens) == (12, 1200, 120)
    assert (report.total.in_house_calls, report.total.in_house_tokens, report.total.outside_tokens) == (4, 440, 880)
    assert report.total.cost_usd == sum(row.cost_usd for row in report.rows)
    assert report.rows[1].cost_usd == 0.000_000_01, "ten nano-dollars are not lost"


@pytest.mark.parametrize(
    ("group", "keys"),
    [
        ("user", [BO, ANA]),
        ("key", ["", "k" * 36]),
        ("model", ["openai/gpt-4o-mini", "openai/gpt-4o", "ollama/small"]),
        ("provider", ["openai", "ollama"]),
        ("locality", ["outside", "in_house"]),
    ],
)
async def test_the_costliest_first(filled: Database, group: str, keys: list[str]) -> None:
    report = await ask(filled, group)
    assert [row.key for row in report.rows] == keys
    assert sum(row.calls for row in report.rows) == report.total.calls == 12


@pytest.mark.parametrize(
    ("chosen", "calls"),
    [
        ({"user_id": ANA}, 6),
        ({"key_id": ""}, 9),
        ({"key_id": "k" * 36, "user_id": ANA}, 3),
        ({"model": "ollama/small"}, 4),
        ({"provider_id": "openai", "source": "chat"}, 6),
        ({"locality": "in_house"}, 4),
        ({"locality": "outside"}, 8),
        ({"to_day": date(2026, 9, 3)}, 3),
        ({"from_day": date(2026, 9, 12)}, 1),
        ({"model": "nobody/has'it"}, 0),
    ],
)
async def test_filters_mean_the_same_for_sums_and_calls(filled: Database, chosen: dict[str, Any], calls: int) -> None:
    assert (await ask(filled, **chosen)).total.calls == calls
    assert len(await rows_of_csv(filled, **chosen)) == calls


async def test_the_csv_has_every_call_whatever_the_page(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = await rows_of_csv(filled)
    monkeypatch.setattr(reports, "PAGE", 5)
    assert await rows_of_csv(filled) == whole
    assert [row["time"][:10] for row in whole] == [f"2026-09-{day:02d}" for day in range(1, 13)]
    assert sum(int(row["input_tokens"]) for row in whole) == 1200
    assert whole[1]["cost_usd"] == "0.000000010"
    assert whole[0]["requested"] == "'=SUM(A1)", "no spreadsheet takes a model's name for a formula"


async def test_whole_months_are_added_up_from_months(filled: Database, tmp_path: Path) -> None:
    ledger = Ledger(filled, tmp_path)
    for month in (7, 8):
        ledger.record(call(at=datetime(2026, month, 31, 23, 59, 59, 999_999, tzinfo=UTC)))
    await ledger.flush()
    report = await ask(filled, "month", from_day=date(2026, 7, 1))
    assert [(row.key, row.calls) for row in report.rows] == [("2026-07-01", 1), ("2026-08-01", 1), ("2026-09-01", 12)]
    for group in ("user", "model", "locality"):
        whole = await ask(filled, group, from_day=date(2026, 7, 1))
        days = await ask(filled, group, from_day=date(2026, 7, 2))
        assert whole.total == days.total, "by months or by days"
        assert whole.rows == days.rows
    with pytest.raises(InvalidRequest):
        await ask(filled, "month", from_day=date(2026, 7, 2))


async def test_nothing_used_is_nothing(database: Database) -> None:
    report = await ask(database)
    assert (report.rows, report.total.calls, report.total.cost_usd, report.more) == ([], 0, 0.0, False)
    assert await rows_of_csv(database) == []


async def test_by_the_groups_that_people_are_in(filled: Database) -> None:
    await put_into_group(filled, LEGAL, "legal", ANA)
    await put_into_group(filled, INTERNS, "=interns", ANA)
    report = await ask(filled, "group")
    found = {row.key: (row.name, row.calls) for row in report.rows}
    assert found == {LEGAL: ("legal", 6), INTERNS: ("=interns", 6), "": (None, 6)}
    assert report.total.calls == 12, "who is in two groups counts once in the total"
    assert (await ask(filled, group_id=LEGAL)).total.calls == 6
    rows = await rows_of_csv(filled, group_id=LEGAL)
    assert [row["user_id"] for row in rows] == [ANA] * 6
    assert {row["groups"] for row in rows} == {"legal; =interns"}
    assert (await ask(filled, "month", group_id=INTERNS)).total.calls == 6
