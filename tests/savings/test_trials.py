"""Trials: both arms over real servers, what the ledger says of them, and that a bad one is halted and stays so."""

import json
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
from prometheus_client import generate_latest
from sqlalchemy import select

from freehold.access.subject import Subject
from freehold.assembly import running_services
from freehold.chat import schemas
from freehold.db import Database
from freehold.deps import Services
from freehold.errors import Conflict, FreeholdError, NotFound
from freehold.gateway.routing.arms import Arms, arm_of
from freehold.gateway.routing.policy import Thread
from freehold.kit import clock
from freehold.kit.intervals import difference
from freehold.observability.metrics import REGISTRY
from freehold.savings.trials import service
from freehold.savings.trials.figures import NEEDED, Tally
from freehold.savings.trials.service import Trials
from freehold.settings.routing import Guards
from freehold.usage.ledger import Ledger
from freehold.usage.models import UsageRow
from freehold.usage.money import to_nano
from tests.chat.conftest import new_user
from tests.chat.reading import Person
from tests.fakes.upstream import Script
from tests.gateway.learning.conftest import Start, pair, start
from tests.gateway.learning.test_shadows import ask, request_of
from tests.gateway.learning.world import GOOD, Pair, declared, settings_of
from tests.gateway.routing.routes import policy
from tests.usage.conftest import call

__all__ = ["pair", "start"]

HARD = "Please prove that the square root of every prime is irrational, step by step. " * 12
EASY = "Write a line about apples."
LOWER = {"id": "lower", "share": 0.5, "set": {"quality_floor": 0.3}}
QUIET = {"shadow": 0, "fallback": ["local"]}  # where the house fails nobody else is asked
NO_GUARDS = {"failures": 1, "disliked": 1, "cost": 1000, "latency": 1000}


async def people(services: Services, each: int, trial_id: str = "lower") -> dict[str, list[Subject]]:
    """So many people of each arm."""
    found: dict[str, list[Subject]] = {"trial": [], "control": []}
    number = 0
    while min(map(len, found.values())) < each:
        one = await new_user(services, f"person{number}")
        found[arm_of(trial_id, one.user_id, 0.5)].append(one)
        number += 1
    return {arm: some[:each] for arm, some in found.items()}


async def lines(services: Services) -> list[UsageRow]:
    await services.usage.ledger.flush()
    async with services.database.read() as session:
        return list(await session.scalars(select(UsageRow).order_by(UsageRow.id)))


def arm(row: UsageRow) -> str | None:
    return json.loads(row.route or "{}").get("trial", {}).get("arm")


async def report(services: Services) -> tuple[Any, Any, Any]:
    """The whole report, and both arms."""
    found = (await services.trials.state()).trial
    assert found is not None
    trial, control = found.arms
    return found, trial, control


async def fail(services: Services, people: list[Subject], times: int) -> None:
    """So many calls at once that come to nothing."""

    async def one(number: int) -> None:
        with pytest.raises(FreeholdError):
            await ask(services, people[number % len(people)], request_of(HARD))

    async with anyio.create_task_group() as tasks:
        for number in range(times):
            tasks.start_soon(one, number)


async def test_the_arm_of_a_lower_floor_stays_at_home_and_the_report_is_the_ledger(start: Start, pair: Pair) -> None:
    services = await start(QUIET, routing={"trial": LOWER | {"guards": NO_GUARDS}, "local_cost_per_hour": 2.0})
    arms = await people(services, 3)
    for number in range(105):
        for some in arms.values():
            await ask(services, some[number % 3], request_of(HARD if number % 2 else EASY))
        if number % 20 == 0:  # none of these is part of the trial
            await ask(services, arms["trial"][0], request_of(HARD), model="premium")
            await ask(services, arms["trial"][0], request_of(HARD), thread=Thread(locked=True), model="local")
    rows = await lines(services)
    found, trial, control = await report(services)
    assert (found.state, found.id, found.halted) == ("running", "lower", None)
    assert (found.tried.quality_floor, found.usual.quality_floor) == (0.3, 0.95)
    assert {row.requested for row in rows if arm(row) is None} == {"premium", "local"}
    for shown in (trial, control):
        its = [row for row in rows if arm(row) == shown.arm]
        assert {row.user_id for row in its} == {one.user_id for one in arms[shown.arm]}
        assert (shown.calls, shown.answered, shown.failed.count) == (len(its), len(its), 0) == (105, 105, 0)
        assert to_nano(shown.spent_usd) == sum(
            (row.cost_nanodollars or 0) + (row.house_nanodollars or 0) for row in its
        )
        assert shown.people == 3
        assert shown.premium.count == sum(row.model == "cloud/m" for row in its)
        times = sorted(row.duration_ms or 0 for row in its)
        assert (shown.p50_ms, shown.p95_ms) == (times[52], times[99])
    assert (trial.premium.share, control.premium.count) == (0, 52)
    by = {one.figure: one for one in found.differences}
    assert by["premium"].by == pytest.approx(-52 / 105)
    assert by["premium"].high is not None
    assert by["premium"].low is not None
    assert by["premium"].low < by["premium"].by < by["premium"].high < 0
    assert (by["cost"].high or 0) < 0
    assert set(by) == {"premium", "cost", "failures", "disliked", "p50", "p95"}
    assert await services.trials.look() is None


