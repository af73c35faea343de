"""Learning in a running server: which scorers act, trainings, and how much is compared."""

from collections import Counter
from typing import Any

import anyio
import structlog
from anyio.abc import TaskGroup
from sqlalchemy import func, select

from freehold.access.subject import Subject
from freehold.db import Database
from freehold.errors import Conflict, FreeholdError, StorageError
from freehold.gateway.baseline import Baseline
from freehold.gateway.learning import jobs
from freehold.gateway.learning.acting import About, ActingScorers
from freehold.gateway.learning.models import RouteLabel, RouteScorer
from freehold.gateway.learning.schemas import (
    LabelCount,
    Learned,
    LearningState,
    ScorerShown,
    TrainingDone,
    TrainingResult,
)
from freehold.gateway.learning.shadows import Shadows, spent_today
from freehold.gateway.learning.training import NEEDED
from freehold.gateway.routing.pipeline.decision import Decision
from freehold.gateway.routing.policy import Policy
from freehold.kit import clock
from freehold.settings.models import SettingRow
from freehold.settings.routing import AutoSettings
from freehold.usage.money import to_usd

REFRESH_SECONDS = 5.0
"""How old what another process changed may be here."""

PATIENCE_SECONDS = 20.0
"""How long a request waits for a training; proxies give up soon after."""

_KEY = "learning"
_log = structlog.get_logger(__name__)


