"""What a call is compared with: the baseline that is named, or the dearest premium model that its caller may use."""

from typing import Any, cast

import pytest

from freehold.access.subject import Subject
from freehold.db import Database
from freehold.gateway.baseline import ENOUGH_ANSWERS, Baseline
from freehold.gateway.meter import Attempt, CallRecord, Size
from freehold.gateway.routing.policy import Policy
from freehold.gateway.routing.slots import Slots
from freehold.identity.keys.grant import Grant
from freehold.usage.ledger import Ledger
from freehold.usage.record import UsageRecord
from tests.gateway.routing.routes import MODELS, shelf
from tests.gateway.routing.shelf import router
from tests.usage.conftest import call

ANYBODY = Subject("0192d7a0-0000-7000-8000-000000000001", "member", None)
PRICED = {
    "model": "cloud/mini",
    "cost_usd": 0.001,
    "input_tokens": 1_000,
    "output_tokens": 100,
    "cached_input_tokens": 0,
}


THOUSAND = Size(1_000)


def made(database: Any = None, **routing: Any) -> Baseline:
    rooms = router(shelf(MODELS, **routing))
    return Baseline(Policy(rooms, Slots()), rooms, cast("Database", database))


def with_key(*models: str) -> Subject:
    return Subject("u", "member", None, grant=Grant("k", "k", "u", "member", frozenset({"chat"}), models=models))


def record(*attempts: Attempt, skipped: Any = ()) -> CallRecord:
    found = CallRecord("cloud/mini", "mini", "cloud", "Cloud", False, skipped=list(skipped))
    found.attempts = [*attempts] or [Attempt("cloud/mini", "chosen", duration_ms=1_800_000.0)]
    return found


def compared(baseline: Baseline, *records: UsageRecord, size: Size | None = THOUSAND, **more: Any) -> UsageRecord:
    baseline.compare(ANYBODY, records, record(**more), size)
    return records[0]


def test_the_dearest_premium_model_that_one_may_use() -> None:
    def of(subject: Subject, skipped: Any = (), **routing: Any) -> str | None:
        found = made(**routing).of(subject, skipped)
        return found and found.ref

    assert of(ANYBODY) == "cloud/gpt"
    assert of(ANYBODY, auto={"baseline": "cloud/mini"}) == "cloud/mini"
    assert of(ANYBODY, auto={"baseline": "premium"}) == "cloud/gpt"
    assert of(ANYBODY, auto={"baseline": "gone/away"}) is None, "not another one in its place"
    assert of(with_key("local")) is None
    assert of(with_key("premium")) == of(with_key("cloud/*")) == of(with_key("auto")) == "cloud/gpt"
    for why, found in (("rule_denies", None), ("data_stays", None), ("cooling_down", "cloud/gpt")):
        assert of(ANYBODY, [{"ref": "cloud/gpt", "why": why}]) == found


def test_an_answer_costs_what_the_baseline_takes_for_the_same_tokens() -> None:
    told = compared(made(), call(**PRICED))
    assert (told.baseline, told.baseline_length) == ("cloud/gpt", "written")
    assert told.baseline_usd == pytest.approx((1_000 * 2.5 + 100 * 10.0) / 1e6)


def test_the_baselines_own_answer_is_what_it_cost() -> None:
    told = compared(made(), call(**PRICED | {"model": "cloud/gpt", "cost_usd": 0.0123}))
    assert (told.baseline_length, told.baseline_usd) == ("own", 0.0123)


def test_attempts_cost_and_an_unanswered_call_saved_nothing() -> None:
    first, other = call(**PRICED), call(**PRICED | {"status": "failed"})
    baseline = made()
    baseline.compare(ANYBODY, [first, other], record(), Size(1_000))
    assert first.baseline_usd
    assert (other.baseline, other.baseline_usd) == ("cloud/gpt", 0.0)
    failed = compared(made(), call(**PRICED | {"status": "failed", "input_tokens": None, "output_tokens": None}))
    assert failed.baseline_usd == 0.0


def test_what_is_not_known_is_not_guessed() -> None:
    unpriced = [call(**PRICED), call(**PRICED | {"status": "failed", "cost_usd": None})]
    made().compare(ANYBODY, unpriced, record(), Size(1_000))
    assert [one.baseline_usd for one in unpriced] == [None, None], "one unknown price, and the call is not compared"
    assert compared(made(), call(**PRICED | {"output_tokens": None})).baseline_usd is None
    embedded = compared(made(), call(**PRICED), size=None)
    assert (embedded.baseline, embedded.baseline_usd) == (None, None), "no chat model would have done that"


def test_an_answer_from_the_cache_saves_all_of_it() -> None:
    told, unknown = call(cost_usd=0.0), call(cost_usd=0.0)
    made().of_hit(ANYBODY, told, 1_000, 100)
    made().of_hit(ANYBODY, unknown, None, None)
    assert told.baseline_usd == pytest.approx(0.0035)
    assert (unknown.baseline, unknown.baseline_usd) == ("cloud/gpt", None)


def test_hardware_costs_for_the_time_that_it_was_busy() -> None:
    house = call(**PRICED | {"model": "house/qwen", "self_hosted": True, "cost_usd": 0.0, "duration_ms": 9e9})
    cloud = call(**PRICED | {"status": "failed", "duration_ms": 100.0})
    made(local_cost_per_hour=0.5).compare(ANYBODY, [house, cloud], record(), Size(1_000))
    assert (house.house_usd, cloud.house_usd) == (0.25, 0.0), "half an hour, that of its own attempt"
    assert compared(made(), call(**PRICED)).house_usd is None


async def test_with_fifty_answers_its_own_mean_length_is_taken(database: Database, tmp_path: Any) -> None:
    ledger = Ledger(database, tmp_path)

    async def add(count: int, **changes: Any) -> None:
        for _ in range(count):
            ledger.record(call(model="cloud/gpt", **changes))
        await ledger.flush()

    baseline = made(database)
    await add(ENOUGH_ANSWERS - 1, output_tokens=400)
    await add(40, output_tokens=5, source="title")
    await add(40, output_tokens=0, self_hosted=True, cache="hit")
    await baseline.refresh()
    assert compared(baseline, call(**PRICED)).baseline_length == "written"
    await add(1, output_tokens=450)
    await baseline.refresh()
    told = compared(baseline, call(**PRICED))
    assert told.baseline_length == "mean"
    assert told.baseline_usd == pytest.approx((1_000 * 2.5 + 401 * 10.0) / 1e6)
    short = compared(baseline, call(**PRICED), size=Size(1_000, 40))
    assert short.baseline_usd == pytest.approx((1_000 * 2.5 + 40 * 10.0) / 1e6), "no longer than was allowed"
    for same in ({"source": "title"}, {"status": "stopped"}):
        assert compared(baseline, call(**PRICED | same)).baseline_length == "written"