async def test_an_arm_that_fails_is_halted_for_everybody_and_after_a_restart(
    pair: Pair, database_url: str, tmp_path: Path
) -> None:
    def served(trial: dict[str, Any] | None) -> AbstractAsyncContextManager[Services]:
        file = declared(pair, QUIET, routing={"trial": trial} if trial is not None else {})
        return running_services(settings_of(file, tmp_path / "data", database_url))

    async def as_control(there: Services, one: Subject) -> None:
        assert await ask(there, one, request_of(HARD)) == GOOD
        last = (await lines(there))[-1]
        assert (last.model, arm(last)) == ("cloud/m", None)

    pair.house.think = lambda _body: Script(error="broken")
    async with served(LOWER) as services:
        arms = await people(services, 2)
        for number in range(NEEDED):
            assert await ask(services, arms["control"][number % 2], request_of(HARD)) == GOOD
        await fail(services, arms["trial"], NEEDED - 1)
        await lines(services)
        found, trial, control = await report(services)
        assert (found.state, found.differences, trial.calls, control.calls) == ("not_enough", [], NEEDED - 1, NEEDED)
        assert await services.trials.look() is None, "not enough to say so"
        await fail(services, arms["trial"], 1)
        await lines(services)
        halted = await services.trials.look()
        assert halted is not None
        assert (halted.figure, halted.trial, halted.control, halted.limit) == ("failures", 1.0, 0.0, 0.02)
        assert await services.trials.look() == halted
        assert b"freehold_routing_trial_halted 1.0" in generate_latest(REGISTRY)
        await as_control(services, arms["trial"][0])

    one = arms["trial"][0]
    async with served(LOWER) as services:
        await as_control(services, one)
        found, trial, control = await report(services)
        assert (found.state, found.halted) == ("halted", halted)
        assert (trial.failed.count, control.calls) == (NEEDED, NEEDED)
    async with served(LOWER | {"id": "lower-2"}) as services:
        assert (await report(services))[0].state == "not_enough", "another one begins afresh"
        assert services.gateway.policy.halted_trial is None
    async with served(LOWER) as services:
        beside = Trials(services.database, services.gateway.policy)
        resumed = (await beside.resume(one)).trial
        assert resumed is not None
        assert (resumed.state, resumed.arms[0].calls) == ("not_enough", 0)
        assert services.gateway.policy.halted_trial is None
        with pytest.raises(Conflict):
            await services.trials.resume(one)
        await fail(services, [one], 1)
        await lines(services)
        assert (await report(services))[1].failed.count == 1
    async with served(None) as services:
        assert (await services.trials.state()).trial is None
        with pytest.raises(NotFound):
            await services.trials.resume(one)


async def test_thumbs_down_and_another_try_outside_halt_it_within_one_look(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "REFRESH_SECONDS", 0.05)
    monkeypatch.setattr(service, "LOOK_SECONDS", 0.1)
    services = await start(QUIET, routing={"trial": LOWER})
    arms = await people(services, 1)
    for name, (one,) in arms.items():
        who = Person(services, one)
        for _ in range(NEEDED - 15):
            await ask(services, one, request_of(HARD))
        for number in range(15):
            thread = await who.new_thread()
            answer = await (await who.send(thread.id, HARD, model="auto")).to_end()
            if number < 10:
                await services.chat.rate_message(one, answer["id"], schemas.FeedbackPut(good=name == "control"))
            elif name == "trial":
                await (await who.regenerate(thread.id, answer["id"], "premium")).to_end()
    with anyio.fail_after(60):
        while services.gateway.policy.halted_trial is None:
            await anyio.sleep(0.02)
    found, trial, control = await report(services)
    assert (trial.disliked.count, trial.disliked.of, control.disliked.count) == (15, NEEDED, 0)
    assert (found.state, found.halted.figure, found.halted.trial) == ("halted", "disliked", 0.15)