class Learning:
    """One per process: `refresh` before the first call, `run` in the background."""

    def __init__(self, database: Database, policy: Policy, shadows: Shadows, baseline: Baseline) -> None:
        self.acting = ActingScorers(database)
        self._database = database
        self._policy = policy
        self._baseline = baseline
        self._shadow = 0.0  # as the app says
        self._training = False
        policy.judge = self.acting.judge
        shadows.share = self.share

    def share(self) -> float:
        """Of local answers, to be compared: what freehold.yaml says, else the app."""
        auto = self._policy.declared.auto
        return auto.shadow if auto is not None and "shadow" in auto.model_fields_set else self._shadow

    def words(self, decision: Decision, prompt: str) -> list[tuple[str, float]]:
        """The words of a prompt that moved the belief of a decision most; none where nothing was learned."""
        if decision.need is None or not decision.need.learned:
            return []
        acting = self.acting.of([one.ref for one in decision.ranked if one.self_hosted], decision.language)
        return [] if acting is None else acting.words(prompt)

    async def refresh(self) -> None:
        """Read what there is. Raises StorageError."""
        async with self._database.read() as session:
            row = await session.get(SettingRow, _KEY)
        told = (row.value if row is not None else {}).get("shadow", 0.0)
        self._shadow = min(1.0, max(0.0, float(told)))
        await self.acting.refresh()

    async def run(self) -> None:
        """Refresh for ever; ends by cancellation."""
        while True:
            await anyio.sleep(REFRESH_SECONDS)
            try:
                await self.refresh()
            except StorageError as error:
                _log.warning("learning_not_read", code=error.code)

    async def sweep(self) -> None:
        """Train what has new labels; run daily. Raises StorageError."""
        if self._training:
            return
        try:
            await self._train(nightly=True)
        except StorageError:
            raise
        except FreeholdError as error:
            _log.error("training_failed", error=error.message)

    async def train(self, subject: Subject, tasks: TaskGroup) -> TrainingDone:
        """Train everything now, as one of `tasks`, so that it outlives a request that is given up.

        Of a long one there are no results yet. Raises Conflict while a training is under way, and as that.
        """
        if self._training:
            raise Conflict("A training is under way.", next_step="Wait until it is done.")
        self._training = True  # before the task has begun
        done, found, failures = anyio.Event(), list[jobs.Training](), list[FreeholdError]()

        async def work() -> None:
            try:
                found.extend(await self._train(nightly=False))
            except FreeholdError as error:
                failures.append(error)
            except Exception as error:  # noqa: BLE001 - it must not end the server, and is told
                _log.exception("training_broke")
                failures.append(FreeholdError(f"The training broke: {type(error).__name__}."))
            finally:
                done.set()

        tasks.start_soon(work)
        with anyio.move_on_after(PATIENCE_SECONDS):
            await done.wait()
        if failures:
            raise failures[0]
        results = [
            TrainingResult(model=one.model, language=one.language, labels=one.labels, result=one.result)
            for one in found
        ]
        return TrainingDone(results=results, state=await self.state(subject))

    async def _train(self, *, nightly: bool) -> list[jobs.Training]:
        self._training = True
        try:
            found = await jobs.train(self._database, nightly=nightly)
            for one in found:
                why = one.trained.why if one.trained is not None else None
                about = {"model": one.model, "language": one.language, "labels": one.labels}
                _log.info("scorer_trained", **about, result=one.result, why=why)
            return found
        finally:
            self._training = False
            with anyio.CancelScope(shield=True):
                await self.acting.refresh()

    async def roll_back(self, subject: Subject, model: str, language: str) -> LearningState:
        """Put the scorer before the acting one to work, or the prior. Raises NotFound, Conflict, StorageError."""
        before = await jobs.roll_back(self._database, model, language)
        acts = before.id if before is not None else "prior"
        _log.info("scorer_rolled_back", user_id=subject.user_id, model=model, language=language, acts=acts)
        await self.acting.refresh()
        return await self.state(subject)

    async def set_shadow(self, subject: Subject, share: float) -> LearningState:
        """Compare so large a share. Raises Conflict where freehold.yaml says it."""
        auto = self._policy.declared.auto
        if auto is not None and "shadow" in auto.model_fields_set:
            raise Conflict("freehold.yaml sets the share.", next_step="Change routing.auto.shadow there.")
        async with self._database.begin() as session:
            await session.merge(SettingRow(key=_KEY, value={"shadow": share}, updated_at=clock.now()))
        await self.refresh()
        return await self.state(subject)

    async def state(self, subject: Subject) -> LearningState:
        """How things stand. Raises StorageError."""
        auto = self._policy.declared.auto or AutoSettings()
        async with self._database.read() as session:
            label = RouteLabel.model, RouteLabel.language, RouteLabel.source
            counted = (await session.execute(select(*label, func.count()).group_by(*label))).all()
            columns = [one for one in RouteScorer.__table__.columns if one.name != "weights"]
            scorers = (await session.execute(select(*columns).order_by(RouteScorer.id.desc()))).all()
            spent = await spent_today(session)
        counts: dict[About, Counter[Any]] = {}
        for model, language, source, count in counted:
            counts.setdefault((model, language), Counter())[source] += count
        for row in scorers:
            counts.setdefault((row.model, row.language), Counter())
        rival = self._baseline.of(subject)
        return LearningState(
            shadow=self.share(),
            shadow_from_file="shadow" in auto.model_fields_set,
            baseline=rival.ref if rival is not None else None,
            judge=auto.judge or (rival.ref if rival is not None else None),
            spent_today_usd=to_usd(spent),
            most_today_usd=auto.shadow_usd_per_day,
            training=self._training,
            by_source=_by_source(sum(counts.values(), Counter())),
            learned=[
                _learned(about, found, [row for row in scorers if (row.model, row.language) == about])
                for about, found in sorted(counts.items(), key=lambda one: (-one[1].total(), one[0]))
            ],
        )


def _by_source(found: "Counter[Any]") -> list[LabelCount]:
    return [LabelCount(source=source, labels=count) for source, count in found.most_common()]


def _learned(about: About, found: "Counter[Any]", rows: list[Any]) -> Learned:
    acts = any(row.state == "acting" for row in rows)
    return Learned(
        model=about[0],
        language=about[1],
        labels=found.total(),
        needed=NEEDED,
        state="learned" if acts else "prior",
        can_roll_back=acts,
        by_source=_by_source(found),
        scorers=[_scorer(row) for row in rows],
    )


def _scorer(row: Any) -> ScorerShown:
    verdict = row.report["verdict"] or {}
    figures = {name: verdict.get(name) for name in ("apgr", "low", "high", "prior", "saved95")}
    return ScorerShown(
        state=row.state,
        trained_at=row.trained_at,
        labels=row.labels,
        judged=row.report["judged"],
        why=row.report["why"],
        **figures,
    )
