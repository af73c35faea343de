"""What a training comes to: probabilities that hold, quality that is kept, and who acts after it."""

import random
import time
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest
from sqlalchemy import select, update

from freehold.db import Database
from freehold.errors import Conflict, FreeholdError, NotFound
from freehold.gateway.learning import jobs, service, worker
from freehold.gateway.learning.acting import Acting, ActingScorers
from freehold.gateway.learning.calibration import Calibration, Seen, calibrated
from freehold.gateway.learning.models import RouteLabel, RouteScorer
from freehold.gateway.learning.packing import pack_features, pack_scorer, unpack_scorer
from freehold.gateway.learning.training import Row, trained
from freehold.gateway.routing.scorer.features import features_of
from freehold.gateway.routing.scorer.training import Label, train
from freehold.identity.models import User
from freehold.kit.clock import now
from freehold.kit.ids import new_id
from tests.chat.conftest import new_user
from tests.gateway.learning.conftest import Start
from tests.gateway.routing.scorer.test_scorer import chinese, english
from tests.usage.conftest import database, open_again

__all__ = ["database", "open_again"]

Make = Callable[[bool, random.Random], str]
MODEL = "house/m"


def prompts(make: Make, count: int, seed: int, noise: float = 0.0) -> list[tuple[str, float]]:
    """Prompts whose length tells nothing, with whether the local answer is as good."""
    chance = random.Random(seed)
    found = []
    for at in range(count):
        hard = at % 2 == 1
        good = float(hard == (chance.random() < noise))
        found.append((make(hard, chance) + " ok" * chance.randint(0, 40), good))
    return found


def rows(found: list[tuple[str, float]], *, fresh: bool = True) -> list[Row]:
    return [Row(pack_features(features_of(text)), good, 1.0, 1.0, True, fresh) for text, good in found]


def test_probabilities_hold_and_their_intervals_say_how_little_is_known() -> None:
    chance = random.Random(1)

    def seen(count: int) -> list[Seen]:
        scores = [chance.gauss(0, 1) for _ in range(count)]
        return [Seen(score, float(chance.random() < 0.2 + 0.6 * (score > 0)), 1.0) for score in scores]

    small, large = calibrated(seen(300)), calibrated(seen(5000))
    for score, truth in ((-1.5, 0.1), (0.0, 0.5), (1.5, 0.9)):
        p, low, high = large.p(score)
        assert abs(p - truth) < 0.1
        assert low < p < high
        assert high - low < small.p(score)[2] - small.p(score)[1]
    assert large.p(99.0) == large.p(1e9), "nothing is said of what was never seen"
    assert Calibration.read(large.as_dict()) == large


def test_the_floor_keeps_what_is_asked_of_it() -> None:
    chance = random.Random(2)
    scores = [chance.random() for _ in range(4000)]
    judged = [Seen(score, float(chance.random() < score), 1.0) for score in scores]
    found = calibrated(judged)
    for kept in (0.8, 0.9, 0.95):
        floor = found.floor(kept, "balanced")
        home = [one for one in judged if found.p(one.score)[0] >= floor]
        told = 1 - sum(1 - one.local for one in home) / len(judged)
        assert kept - 0.01 < told < kept + 0.04
        assert found.floor(kept, "cost") <= floor <= found.floor(kept, "quality")
    assert found.floor(1.0, "quality") == 1.0
    assert found.floor(0.0, "cost") < 0.2


@pytest.mark.parametrize("make", [english, chinese])
def test_what_can_be_learned_acts_and_puts_hard_below_easy(make: Make) -> None:
    found = trained(rows(prompts(make, 320, 3, noise=0.15)), None)
    assert found is not None
    assert found.why is None, found.verdict
    scorer, calibration = unpack_scorer(found.weights), Calibration.read(found.calibration)
    assert scorer is not None
    acting, chance = Acting("x", scorer, calibration), random.Random(4)
    easy, hard = (
        [acting.need(features_of(make(one, chance)), 0.95, "balanced") for _ in range(20)] for one in (False, True)
    )
    assert sum(one.p > other.p for one in easy for other in hard) > 0.95 * 400
    assert len({one.p for one in (*easy, *hard)}) > 30, "not one score for all"
    assert all(one.low <= one.p <= one.high and one.learned for one in (*easy, *hard))
    assert sum(one.p >= one.floor for one in easy) > sum(one.p >= one.floor for one in hard)


def test_noise_too_few_labels_and_an_equal_model_leave_the_prior() -> None:
    random_labels = trained(rows(prompts(english, 320, 5, noise=0.5)), None)
    assert random_labels is not None
    assert random_labels.why in ("not_better", "no_gap")
    assert trained(rows(prompts(english, 299, 5)), None) is None
    equal = trained([row._replace(local=1.0) for row in rows(prompts(english, 320, 5))], None)
    assert equal is not None
    assert (equal.why, equal.verdict) == ("no_gap", None)


def test_a_new_scorer_that_does_worse_on_new_labels_is_refused() -> None:
    good = trained(rows(prompts(english, 320, 6)), None)
    assert good is not None
    muddled = rows(prompts(english, 500, 7, noise=0.6), fresh=False) + rows(prompts(english, 60, 8))
    found = trained(muddled, good.weights)
    assert found is not None
    assert found.replay is not None
    assert found.replay["labels"] == 60
    assert found.replay["acting"] > found.replay["apgr"] + 0.01
    assert found.why is not None


