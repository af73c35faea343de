"""The cascade on recorded answers: where two local models differ the premium one answers; what that costs and keeps.

Where a set has no answers, only whether they were right, two of which at least one is right differ exactly where one is
wrong. Of two wrong ones nobody knows whether they are the same: both ends are printed, and the truth lies between them.
"""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.table import render
from freehold.gateway.routing.cascade.answers import agree, final_of

MOST_PREMIUM, LEAST_KEPT = 0.20, 0.99
"""What is wanted of GSM8K-like work."""

HEADS = [
    "set, local + second -> premium",
    "prompts",
    "wrong pairs taken to",
    "premium calls",
    "quality kept",
    "saved",
    "APGR",
    "aim",
]


@dataclass(frozen=True)
class Trio:
    """Two local models and a premium one on a set; `source`: only prompts whose `src` or task has that in it."""

    name: str
    local: str
    second: str
    premium: str
    source: str = ""
    has_aim: bool = False

    def __str__(self) -> str:
        part = f" ({self.source})" if self.source else ""
        return f"{self.name}{part}, {self.local} + {self.second} -> {self.premium}"


TRIOS = (
    Trio("routellm_gsm8k", "mixtral-8x7b", "", "gpt-4-1106", has_aim=True),
    Trio("mmlu_pro", "llama-3.1-8b", "mixtral-8x7b", "gemini-1.5-pro-002", "elementary_mathematics", has_aim=True),
    Trio("mmlu_pro", "llama-3.1-8b", "mixtral-8x7b", "gemini-1.5-pro-002"),
    Trio("mmlu_pro", "llama-3.1-8b", "phi-3-mini", "gemini-1.5-pro-002"),
    Trio("mmlu_pro", "llama-3.1-70b", "mixtral-8x7b", "gemini-1.5-pro-002"),
)


@dataclass(frozen=True)
class Row:
    """One prompt: quality of the local and the premium answer, what the premium one costs, whether the locals agree
    (None: both are wrong, and nobody knows).
    """

    local: float
    premium: float
    cost: float
    agree: bool | None


@dataclass(frozen=True)
class Outcome:
    """What became of a set."""

    premium_calls: float
    kept: float
    saved: float
    apgr: float

    @property
    def reached(self) -> bool:
        """Whether it is what is wanted of GSM8K-like work."""
        return self.premium_calls <= MOST_PREMIUM and self.kept >= LEAST_KEPT


def table(folder: Path) -> str:
    """The table and what is to be said of it."""
    rows: list[list[str]] = []
    notes: list[str] = []
    for trio in TRIOS:
        found = list(read(folder, trio)) if trio.second else []
        if not found:
            notes.append(f"{trio.name}: only one local model was recorded, so that agreement cannot be checked there")
            continue
        unknown = sum(row.agree is None for row in found)
        ends = [outcome(found, alike=alike) for alike in ((True, False) if unknown else (True,))]
        for end, told in zip(ends, ("be the same", "differ") if unknown else ("-",), strict=True):
            aim = ("reached" if end.reached else "missed") if trio.has_aim else ""
            rows.append([str(trio), f"{len(found):,}", told, *cells(end), aim])
        if trio.has_aim and not all(end.reached for end in ends):
            notes.append(f"{trio}: the aim of at most 20 % premium calls at 99 % of the quality does not hold")
    return "\n".join([render(HEADS, rows), *notes])


def cells(end: Outcome) -> list[str]:
    """The columns of an outcome."""
    return [f"{end.premium_calls:.1%}", f"{end.kept:.1%}", f"{end.saved:.1%}", f"{end.apgr:.3f}"]


def outcome(rows: Sequence[Row], *, alike: bool) -> Outcome:
    """What became of these. `alike`: two wrong answers of which nobody knows are the same."""
    asked = [row for row in rows if not (alike if row.agree is None else row.agree)]
    kept = [row for row in rows if (alike if row.agree is None else row.agree)]
    weak, strong = sum(row.local for row in rows), sum(row.premium for row in rows)
    quality = sum(row.premium for row in asked) + sum(row.local for row in kept)
    cost = sum(row.cost for row in rows)
    share = len(asked) / len(rows)
    gap = (quality - weak) / (strong - weak) if strong > weak else 1.0
    # prompts of one kind are sent in any order: PGR is straight from nothing to the first kind, and from there to all
    area = share * gap / 2 + (1 - share) * (gap + 1) / 2
    saved = 1 - sum(row.cost for row in asked) / cost if cost else 0.0
    return Outcome(share, quality / strong if strong else 1.0, saved, area)


def read(folder: Path, trio: Trio) -> Iterator[Row]:
    """The rows of a set that have all three."""
    with gzip.open(folder / f"{trio.name}.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            scores = row["score"]
            if trio.source not in f"{row.get('src', '')} {row.get('task', '')}":
                continue
            if all(model in scores for model in (trio.local, trio.second, trio.premium)):
                cost = len(row["prompt"]) + 4 * row["out_chars"].get(trio.premium, 0)
                yield Row(scores[trio.local], scores[trio.premium], cost, _agree(row, trio))


def _agree(row: dict[str, Any], trio: Trio) -> bool | None:
    answers, scores = row.get("answer") or {}, row["score"]
    if trio.local in answers and trio.second in answers:
        one, other = (final_of(answers[model], row["prompt"]) for model in (trio.local, trio.second))
        return agree(one, other)
    if not scores[trio.local] and not scores[trio.second]:
        return None
    return bool(scores[trio.local] == scores[trio.second])
