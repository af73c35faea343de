"""Another quality floor, replayed from stored choices: what would move, what it would cost, and what cannot be said."""

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from freehold.db import Database
from freehold.gateway.routing.pipeline.need import asked_of_local
from freehold.gateway.routing.policy import Policy
from freehold.kit.clock import now
from freehold.savings import what_if
from freehold.savings.following import Following
from freehold.savings.schemas import WhatIf
from freehold.usage.ledger import Ledger
from tests.gateway.routing.routes import MODELS, asked, policy
from tests.usage.conftest import call


def is_premium(ref: str) -> bool:
    return ref == "cloud/gpt"


def candidate(ref: str, p: float, cost: float | None) -> dict[str, Any]:
    house = ref.startswith("house/")
    return {"name": ref, "ref": ref, "tier": "local" if house else "premium", "self_hosted": house,
            "cost_usd": cost, "p": p}  # fmt: skip


def routed(
    p: float,
    *,
    floor: float = 0.95,
    choice: str | None = None,
    rule: str | None = None,
    language: str | None = None,
    **changes: Any,
) -> Any:
    """A call that `auto` decided for a house that manages with probability `p`; premium costs a cent."""
    asked_for = round(asked_of_local(floor, "balanced"), 3)
    stays = choice == "likely_enough" if choice and language else p > asked_for
    order = [candidate("house/qwen", p, 0.0), candidate("cloud/gpt", 0.97, 0.01)]
    route = {
        "choice": choice or ("likely_enough" if stays else "likely_too_hard"),
        "rule": rule,
        "language": language,
        "need": {"p": p, "low": 0.0, "high": 1.0, "floor": asked_for, "learned": False},
        "candidates": order if stays else order[::-1],
    }
    model = {"model": "house/qwen", "self_hosted": True, "cost_usd": 0.0, "house_usd": 0.001}
    if not stays:
        model = {"model": "cloud/gpt", "self_hosted": False, "cost_usd": 0.01}
    usual = {"at": now() - timedelta(days=1), "requested": "auto", "baseline": "cloud/gpt", "baseline_usd": 0.01}
    return call(route=route, **usual | model | changes)


async def replayed(database: Database, folder: Path, then: float, *records: Any) -> WhatIf:
    await written(database, folder, *records)
    floors = what_if.Floors(0.95, then, "balanced", own={"budget"})
    return await what_if.replay(database, floors, is_premium)


async def written(database: Database, folder: Path, *records: Any) -> None:
    ledger = Ledger(database, folder)
    for record in records:
        ledger.record(record)
    await ledger.flush()


async def test_a_lower_floor_keeps_more_at_home_and_a_higher_one_less(database: Database, tmp_path: Path) -> None:
    calls = [routed(p) for p in (0.9, 0.75, 0.65, 0.5)]
    same = await replayed(database, tmp_path, 0.95, *calls)
    assert (same.calls, same.replayed, same.moved) == (4, 4, 0)
    assert same.now == same.then
    assert (same.now.premium_share, same.now.saved_usd) == (0.5, 0.018)
    lower = await replayed(database, tmp_path, 0.85)
    assert (lower.moved, lower.then.premium_share) == (1, 0.25)
    assert lower.then.saved_usd == pytest.approx(0.027), "a cent less, and the hardware that it takes"
    higher = await replayed(database, tmp_path, 1.0)
    assert (higher.moved, higher.then.premium_share) == (0, 0.5), "0.75 is just what is asked, and stays"
    assert lower.now == higher.now == same.now


async def test_the_servers_own_work_is_no_answer_of_which_premium_has_a_share(
    database: Database, tmp_path: Path
) -> None:
    asked = [routed(0.9), routed(0.5), call(at=now(), source="api", requested="cloud/gpt", model="cloud/gpt")]
    sources = ("title", "summary", "test")
    own = [routed(0.5, source=source) for source in sources] + [routed(0.5, source="shadow", status="unused")]
    found = await replayed(database, tmp_path, 0.95, *asked, *own)
    assert (found.calls, found.now.premium_share) == (2, round(2 / 3, 6))


