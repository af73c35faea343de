"""What each call would have cost had everything gone to one premium model: the baseline that savings are told against.

A call is compared as a whole: its answer's line in the ledger carries what the baseline's answer would have cost, the
lines of its failed and overtaken attempts carry 0, as the baseline would have been asked once. Where a price or a count
is unknown none of its lines carries anything, and the call is told as not compared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import anyio
import structlog
from sqlalchemy import func, select

from freehold.access.subject import Subject
from freehold.db import Database
from freehold.errors import FreeholdError, StorageError
from freehold.gateway.meter import CallRecord, Size, cost_usd
from freehold.gateway.routing.deployment import Deployment
from freehold.gateway.routing.pipeline.snapshot import AUTO, Snapshot
from freehold.gateway.routing.policy import Policy
from freehold.gateway.routing.router import Router
from freehold.settings.routing import AutoSettings
from freehold.usage.models import UsageMonth
from freehold.usage.record import OWN_WORK, TO_COMPARE, Length, UsageRecord
from freehold.wire.events import Usage

ENOUGH_ANSWERS = 50
"""From so many answers of the baseline on its mean length here is what its answers are taken to have."""

REFRESH_SECONDS = 60.0

_BARRED = {"not_allowed", "rule_denies", "rule_requires", "leaves_the_house", "data_stays"}
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Premium:
    name: str  # of the alias, or provider/model
    deployment: Deployment


class Baseline:
    """One per process: `start` before the first call, `run` in the background. Compares from memory and never waits."""

    def __init__(self, policy: Policy, router: Router, database: Database) -> None:
        self._policy = policy
        self._router = router
        self._database = database
        self._seen: Snapshot | None = None
        self._declared: Deployment | None = None
        self._auto: AutoSettings | None = None  # as `_seen` was made of them
        self._hardware: float | None = None  # US dollars an hour
        self._premium: list[_Premium] = []  # the dearest first
        self._means: Mapping[str, int] = {}

    def of(self, subject: Subject, skipped: Sequence[Mapping[str, Any]] = ()) -> Deployment | None:
        """What `routing.auto.baseline` names, else the dearest premium model that the subject may use, or None.

        `skipped`: what was passed over for the call at hand; what a rule kept from it is not what it is compared with.
        """
        self._look()
        return self._of(subject, skipped)

    def _of(self, subject: Subject, skipped: Sequence[Mapping[str, Any]]) -> Deployment | None:
        if self._auto is not None and self._auto.baseline is not None:
            return self._declared
        grant = subject.grant
        barred = {one["ref"] for one in skipped if one["why"] in _BARRED} if skipped else ()
        for one in self._premium:
            ref = one.deployment.ref
            if ref not in barred and (grant is None or grant.allows_model(AUTO, one.name, ref)):
                return one.deployment
        return None

    def compare(self, subject: Subject, records: Sequence[UsageRecord], call: CallRecord, size: Size | None) -> None:
        """Fill in what a call's records are compared with; the first is whoever answered. No `size`: it was no chat."""
        first = records[0]
        self._look()
        if self._hardware is not None:
            self._count_hardware(records, call, self._hardware)
        if size is None or first.source in TO_COMPARE:
            return
        baseline = self._of(subject, call.skipped)
        if baseline is None:
            return
        for record in records:
            record.baseline = baseline.ref
        if first.source == "shadow":
            _cost_alone(records)
            return
        length, cost = self._counterfactual(first, baseline, size.output_limit)
        if cost is None:
            return
        for one in records:
            if one.cost_usd is None and _took(one):
                return
        first.baseline_length = length
        for record in records:
            record.baseline_usd = cost if record is first else 0.0

    def of_hit(self, subject: Subject, record: UsageRecord, read: int | None, written: int | None) -> None:
        """Fill in what an answer from the cache is compared with: the whole answer once more, as it was first given."""
        baseline = self.of(subject)
        if baseline is None:
            return
        record.baseline = baseline.ref
        if read is None or written is None:
            return
        record.baseline_usd = _price(baseline, Usage(read, written))
        if record.baseline_usd is not None:
            record.baseline_length = "written"

    def _counterfactual(
        self, record: UsageRecord, baseline: Deployment, limit: int | None
    ) -> tuple[Length | None, float | None]:
        if record.status == "failed":
            return None, 0.0  # nobody was answered, so nothing was saved
        if record.source == "summary":
            return None, 0.0  # the baseline would have been sent the messages themselves
        if record.model == baseline.ref:
            return "own", _sum(record.cost_usd, record.compaction_usd) if record.compaction_tokens else record.cost_usd
        if record.input_tokens is None or record.output_tokens is None:
            return None, None
        usage = Usage(
            record.input_tokens + (record.compaction_tokens or 0), record.output_tokens, record.cached_input_tokens or 0
        )
        mean = self._means.get(baseline.ref)
        if mean is None or record.status == "stopped" or record.source in OWN_WORK:
            return "written", _price(baseline, usage)
        return "mean", _price(baseline, replace(usage, output_tokens=min(mean, limit or mean)))

    @staticmethod
    def _count_hardware(records: Sequence[UsageRecord], call: CallRecord, per_hour: float) -> None:
        answered = next((one for one in reversed(call.attempts) if one.error is None), call.attempts[-1])
        for record in records:
            # the others' duration is that of the attempt alone, the first one's that of the call
            busy_ms = answered.duration_ms if record is records[0] else record.duration_ms
            record.house_usd = per_hour * (busy_ms or 0.0) / 3_600_000 if record.self_hosted else 0.0

    def _look(self) -> None:
        """Look again at what there is, where that changed."""
        snapshot = self._policy.snapshot
        if snapshot is self._seen:
            return
        self._seen = snapshot
        found = [
            _Premium(unit.name, item)
            for unit in snapshot.units
            for item in unit.deployments
            if unit.tier == "premium" and item.price is not None
        ]
        self._premium = sorted(found, key=lambda one: (-(one.deployment.price or 0.0), one.deployment.ref))
        declared = self._policy.declared
        self._auto = auto = declared.auto
        self._hardware = declared.local_cost_per_hour
        self._declared = self._named(snapshot, auto.baseline) if auto is not None and auto.baseline else None

    def _named(self, snapshot: Snapshot, name: str) -> Deployment | None:
        alias = snapshot.aliases.get(name)
        try:
            return alias.own[0] if alias is not None and alias.own else self._router.plan(name).deployments[0]
        except FreeholdError:
            return None

    # --- how long its answers are -----------------------------------------------------------------------------------

    async def refresh(self) -> None:
        """Read how long the answers of possible baselines are on this site. Raises StorageError."""
        self._look()
        refs = {one.deployment.ref for one in self._premium}
        if self._declared is not None:
            refs.add(self._declared.ref)
        answers = func.sum(UsageMonth.calls - UsageMonth.failed_calls)
        query = (
            select(UsageMonth.model, answers, func.sum(UsageMonth.output_tokens))
            # what came from the cache was written once, and our own work is no answer
            .where(UsageMonth.model.in_(refs), UsageMonth.self_hosted.is_(False), UsageMonth.source.not_in(OWN_WORK))
            .group_by(UsageMonth.model)
            .having(answers >= ENOUGH_ANSWERS)
        )
        async with self._database.read() as session:
            rows = (await session.execute(query)).all()
        self._means = {model: max(1, round(written / count)) for model, count, written in rows}

    async def run(self) -> None:
        """Refresh for ever; ends by cancellation."""
        while True:
            try:
                await self.refresh()
            except StorageError as error:
                _log.warning("baseline_not_read", code=error.code)
            await anyio.sleep(REFRESH_SECONDS)


def _cost_alone(records: Sequence[UsageRecord]) -> None:
    """Nobody got this answer, and the baseline would not have needed it: what it cost is taken off what was saved."""
    if all(one.cost_usd is not None or not _took(one) for one in records):
        for record in records:
            record.baseline_usd = 0.0


def _took(record: UsageRecord) -> bool:
    return bool(record.input_tokens or record.output_tokens or record.audio_seconds)


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other


def _price(baseline: Deployment, usage: Usage) -> float | None:
    return 0.0 if baseline.config.self_hosted else cost_usd(baseline.card, usage)
