"""How well an order of prompts routes: measured as in the RouteLLM paper, with intervals; pure.

Ong et al., RouteLLM: Learning to route LLMs with preference data, 2024. The prompts with the lowest scores go to the
premium model first. PGR(x), the performance gap recovered, is the quality with x of the prompts sent there, less the
local quality, divided by the premium quality less the local one; APGR is its mean over x: 0.5 at random. CPT(p) is the
x at which PGR reaches p.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

RESAMPLES = 1000
TRUSTED_PRIOR = 0.5
"""The APGR of sending at random, which a scorer must beat."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One prompt: its score, the quality of both answers, what the premium one costs (any unit)."""

    score: float
    local: float
    premium: float
    cost: float = 1.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an order of prompts is worth. `low` and `high` bound the APGR with 95 % confidence; shares are of 1.

    `saved95` and `saved99`: the part of the cost of sending everything to the premium model that is saved while 95 or
    99 % of its quality is kept.
    """

    apgr: float
    low: float
    high: float
    cpt50: float
    cpt80: float
    saved95: float
    saved99: float

    @property
    def trusted(self) -> bool:
        """Whether it is better than chance with 95 % confidence; where it is not, nothing must be routed by it."""
        return self.low > TRUSTED_PRIOR


def judge(outcomes: Sequence[Outcome], *, seed: int = 0, resamples: int = RESAMPLES) -> Verdict | None:
    """The verdict on scores; None when the premium model is no better, so that there is nothing to route by."""
    ordered = sorted(outcomes, key=lambda outcome: outcome.score)
    gains = [outcome.premium - outcome.local for outcome in ordered]
    gap = sum(gains)
    if not ordered or gap <= 0:
        return None
    chance = random.Random(seed)  # noqa: S311 - a bootstrap, no secret
    resampled = sorted(_resampled(gains, chance) for _ in range(resamples))
    recovered = [part / gap for part in accumulate(gains)]
    local = sum(outcome.local for outcome in ordered)
    return Verdict(
        apgr=_apgr(gains),
        low=resampled[round(0.025 * (resamples - 1))],
        high=resampled[round(0.975 * (resamples - 1))],
        cpt50=_share_at(recovered, 0.5),
        cpt80=_share_at(recovered, 0.8),
        saved95=_saved(ordered, local, gap, 0.95),
        saved99=_saved(ordered, local, gap, 0.99),
    )


def _apgr(gains: Sequence[float]) -> float:
    """The area under PGR, by trapezoids; `gains` in the order in which prompts are sent."""
    gap = sum(gains)
    if gap <= 0:
        return TRUSTED_PRIOR  # a sample in which there is nothing to gain says nothing
    area = below = 0.0
    for gain in gains:
        area += below + gain / 2
        below += gain
    return area / gap / len(gains)


def _resampled(gains: Sequence[float], chance: random.Random) -> float:
    picked = chance.choices(range(len(gains)), k=len(gains))
    picked.sort()  # the order of the scores stays
    return _apgr([gains[at] for at in picked])


def _share_at(recovered: Sequence[float], wanted: float) -> float:
    at = next((at for at, part in enumerate(recovered, 1) if part >= wanted), len(recovered))
    return at / len(recovered)


def _saved(ordered: Sequence[Outcome], local: float, gap: float, kept: float) -> float:
    """The part of the premium cost that need not be paid to keep so much of the premium model's mean quality."""
    wanted = kept * (local + gap)
    total = sum(outcome.cost for outcome in ordered)
    quality, paid = local, 0.0
    for outcome in ordered:
        if quality >= wanted or not total:
            break
        quality += outcome.premium - outcome.local
        paid += outcome.cost
    return 1 - paid / total if total else 0.0