async def test_what_cannot_be_replayed_is_told(database: Database, tmp_path: Path) -> None:
    unpriced = routed(0.65)
    unpriced.route["candidates"][1]["cost_usd"] = None
    found = await replayed(
        database,
        tmp_path,
        0.5,
        routed(0.65),
        routed(0.65, choice="rule_pins", rule="legal"),  # no floor moves it
        routed(0.65, choice="keeps_model"),
        routed(0.65, rule="budget", floor=0.99),  # a floor of the rule's own
        call(at=now(), requested="auto", route={"choice": "likely_enough", "need": None, "candidates": []}),
        call(at=now(), requested="cloud/gpt", model="cloud/gpt"),  # asked for by name
        call(at=now() - timedelta(days=8), requested="auto", route=routed(0.65).route),
        call(at=now(), requested="auto", status="refused"),
    )
    assert (found.calls, found.replayed, found.moved, found.not_replayed) == (5, 2, 1, 3)
    assert not found.truncated


async def test_it_weighs_as_the_router_did() -> None:
    """The stored candidates at the floor that acted give back the choice, for prompts of every length."""
    chance = random.Random(5)
    seen = set()
    for _ in range(200):
        floor = chance.choice([0.5, 0.8, 0.9, 0.95, 1.0])
        text = "Explain how a hash table resolves collisions. " * chance.randrange(1, 200)
        decision = asked(policy(MODELS, auto={"quality_floor": floor}), text).decision
        route = decision.as_dict()
        best = what_if.best(route["candidates"], asked_of_local(floor, "balanced"))
        assert best["ref"] == route["candidates"][0]["ref"]
        seen.add(best["ref"])
    assert seen == {"house/qwen", "cloud/gpt"}


async def test_what_was_learned_is_replayed_by_its_own_floors(database: Database, tmp_path: Path) -> None:
    """At 0.95 the scorer asks for 0.8, at 0.5 for 0.4; by the prior's floors nothing would move."""

    def learned(ref: str, language: object, kept: float, objective: object) -> float | None:
        assert (language, objective) == ("en", "balanced")
        return {0.95: 0.8, 0.5: 0.4}[kept] if ref == "house/qwen" else None

    calls = []
    for p, floor in ((0.9, 0.8), (0.75, 0.8), (0.6, 0.8), (0.3, 0.8), (0.6, 0.7)):
        one = routed(p, choice="likely_enough" if p >= floor else "likely_too_hard", language="en")
        one.route["need"] |= {"floor": floor, "learned": True}
        calls.append(one)
    await written(database, tmp_path, *calls)
    floors = what_if.Floors(0.95, 0.5, "balanced", learned)
    found = await what_if.replay(database, floors, is_premium)
    assert (found.calls, found.replayed, found.moved) == (5, 4, 2), "the last one is of another scorer"


async def test_what_was_learned_is_replayed_by_the_floor_that_acted_then(database: Database, tmp_path: Path) -> None:
    """The floor follows a share, so that another one acts now than did when the choice was made."""

    def learned(ref: str, language: object, kept: float, objective: object) -> float | None:
        del language, objective
        return {0.95: 0.8, 0.7: 0.6, 0.5: 0.4}[kept] if ref == "house/qwen" else None

    one = routed(0.5, choice="likely_too_hard", language="en")
    one.route["need"] |= {"floor": 0.8, "learned": True}
    one.route["floor"] = 0.95
    await written(database, tmp_path, one)
    found = await what_if.replay(database, what_if.Floors(0.7, 0.5, "balanced", learned), is_premium)
    assert (found.replayed, found.moved) == (1, 1)


# --- a floor that follows the share of premium answers ----------------------------------------------------------------


def following(database: Database, **auto: Any) -> tuple[Following, Policy]:
    made = policy(MODELS, auto=auto)
    return Following(database, made, what_if.nothing_learned), made


