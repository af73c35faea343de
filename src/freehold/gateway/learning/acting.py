"""The scorers that act, in memory, and what they believe of a prompt; follows the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import anyio.to_thread
import structlog
from sqlalchemy import select

from freehold.db import Database
from freehold.gateway.learning.calibration import Calibration
from freehold.gateway.learning.models import RouteScorer
from freehold.gateway.learning.packing import unpack_scorer
from freehold.gateway.routing.pipeline.decision import Need
from freehold.gateway.routing.pipeline.snapshot import Unit
from freehold.gateway.routing.rules.facts import Facts
from freehold.gateway.routing.scorer.features import Features, features_of, words_of
from freehold.gateway.routing.scorer.model import Scorer
from freehold.settings.routing import Language, Objective

MOST_REASONS = 3
MOST_WORDS = 5

About = tuple[str, str]
"""Local model, provider/model, and language; empty: none was found."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Acting:
    """One scorer with its calibration."""

    id: str
    scorer: Scorer
    calibration: Calibration

    def need(self, features: Features, kept: float, objective: Objective) -> Need:
        """What it believes, and the p that this share of the premium quality asks for."""
        score, parts = self.scorer.parts(features)
        p, low, high = self.calibration.p(score)
        per_score = self._per_score(p)
        strongest = sorted(parts.items(), key=lambda one: -abs(one[1]))[:MOST_REASONS]
        because = tuple((name, part * per_score) for name, part in strongest if part)
        return Need(p, low, high, self.calibration.floor(kept, objective), learned=True, because=because)

    def words(self, prompt: str) -> list[tuple[str, float]]:
        """The words that move p most, and by about how much."""
        features = features_of(prompt)
        p, _, _ = self.calibration.p(self.scorer.of(features))
        per_score = self._per_score(p)
        parts, names = self.scorer.words(features), words_of(prompt)
        strongest = sorted(((names[at], part * per_score) for at, part in parts.items() if at in names), key=_strength)
        return strongest[:MOST_WORDS]

    def _per_score(self, p: float) -> float:
        """By how much p moves with the score; near 0 and 1, where nothing moves it, as it does a bit inside."""
        return max(p * (1 - p), 0.09) * self.calibration.slope / self.calibration.spread


def _strength(one: tuple[str, float]) -> float:
    return -abs(one[1])


class ActingScorers:
    """One per process: `refresh` before the first call and now and then. `judge` is the pipeline's."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: Mapping[About, Acting] = {}
        self._features: tuple[str, Features] | None = None  # of the last prompt: several models are asked about it

    def of(self, refs: Sequence[str], language: Language | None) -> Acting | None:
        """The scorer of the first of these models that has one."""
        known = (self._known.get((ref, language or "")) for ref in refs)
        return next((one for one in known if one is not None), None)

    def judge(self, facts: Facts, unit: Unit, kept: float, objective: Objective) -> Need | None:
        """See pipeline.need.Judge; about half a millisecond."""
        if not self._known:
            return None
        acting = self.of([item.ref for item in unit.deployments], facts.language)
        if acting is None:
            return None
        asked = facts.content.asked
        if self._features is None or self._features[0] != asked:
            self._features = asked, features_of(asked)
        return acting.need(self._features[1], kept, objective)

    def floor(self, ref: str, language: Language | None, kept: float, objective: Objective) -> float | None:
        """The p that is asked of a model; None: nothing was learned of it."""
        acting = self.of([ref], language)
        return None if acting is None else acting.calibration.floor(kept, objective)

    async def refresh(self) -> None:
        """Load what acts now. Raises StorageError."""
        columns = RouteScorer.id, RouteScorer.model, RouteScorer.language
        async with self._database.read() as session:
            rows = (await session.execute(select(*columns).where(RouteScorer.state == "acting"))).all()
            wanted = {(row.model, row.language): row.id for row in rows}
            kept = {about: one for about, one in self._known.items() if wanted.get(about) == one.id}
            missing = [row_id for about, row_id in wanted.items() if about not in kept]
            query = select(RouteScorer).where(RouteScorer.id.in_(missing))
            fresh = list(await session.scalars(query)) if missing else []
        for row in fresh:
            scorer = await anyio.to_thread.run_sync(unpack_scorer, row.weights)
            if scorer is None:
                _log.info("scorer_of_another_version", model=row.model, language=row.language)
                continue
            kept[row.model, row.language] = Acting(row.id, scorer, Calibration.read(row.report["calibration"]))
        self._known = kept