def test_a_scorer_is_packed_without_a_change_and_a_score_takes_little_time() -> None:
    labels = [Label(features_of(text), good, 1.0) for text, good in prompts(english, 320, 9)]
    scorer = train(labels)
    again = unpack_scorer(pack_scorer(scorer))
    assert again is not None
    texts = [english(at % 2 == 1, random.Random(at)) + " and so on" * 150 for at in range(200)]
    assert all(abs(scorer.score(text) - again.score(text)) < 1e-5 for text in texts)
    acting = Acting("x", again, calibrated([Seen(again.of(one.features), one.local, 1.0) for one in labels]))
    taken = []
    for text in texts:
        best = 1.0
        for _ in range(3):
            began = time.process_time()
            acting.need(features_of(text), 0.95, "balanced")
            best = min(best, time.process_time() - began)
        taken.append(best)
    assert sorted(taken)[int(len(taken) * 0.99)] < 0.002 * 3, "2 ms on an idle machine; a busy one is slower"


# --- in the database ------------------------------------------------------------------------------------------------


async def fill(database: Database, found: list[tuple[str, float]], language: str = "en") -> None:
    at = now()
    async with database.begin() as session:
        user = User(id=new_id(), name="x", role="member", status="active", preferences={}, created_at=at, updated_at=at)
        session.add(user)
        await session.flush()
        for row in rows(found):
            label = RouteLabel(id=new_id(), user_id=user.id, source="pair", model=MODEL, language=language)
            label.local, label.premium, label.features, label.created_at = row.local, row.premium, row.features, at
            session.add(label)


async def states(database: Database) -> list[str]:
    async with database.read() as session:
        return list(await session.scalars(select(RouteScorer.state).order_by(RouteScorer.id)))


async def test_who_acts_after_trainings_and_going_back(database: Database) -> None:
    with pytest.raises(NotFound):
        await jobs.roll_back(database, MODEL, "en")
    await fill(database, prompts(english, 310, 10))
    await fill(database, prompts(chinese, 20, 10), "zh")
    acting = ActingScorers(database)
    found = {one.language: one.result for one in await jobs.train(database)}
    assert found == {"en": "took_over", "zh": "too_few"}
    await acting.refresh()
    first = acting.of([MODEL], "en")
    assert first is not None
    assert acting.of([MODEL], "zh") is None
    assert {one.result for one in await jobs.train(database, nightly=True)} == {"unchanged", "too_few"}
    await fill(database, prompts(english, 60, 11))
    assert "took_over" in {one.result for one in await jobs.train(database, nightly=True)}
    await acting.refresh()
    assert acting.of([MODEL], "en") != first
    assert await states(database) == ["standby", "acting"]
    before = await jobs.roll_back(database, MODEL, "en")
    assert before is not None
    await acting.refresh()
    again = acting.of([MODEL], "en")
    assert again is not None
    assert again.id == first.id
    assert await states(database) == ["acting", "rolled_back"]
    assert {one.result for one in await jobs.train(database, nightly=True)} == {"unchanged", "too_few"}
    assert await jobs.roll_back(database, MODEL, "en") is None
    await acting.refresh()
    assert acting.of([MODEL], "en") is None
    with pytest.raises(Conflict):
        await jobs.roll_back(database, MODEL, "en")


async def test_two_trainings_at_once_leave_one_that_acts(database: Database) -> None:
    await fill(database, prompts(english, 310, 12))
    async with anyio.create_task_group() as group:
        for _ in range(2):
            group.start_soon(jobs.train, database)
    assert sorted(await states(database))[0] == "acting"
    assert (await states(database)).count("acting") == 1


async def test_what_stopped_to_be_true_gives_way_to_the_prior(database: Database) -> None:
    await fill(database, prompts(english, 310, 13))
    await jobs.train(database)
    async with database.begin() as session:
        await session.execute(update(RouteLabel).values(created_at=now().replace(year=2020)))
    turned = [(text, 1.0 - good) for text, good in prompts(english, 310, 14)]
    await fill(database, turned)
    (found,) = await jobs.train(database)
    assert found.result == "back_to_prior", found
    assert "acting" not in await states(database)


async def test_a_training_that_breaks_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\ncat > /dev/null\necho 'MemoryError: no room' >&2\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(worker.sys, "executable", str(broken))
    with pytest.raises(FreeholdError, match="MemoryError: no room"):
        await worker.train_apart([], None)


async def test_a_long_training_goes_on_without_whoever_asked(monkeypatch: pytest.MonkeyPatch, start: Start) -> None:
    services = await start()
    admin = await new_user(services, "ann")
    go_on = anyio.Event()

    async def held(*_: object, **__: object) -> list[jobs.Training]:
        await go_on.wait()
        return [jobs.Training(MODEL, "en", 3, "too_few")]

    monkeypatch.setattr(jobs, "train", held)
    monkeypatch.setattr(service, "PATIENCE_SECONDS", 0.01)
    early = await services.learning.train(admin, services.tasks)
    assert (early.results, early.state.training) == ([], True)
    with pytest.raises(Conflict):
        await services.learning.train(admin, services.tasks)
    go_on.set()
    monkeypatch.setattr(service, "PATIENCE_SECONDS", 30)
    with anyio.fail_after(30):
        while (await services.learning.state(admin)).training:
            await anyio.sleep(0.01)
    done = await services.learning.train(admin, services.tasks)
    assert [one.result for one in done.results] == ["too_few"]
    assert not done.state.training

    async def broken(*_: object, **__: object) -> list[jobs.Training]:
        raise FreeholdError("The training failed: MemoryError.")

    monkeypatch.setattr(jobs, "train", broken)
    with pytest.raises(FreeholdError, match="MemoryError"):
        await services.learning.train(admin, services.tasks)
    assert not (await services.learning.state(admin)).training
