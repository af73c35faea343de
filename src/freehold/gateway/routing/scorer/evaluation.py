"""How well an order of prompts routes: measured as in the RouteLLM paper, with intervals; pure.

Ong et al., RouteLLM: Learning to route LLMs with preference data, 2024. The prompts with the lowest scores go to the
premium model first. PGR(x), the performance gap recovered, is the quality with x of the prompts sent there, less the
local quality, divided by the premium quality less the local one; APGR is its mean over x: 0.5 at random. CPT(p) is the
x at which PGR reaches p.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

RESAMPLES = 1000
CHANCE = 0.5
"""The APGR of sending at random."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One prompt: its score, the quality of both answers, what the premium one costs (any unit).

    `prior` is the score that would be used without a scorer; the same for all of them is no order.
    """

    score: float
    local: float
    premium: float
    cost: float = 1.0
    prior: float = 0.0

    @property
    def gain(self) -> float:
        return self.premium - self.local


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an order of prompts is worth. `low` and `high` bound the APGR with 95 % confidence; shares are of 1.

    `prior` is the APGR of the prior's order, and `lead_low` the least by which the scores are better, with the same
    confidence; both are measured on the same prompts.
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
    prior: float
    lead_low: float

    @property
    def trusted(self) -> bool:
        """Whether it is better than chance and than the prior, with 95 % confidence; else the prior stays.

        Against chance alone a scorer from elsewhere passes where long prompts are the hard ones: it has learned that
        much, and the prior knows it already.
        """
        return self.low > CHANCE and self.lead_low > 0


def judge(outcomes: Sequence[Outcome], *, seed: int = 0, resamples: int = RESAMPLES) -> Verdict | None:
    """The verdict on scores; None when the premium model is no better, so that there is nothing to route by."""
    ordered = sorted(outcomes, key=lambda outcome: outcome.score)
    gains = [outcome.gain for outcome in ordered]
    gap = sum(gains)
    if not ordered or gap <= 0:
        return None
    by_prior = sorted(range(len(ordered)), key=lambda at: ordered[at].prior)
    once = [1] * len(ordered)
    found, leads = _resampled(gains, by_prior, random.Random(seed), resamples)  # noqa: S311 - a bootstrap, no secret
    recovered = [part / gap for part in accumulate(gains)]
    local = sum(outcome.local for outcome in ordered)
    lowest, highest = round(0.025 * (resamples - 1)), round(0.975 * (resamples - 1))
    return Verdict(
        apgr=_apgr(gains, range(len(gains)), once),
        low=found[lowest],
        high=found[highest],
        cpt50=_share_at(recovered, 0.5),
        cpt80=_share_at(recovered, 0.8),
        saved95=_saved(ordered, local, gap, 0.95),
        saved99=_saved(ordered, local, gap, 0.99),
        prior=_apgr(gains, by_prior, once) if _is_order(ordered) else CHANCE,
        lead_low=leads[lowest] if _is_order(ordered) else found[lowest] - CHANCE,
    )


def _is_order(outcomes: Sequence[Outcome]) -> bool:
    """Whether the prior says anything."""
    return any(outcome.prior != outcomes[0].prior for outcome in outcomes)


def _resampled(
    gains: Sequence[float], by_prior: Sequence[int], chance: random.Random, resamples: int
) -> tuple[list[float], list[float]]:
    """The APGR of resamples, and by how much it is more than the prior's on the same ones; both sorted."""
    by_score = range(len(gains))
    found: list[float] = []
    leads: list[float] = []
    for _ in range(resamples):
        times = [0] * len(gains)
        for at in chance.choices(by_score, k=len(gains)):
            times[at] += 1
        apgr = _apgr(gains, by_score, times)
        found.append(apgr)
        leads.append(apgr - _apgr(gains, by_prior, times))
    return sorted(found), sorted(leads)


def _apgr(gains: Sequence[float], order: Iterable[int], times: Sequence[int]) -> float:
    """The area under PGR, by trapezoids, with each prompt in it so many times."""
    area = below = 0.0
    count = 0
    for at in order:
        if repeated := times[at]:
            gain = gains[at] * repeated
            area += repeated * (below + gain / 2)
            below += gain
            count += repeated
    if below <= 0:
        return CHANCE  # a sample in which there is nothing to gain says nothing
    return area / below / count


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
        quality += outcome.gain
        paid += outcome.cost
    return 1 - paid / total if total else 0.0