def tried(**changes: Any) -> Any:
    """A call of `auto` in an arm of `lower`."""
    arm = changes.pop("arm")
    route = {"choice": "likely_enough", "trial": {"id": changes.pop("trial", "lower"), "arm": arm}}
    return call(at=clock.now(), requested="auto", route=route, duration_ms=100.0, **changes)


async def test_the_ledger_is_read_once_and_in_pages(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = policy(trial=LOWER)
    trials = Trials(database, made)
    begun = await trials.refresh()
    assert begun is not None
    monkeypatch.setattr(service, "PAGE", 7)
    ledger = Ledger(database, tmp_path)
    for number in range(40):
        for one in ("trial", "control"):
            ledger.record(tried(arm=one, cost_usd=0.001 * (number % 3), status="failed" if number % 8 == 0 else "ok"))
    ledger.record(tried(arm="trial", trial="another"))
    ledger.record(tried(arm="trial", source="shadow"))
    ledger.record(tried(arm="trial", cache="hit"))
    lost = call(at=clock.now(), requested="auto", status="failed", cost_usd=1.0)  # another one answered
    ledger.record(lost)
    await ledger.flush()

    async def sums() -> list[tuple[int, int, float]]:
        found = (await trials.state()).trial
        assert found is not None
        return [(one.calls, one.failed.count, one.spent_usd) for one in found.arms]

    expected = [(40, 5, pytest.approx(0.039)), (40, 5, pytest.approx(0.039))]
    expected[arm_of("lower", lost.user_id, 0.5) == "control"] = (40, 5, pytest.approx(1.039))
    assert await sums() == expected
    assert await sums() == expected
    monkeypatch.setattr(service, "SETTLED", timedelta(0))
    assert await sums() == expected
    reading = trials._reading
    assert reading is not None
    assert reading.settled.trial.calls == 40, "they are not read again"
    ledger.record(tried(arm="trial", cost_usd=0.5))
    await ledger.flush()
    assert [one[0] for one in await sums()] == [41, 40]


def tally(**arms: list[tuple[str, float, float]]) -> Tally:
    """Calls as status, cost in US dollars and milliseconds."""
    found = Tally(Arms("lower", 0.5), lambda _ref: True)
    for name, calls in arms.items():
        for status, cost, ms in calls:
            route = json.dumps({"trial": {"id": "lower", "arm": name}})
            error = None if status == "ok" else "overloaded"
            about = {"user_id": "a", "source": "api", "status": status, "error": error, "path": "outside"}
            money = {"cost_nanodollars": to_nano(cost), "house_nanodollars": 0}
            found.see(type("Row", (), {**about, **money, "model": "m", "route": route, "duration_ms": ms}))
    return found


@pytest.mark.parametrize(
    ("trial", "control", "broken"),
    [
        ([("ok", 0.01, 100)] * 200, [("ok", 0.01, 100)] * 200, None),
        ([("ok", 0.016, 100)] * 200, [("ok", 0.01, 100)] * 200, "cost"),
        ([("ok", 0.016, 100)] * 199, [("ok", 0.01, 100)] * 200, None),
        ([("ok", 0.014, 100)] * 200, [("ok", 0.01, 100)] * 200, None),
        ([("ok", 0.0, 100)] * 185 + [("ok", 0.0, 999)] * 15, [("ok", 0.0, 100)] * 200, "latency"),
        ([("ok", 0.0, 100)] * 195 + [("ok", 0.0, 999)] * 5, [("ok", 0.0, 100)] * 200, None),
        ([("ok", 0.0, 100)] * 96 + [("failed", 0.0, 1)] * 4, [("ok", 0.0, 100)] * 100, None),
        ([("ok", 0.0, 100)] * 85 + [("failed", 0.0, 1)] * 15, [("ok", 0.0, 100)] * 100, "failures"),
        ([("ok", 0.0, 100)] * 85 + [("failed", 0.0, 1)] * 15, [("ok", 0.0, 100)] * 99, None),
    ],
)
def test_guards(trial: Any, control: Any, broken: str | None) -> None:
    found = tally(trial=trial, control=control).broken(Guards(), clock.now())
    assert (found and found.figure) == broken


def test_the_interval_of_a_difference() -> None:
    """Newcombe's own example: 56 of 70 beside 48 of 80."""
    by, low, high = difference(56, 70, 48, 80)
    assert (round(by, 4), round(low, 4), round(high, 4)) == (0.2, 0.0524, 0.3339)
    assert difference(0, 0, 0, 0) == (0.0, -1.0, 1.0)
