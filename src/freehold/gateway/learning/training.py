"""Trains a scorer, judges it on what it was not trained on, and replays it against the one that acts; pure.

It takes some ten milliseconds for each label: see worker.py for how a server does it.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple

from freehold.gateway.learning.calibration import Seen, calibrated
from freehold.gateway.learning.packing import pack_scorer, unpack_features, unpack_scorer
from freehold.gateway.routing.scorer.evaluation import Outcome, Verdict, judge
from freehold.gateway.routing.scorer.training import Label, held_out, train

NEEDED = 300
"""Labels of one model and language; with fewer of them the prior stays."""

ENOUGH_PAIRS = 200
"""From so many blind pairs on those alone judge: who clicks on a thumb, and when, is no accident."""

FRESH = 50
"""Labels that the acting scorer has not seen; with fewer of them it cannot be compared with another."""

WORSE = 0.01
"""APGR that a new scorer may be behind the acting one on those; less than that is noise."""

RESAMPLES = 500

Why = Literal["no_gap", "not_better", "worse_than_acting"]


class Row(NamedTuple):
    """A label as it is stored. `fresh`: made after the acting scorer was trained."""

    features: bytes
    local: float
    premium: float
    trust: float
    is_pair: bool
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class Trained:
    """`why` it must not act; None: it may. `judged`: labels that the verdict is of. `replay`: on the fresh labels."""

    weights: bytes
    labels: int
    judged: int
    why: Why | None
    verdict: dict[str, Any] | None
    calibration: dict[str, Any]
    replay: dict[str, float] | None


def trained(rows: Sequence[Row], acting: bytes | None) -> Trained | None:
    """A scorer of these labels; None when there are too few of this version. `acting`: the packed one that acts."""
    labels: list[Label] = []
    known: list[Row] = []
    for row in rows:
        features = unpack_features(row.features)
        if features is not None:
            labels.append(Label(features, row.local, row.premium, row.trust))
            known.append(row)
    if len(labels) < NEEDED:
        return None
    scores = held_out(labels)
    of_pairs = sum(row.is_pair for row in known) >= ENOUGH_PAIRS
    judged = [at for at, row in enumerate(known) if row.is_pair or not of_pairs]
    verdict = _verdict(labels, scores, judged, [label.features.prior for label in labels])
    replay = _replayed(labels, scores, [at for at in judged if known[at].fresh], acting)
    return Trained(
        weights=pack_scorer(train(labels)),
        labels=len(labels),
        judged=len(judged),
        why=_why(verdict, replay),
        verdict=asdict(verdict) if verdict is not None else None,
        calibration=calibrated([Seen(scores[at], *_quality(labels[at])) for at in judged]).as_dict(),
        replay=replay,
    )


def _quality(label: Label) -> tuple[float, float, float]:
    return label.local, label.premium, label.trust


def _why(verdict: Verdict | None, replay: dict[str, float] | None) -> Why | None:
    if verdict is None:
        return "no_gap"
    if not verdict.trusted:
        return "not_better"
    if replay is not None and replay["apgr"] < replay["acting"] - WORSE:
        return "worse_than_acting"
    return None


def _replayed(
    labels: Sequence[Label], scores: Sequence[float], fresh: Sequence[int], acting: bytes | None
) -> dict[str, float] | None:
    """Both on the labels that neither was trained on; None where there is nothing to compare."""
    scorer = unpack_scorer(acting) if acting is not None else None
    if scorer is None or len(fresh) < FRESH:
        return None
    verdict = _verdict(labels, scores, fresh, [scorer.of(label.features) for label in labels], resamples=1)
    return None if verdict is None else {"apgr": verdict.apgr, "acting": verdict.prior, "labels": len(fresh)}


def _verdict(
    labels: Sequence[Label],
    scores: Sequence[float],
    places: Sequence[int],
    prior: Sequence[float],
    resamples: int = RESAMPLES,
) -> Verdict | None:
    return judge(
        [Outcome(scores[at], labels[at].local, labels[at].premium, prior=prior[at]) for at in places],
        resamples=resamples,
    )
