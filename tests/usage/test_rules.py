"""Which limits and budgets hold for whom: everybody's, one person's, a model's, and those of administrators."""

from typing import Any

import pytest

from freehold.db import Database
from freehold.identity.models import User
from freehold.kit.clock import now
from freehold.kit.ids import new_id
from freehold.settings import Settings
from freehold.usage.holders import Budget, Holder, Limit
from freehold.usage.models import BudgetRow, RateLimitRow
from freehold.usage.money import NANO
from freehold.usage.rules import KeyRules, RuleBook
from tests.usage.conftest import ANA, BO, INTERNS, LEGAL, put_into_group

FILE: dict[str, Any] = {
    "limits": {
        "user": {"requests_per_minute": 60},
        "groups": {"Legal": {"concurrency": 3}},
        "models": {"openai/*": {"concurrency": 4}, "gpt-4o": {}},
    },
    "budgets": {
        "user": {"usd": 20, "period": "month"},
        "people": {"Bo@example.org": [{"usd": 50, "period": "month"}, {"usd": 5, "period": "day"}]},
        "groups": {"legal": {"usd": 7, "period": "week"}},
        "models": {"openai/*": {"usd": "500.5", "period": "week"}},
    },
}


@pytest.fixture
async def book(database: Database) -> RuleBook:
    return RuleBook(database, Settings.model_validate(FILE))


async def add_bo(database: Database) -> None:
    at = now()
    row = {"id": BO, "email": "bo@example.org", "name": "Bo", "role": "member", "status": "active", "preferences": {}}
    async with database.begin() as session:
        session.add(User(**row, created_at=at, updated_at=at))


async def set_budget(database: Database, kind: str, holder: str, period: str, usd: int) -> None:
    async with database.begin() as session:
        row = {"id": new_id(), "holder_kind": kind, "holder_id": holder, "period": period, "created_at": now()}
        session.add(BudgetRow(**row, updated_at=now(), limit_nanodollars=usd * NANO))


async def test_limits_of_the_person_and_of_the_models_that_a_pattern_names(book: RuleBook) -> None:
    person = Limit(Holder("user", ANA), requests_per_minute=60)
    assert book.of(ANA, None, "ollama/small").limits == (person,)
    assert book.of(ANA, None, "openai/gpt-4o").limits == (person, Limit(Holder("model", "openai/*"), concurrency=4))


async def test_a_key_brings_its_own_on_top_of_its_owners(book: RuleBook) -> None:
    holder = Holder("key", "k1", "ci")
    key = KeyRules(Limit(holder, tokens_per_minute=100), Budget(holder, "total", NANO))
    rules = book.of(ANA, key, "ollama/small")
    assert [limit.holder.kind for limit in rules.limits] == ["key", "user"]
    assert [budget.holder.kind for budget in rules.budgets] == ["key", "user"]
    changed = KeyRules(Limit(holder), None)
    assert [limit.holder.kind for limit in book.of(ANA, changed, "ollama/small").limits] == ["user"]


async def test_budgets_of_everybody_of_one_person_and_of_models(book: RuleBook, database: Database) -> None:
    await add_bo(database)
    await book.refresh()
    assert book.of(ANA, None, "openai/gpt-4o").budgets == (
        Budget(Holder("user", ANA), "month", 20 * NANO),
        Budget(Holder("model", "openai/*"), "week", 500_500_000_000),
    )
    assert book.of(BO, None, "ollama/small").budgets == (
        Budget(Holder("user", BO), "month", 50 * NANO),
        Budget(Holder("user", BO), "day", 5 * NANO),
    )


async def test_what_an_administrator_sets_wins(book: RuleBook, database: Database) -> None:
    before = book.of(ANA, None, "openai/gpt-4o")
    await set_budget(database, "user", ANA, "month", 1)
    await set_budget(database, "model", "openai/*", "week", 2)
    await set_budget(database, "model", "gpt-4o", "day", 3)
    assert book.of(ANA, None, "openai/gpt-4o") == before
    await book.refresh()
    found = {(one.holder.id, one.period): one.limit // NANO for one in book.of(ANA, None, "openai/gpt-4o").budgets}
    assert found == {(ANA, "month"): 1, ("openai/*", "week"): 2, ("gpt-4o", "day"): 3}


async def test_new_settings_hold_at_once(book: RuleBook) -> None:
    assert book.of(ANA, None, "ollama/small").limits
    book.declare(Settings())
    assert book.of(ANA, None, "ollama/small").limits == ()
    assert book.of(ANA, None, "ollama/small").budgets == ()


async def set_limit(database: Database, kind: str, holder: str, **rates: int) -> None:
    async with database.begin() as session:
        session.add(
            RateLimitRow(id=new_id(), holder_kind=kind, holder_id=holder, **rates, created_at=now(), updated_at=now())
        )


async def test_every_group_of_a_person_has_a_say(book: RuleBook, database: Database) -> None:
    groups = (
        await put_into_group(database, LEGAL, "legal", ANA),
        await put_into_group(database, INTERNS, "interns", ANA),
    )
    await set_budget(database, "group", INTERNS, "day", 2)
    await set_limit(database, "group", INTERNS, requests_per_minute=5)
    await book.refresh()
    rules = book.of(ANA, None, "ollama/small", groups)
    assert [(one.holder.kind, one.period, one.limit // NANO) for one in rules.budgets] == [
        ("user", "month", 20),
        ("group", "week", 7),
        ("group", "day", 2),
    ]
    assert [str(limit.holder) for limit in rules.limits] == ["your account", "the group “legal”", "the group “interns”"]
    assert [(limit.requests_per_minute, limit.concurrency) for limit in rules.limits] == [
        (60, None),
        (None, 3),
        (5, None),
    ]
    assert len(book.of(ANA, None, "ollama/small", groups[:1]).budgets) == 2, "who left a group is not held by it"
    await set_budget(database, "group", LEGAL, "week", 9)
    await book.refresh()
    assert [one.limit // NANO for one in book.of(ANA, None, "ollama/small", groups).budgets] == [20, 9, 2]


async def test_what_holds_for_everyone_gives_way_to_what_holds_for_one(book: RuleBook, database: Database) -> None:
    await add_bo(database)
    await set_budget(database, "everyone", "", "month", 3)
    await set_limit(database, "everyone", "", concurrency=9)
    await set_limit(database, "user", BO, tokens_per_minute=100)
    await set_limit(database, "model", "openai/*", requests_per_minute=8)
    await book.refresh()
    assert [one.limit // NANO for one in book.of(ANA, None, "ollama/small").budgets] == [3]
    assert [(one.period, one.limit // NANO) for one in book.of(BO, None, "ollama/small").budgets] == [
        ("month", 50),
        ("day", 5),
    ], "the file names Bo"
    assert book.of(ANA, None, "ollama/small").limits == (Limit(Holder("user", ANA), concurrency=9),)
    assert book.of(BO, None, "openai/x").limits == (
        Limit(Holder("user", BO), tokens_per_minute=100),
        Limit(Holder("model", "openai/*"), requests_per_minute=8),
    )
