"""The trial of freehold.yaml in a running server: since when it runs, how it goes, and that it is halted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import anyio
import structlog
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from freehold.access.subject import Subject
from freehold.chat.models import Message
from freehold.db import Database
from freehold.errors import Conflict, NotFound, StorageError
from freehold.gateway.learning.models import RouteLabel
from freehold.gateway.routing.arms import Arms
from freehold.gateway.routing.pipeline.snapshot import AUTO
from freehold.gateway.routing.pipeline.stages import changed
from freehold.gateway.routing.policy import Policy
from freehold.kit import clock
from freehold.kit.ids import first_id_at
from freehold.observability import metrics
from freehold.savings.reports import PATH
from freehold.savings.trials.figures import NEEDED, Tally
from freehold.savings.trials.schemas import TrialHalted, TrialReport, TrialState, TrialTerms
from freehold.settings.models import SettingRow
from freehold.settings.routing import Trial
from freehold.usage.models import UsageRow
from freehold.usage.record import OWN_WORK

REFRESH_SECONDS = 5.0
"""How old what another process found may be here."""

LOOK_SECONDS = 60.0
DAYS = 30
MOST_LINES = 200_000
"""Lines of the ledger that are read in one look; the next one goes on from there."""

PAGE = 200  # lines that are read at once; others are answered in between

SETTLED = timedelta(minutes=10)
"""Lines older than this are all written, and are not read a second time."""

_log = structlog.get_logger(__name__)


class Stored(BaseModel):
    """What is kept of a trial. `since`: calls from then on are counted."""

    began_at: datetime
    since: datetime
    halted: TrialHalted | None = None


def _key(trial_id: str) -> str:
    return f"trial:{trial_id}"


async def stored(database: Database, trial: Trial) -> Stored | None:
    """What is kept of it; None: no server has seen it. Raises StorageError."""
    async with database.read() as session:
        row = await session.get(SettingRow, _key(trial.id))
    return None if row is None else Stored.model_validate(row.value)


@dataclass(slots=True)
class _Reading:
    """How far the ledger was read: everything up to the line `after` is in `settled`."""

    about: tuple[Any, ...]
    settled: Tally
    after: str


class Trials:
    """One per process; `refresh` before the first call, `run` in the background."""

    def __init__(self, database: Database, policy: Policy) -> None:
        self._database = database
        self._policy = policy
        self._reading: _Reading | None = None
        self._lock = anyio.Lock()  # readings are made one after the other

    async def run(self) -> None:
        """Refresh, and look every minute, for ever; ends by cancellation."""
        looks_at = anyio.current_time() + LOOK_SECONDS
        while True:
            await anyio.sleep(REFRESH_SECONDS)
            try:
                if anyio.current_time() < looks_at:
                    await self.refresh()
                else:
                    looks_at = anyio.current_time() + LOOK_SECONDS
                    await self.look()
            except StorageError as error:
                _log.warning("trial_not_read", code=error.code)

    async def refresh(self) -> Stored | None:
        """Read what is kept of the trial, which begins when it is first seen. Raises StorageError."""
        trial = self._policy.declared.trial
        found = None
        if trial is not None:
            found = await stored(self._database, trial) or await self._begin(trial)
        self._put(trial, found)
        return found

    async def _begin(self, trial: Trial) -> Stored:
        at = clock.now()
        begun = Stored(began_at=at, since=at)
        try:
            async with self._database.begin() as session:
                session.add(SettingRow(key=_key(trial.id), value=begun.model_dump(mode="json"), updated_at=at))
        except IntegrityError:  # another process was first
            return await stored(self._database, trial) or begun
        _log.info("trial_began", trial=trial.id, share=trial.share)
        return begun

    def _put(self, trial: Trial | None, found: Stored | None) -> None:
        halted = trial is not None and found is not None and found.halted is not None
        self._policy.halted_trial = trial.id if trial is not None and halted else None
        metrics.TRIAL_HALTED.set(halted)

    async def look(self) -> TrialHalted | None:
        """Halt the trial where one of its guards is broken; the reason, where it is halted. Raises StorageError."""
        trial, found = self._policy.declared.trial, await self.refresh()
        if trial is None or found is None or found.halted is not None:
            return found and found.halted
        at = clock.now()
        broken = (await self._tally(trial, found)).broken(trial.guards, at)
        if broken is None:
            return None
        async with self._database.begin() as session:
            row = await session.get(SettingRow, _key(trial.id), with_for_update=True)
            now = Stored.model_validate(row.value) if row is not None else found
            if now.halted is None and now.since == found.since:
                now = now.model_copy(update={"halted": broken})
                value = now.model_dump(mode="json")
                await session.merge(SettingRow(key=_key(trial.id), value=value, updated_at=at))
                about = broken.model_dump(exclude={"at"})
                _log.warning("trial_halted", id=trial.id, **about)
        self._put(trial, now)
        return now.halted

    async def resume(self, subject: Subject) -> TrialState:
        """Let a halted trial go on; only calls from now on are counted. Raises NotFound, Conflict, StorageError."""
        trial = self._policy.declared.trial
        if trial is None:
            raise NotFound("There is no trial.", next_step="Declare one as routing.trial in freehold.yaml.")
        at = clock.now()
        async with self._database.begin() as session:
            row = await session.get(SettingRow, _key(trial.id), with_for_update=True)
            if row is None or row.value.get("halted") is None:
                raise Conflict("The trial is not halted.", next_step="Look at it again.")
            now = Stored.model_validate(row.value).model_copy(update={"halted": None, "since": at})
            row.value, row.updated_at = now.model_dump(mode="json"), at
        self._put(trial, now)
        _log.info("trial_resumed", user_id=subject.user_id, trial=trial.id)
        return await self.state()

    async def state(self) -> TrialState:
        """How it goes. Raises StorageError."""
        trial, found = self._policy.declared.trial, await self.refresh()
        if trial is None or found is None:
            return TrialState(trial=None)
        tally, usual = await self._tally(trial, found), self._policy.terms
        tried = changed(usual, trial.set)
        state = "halted" if found.halted is not None else "running" if tally.enough else "not_enough"
        report = TrialReport(
            id=trial.id,
            share=trial.share,
            tried=TrialTerms(objective=tried.objective, quality_floor=tried.floor),
            usual=TrialTerms(objective=usual.objective, quality_floor=usual.floor),
            guards=trial.guards,
            state=state,
            began_at=found.began_at,
            since=found.since,
            needed=NEEDED,
            arms=[tally.trial.shown("trial"), tally.control.shown("control")],
            differences=tally.differences(),
            halted=found.halted,
        )
        return TrialState(trial=report)

    # --- reading ----------------------------------------------------------------------------------------------------

    async def _tally(self, trial: Trial, found: Stored) -> Tally:
        """Both arms since the trial began, of at most 30 days, until it was halted."""
        today = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        first = max(found.since, today - timedelta(days=DAYS))
        async with self._lock:
            tally = await self._read(trial, first, found.halted.at if found.halted is not None else None)
        await self._disliked(tally, first)
        return tally

    async def _read(self, trial: Trial, first: datetime, until: datetime | None) -> Tally:
        about = trial.id, trial.share, first
        if self._reading is None or self._reading.about != about:
            tally = Tally(Arms(trial.id, trial.share), self._is_premium)
            self._reading = _Reading(about, tally, first_id_at(first))
        reading, tally = self._reading, None
        horizon, end = first_id_at(clock.now() - SETTLED), None if until is None else first_id_at(until)
        names = ("id", "user_id", "source", "status", "error", "model", "route", "duration_ms")
        columns = [getattr(UsageRow, name) for name in (*names, "cost_nanodollars", "house_nanodollars")]
        query = select(*columns, PATH.label("path")).where(
            UsageRow.requested == AUTO,
            UsageRow.status != "refused",
            UsageRow.cache.is_(None),
            UsageRow.source.not_in(OWN_WORK),
        )
        if end is not None:
            query = query.where(UsageRow.id < end)
        after, seen = reading.after, 0
        while seen < MOST_LINES:
            async with self._database.read() as session:
                page = query.where(UsageRow.id > after).order_by(UsageRow.id).limit(PAGE)
                rows = (await session.execute(page)).all()
            for row in rows:
                if row.id < horizon:
                    reading.settled.see(row)
                    reading.after = row.id
                else:
                    tally = tally or reading.settled.copied()
                    tally.see(row)
            seen += len(rows)
            if len(rows) < PAGE:
                reading.after = max(reading.after, horizon)
                break
            after = rows[-1].id
        return tally or reading.settled.copied()

    def _is_premium(self, ref: str) -> bool:
        # one that is gone was dear enough to be sent out to
        return self._policy.snapshot.tiers.get(ref, "premium") == "premium"

    async def _disliked(self, tally: Tally, first: datetime) -> None:
        """Count the answers with a thumb down, and those that were asked again of a model outside."""
        start = first_id_at(first)
        route, again = Message.run["route"].label("route"), select(RouteLabel.message_id)
        rated = select(Message.id, Message.feedback, route).where(Message.id > start, Message.feedback.is_not(None))
        again = again.where(RouteLabel.id > start, RouteLabel.source == "regenerate")
        asked_again = select(Message.id, route).where(Message.id > start, Message.id.in_(again))
        async with self._database.read() as session:
            thumbs = (await session.execute(rated)).all()
            others = (await session.execute(asked_again)).all()
        found = {row.id: row.route for row in thumbs if row.feedback is not None and not row.feedback["good"]}
        for route_of in (found | {row.id: row.route for row in others}).values():
            ran = route_of.get("trial") if isinstance(route_of, Mapping) else None
            if ran is not None and ran["id"] == tally.arms.trial_id:
                tally.of(ran["arm"]).disliked += 1
        for sums in (tally.trial, tally.control):  # one may have been answered just before the first call that counts
            sums.disliked = min(sums.disliked, sums.in_chat)