def evenly(count: int) -> list[Any]:
    """Answers for which the house manages with every probability from 0 to 1 equally often."""
    return [routed(at / count) for at in range(count)]


@pytest.mark.parametrize("share", [0.1, 0.3, 0.6])
async def test_the_floor_follows_the_share(share: float, database: Database, tmp_path: Path) -> None:
    found, made = following(database, share_premium=share, quality_floor=0.95)
    await written(database, tmp_path, *evenly(400))
    await found.follow()
    floor = made.terms.floor
    assert floor == made.followed
    assert 0 < floor < 0.95
    floors = what_if.Floors(0.95, floor, "balanced")
    at, above = [
        (await what_if.replay(database, replace(floors, then=one), is_premium)).then.premium_share
        for one in (floor, floor + 0.01)
    ]
    assert at <= share < above, "and no floor of a hundredth more would do"


async def test_it_is_never_above_the_quality_that_is_asked_for(database: Database, tmp_path: Path) -> None:
    found, made = following(database, share_premium=0.9, quality_floor=0.9)
    await written(database, tmp_path, *evenly(400))
    await found.follow()
    assert made.terms.floor == made.followed == 0.9


async def test_a_share_that_no_floor_keeps(database: Database, tmp_path: Path) -> None:
    found, made = following(database, share_premium=0.1)
    await written(database, tmp_path, *(routed(0.1, choice="rule_pins", rule="legal") for _ in range(200)))
    await found.follow()
    assert made.terms.floor == 0, "what rules send out stays out; the rest stays in the house"


async def test_too_few_answers_say_nothing(database: Database, tmp_path: Path) -> None:
    found, made = following(database, share_premium=0.1)
    await written(database, tmp_path, *evenly(199))
    await found.follow()
    assert (made.terms.floor, made.followed) == (0.95, None)
    await written(database, tmp_path, routed(0.5))
    await found.follow()
    assert made.terms.floor < 0.95


async def test_the_share_taken_out_of_the_settings(database: Database, tmp_path: Path) -> None:
    await written(database, tmp_path, *evenly(200))
    found, made = following(database)
    made.follow(0.6)
    assert made.terms.floor == 0.6
    await found.follow()
    assert (made.terms.floor, made.followed) == (0.95, None)


async def test_the_floor_that_acted_is_stored(database: Database, tmp_path: Path) -> None:
    found, made = following(database, share_premium=0.2)
    await written(database, tmp_path, *evenly(400))
    await found.follow()
    assert asked(made, "hello").decision.as_dict()["floor"] == made.followed


async def test_what_the_present_trial_tried_is_moved_by_no_floor(database: Database, tmp_path: Path) -> None:
    tried, control, earlier = routed(0.65), routed(0.65), routed(0.65)
    tried.route["trial"] = {"id": "t", "arm": "trial"}
    control.route["trial"] = {"id": "t", "arm": "control"}
    earlier.route["trial"] = {"id": "another", "arm": "control"}
    await written(database, tmp_path, tried, control, earlier)
    floors = what_if.Floors(0.95, 0.5, "balanced", trial="t")
    found = await what_if.replay(database, floors, is_premium)
    assert (found.calls, found.replayed, found.moved, found.then.premium_share) == (3, 2, 2, pytest.approx(1 / 3))


async def test_answers_of_every_day_are_looked_at(database: Database, tmp_path: Path) -> None:
    calls = [routed(at / 70, at=now() - timedelta(days=at % 7, hours=1)) for at in range(70)]
    await written(database, tmp_path, *calls)
    found = await replayed(database, tmp_path, 0.95)
    assert found.calls == 70


async def test_failed_calls_say_nothing_of_the_share(database: Database, tmp_path: Path) -> None:
    found, made = following(database, share_premium=0.1)
    failed = [routed(0.5, status="failed", error="provider_unreachable") for _ in range(200)]
    await written(database, tmp_path, *failed, *evenly(199))
    await found.follow()
    assert made.followed is None
