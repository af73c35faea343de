"""The cascade on recorded answers: where no two local models agree the premium one answers; what that costs and keeps.

Where a set has no answers, only whether they were right, two of which at least one is right differ exactly where one is
wrong. Of wrong ones nobody knows whether they are the same: both ends are printed, and the truth lies between them.
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
    "set, local + others -> premium",
    "prompts",
    "wrong ones taken to",
    "premium calls",
    "quality kept",
    "saved",
    "APGR",
    "aim",
]


@dataclass(frozen=True)
class Panel:
    """A local model, others beside it and a premium one on a set; `source`: only prompts whose `src` or task has it."""

    name: str
    local: str
    others: tuple[str, ...]
    premium: str
    source: str = ""
    has_aim: bool = False

    def __str__(self) -> str:
        part = f" ({self.source})" if self.source else ""
        return f"{self.name}{part}, {' + '.join((self.local, *self.others))} -> {self.premium}"


PANELS = (
    Panel("routellm_gsm8k", "mixtral-8x7b", (), "gpt-4-1106", has_aim=True),
    Panel("mmlu_pro", "llama-3.1-8b", ("mixtral-8x7b",), "gemini-1.5-pro-002", "elementary_mathematics", has_aim=True),
    Panel(
        "mmlu_pro",
        "llama-3.1-8b",
        ("phi-3-mini", "llama-3.1-70b"),
        "gemini-1.5-pro-002",
        "elementary_mathematics",
        has_aim=True,
    ),
    Panel(
        "mmlu_pro",
        "llama-3.1-8b",
        ("phi-3-mini", "qwen1.5-7b", "mixtral-8x7b", "mistral-7b-v0.2"),
        "gemini-1.5-pro-002",
        "elementary_mathematics",
        has_aim=True,
    ),
    Panel("mmlu_pro", "llama-3.1-8b", ("mixtral-8x7b",), "gemini-1.5-pro-002"),
    Panel("mmlu_pro", "llama-3.1-8b", ("phi-3-mini",), "gemini-1.5-pro-002"),
    Panel("mmlu_pro", "llama-3.1-70b", ("mixtral-8x7b",), "gemini-1.5-pro-002"),
    Panel("mmlu_pro", "llama-3.1-8b", ("phi-3-mini", "llama-3.1-70b"), "gemini-1.5-pro-002"),
)


@dataclass(frozen=True)
class Row:
    """One prompt: quality of the first local and the premium answer, what the premium one costs, and the quality of the
    answer on which two in the house agree (None: they do not), if wrong answers are the same and if they are not.
    """

    local: float
    premium: float
    cost: float
    alike: float | None
    apart: float | None


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
    for panel in PANELS:
        found = list(read(folder, panel)) if panel.others else []
        if not found:
            notes.append(f"{panel.name}: only one local model was recorded, so that agreement cannot be checked there")
            continue
        unknown = any(row.alike != row.apart for row in found)
        ends = [outcome(found, alike=alike) for alike in ((True, False) if unknown else (True,))]
        for end, told in zip(ends, ("be the same", "differ") if unknown else ("-",), strict=True):
            aim = ("reached" if end.reached else "missed") if panel.has_aim else ""
            rows.append([str(panel), f"{len(found):,}", told, *cells(end), aim])
        if panel.has_aim and not all(end.reached for end in ends):
            notes.append(f"{panel}: the aim of at most 20 % premium calls at 99 % of the quality does not hold")
    return "\n".join([render(HEADS, rows), *notes])


def cells(end: Outcome) -> list[str]:
    """The columns of an outcome."""
    return [f"{end.premium_calls:.1%}", f"{end.kept:.1%}", f"{end.saved:.1%}", f"{end.apgr:.3f}"]


def outcome(rows: Sequence[Row], *, alike: bool) -> Outcome:
    """What became of these. `alike`: wrong answers of which nobody knows are the same."""
    in_house = [(row, row.alike if alike else row.apart) for row in rows]
    asked = [row for row, agreed in in_house if agreed is None]
    weak, strong = sum(row.local for row in rows), sum(row.premium for row in rows)
    quality = sum(row.premium for row in asked) + sum(agreed for _, agreed in in_house if agreed is not None)
    cost = sum(row.cost for row in rows)
    share = len(asked) / len(rows)
    gap = (quality - weak) / (strong - weak) if strong > weak else 1.0
    # prompts of one kind are sent in any order: PGR is straight from nothing to the first kind, and from there to all
    area = share * gap / 2 + (1 - share) * (gap + 1) / 2
    saved = 1 - sum(row.cost for row in asked) / cost if cost else 0.0
    return Outcome(share, quality / strong if strong else 1.0, saved, area)


def read(folder: Path, panel: Panel) -> Iterator[Row]:
    """The rows of a set that have all three."""
    with gzip.open(folder / f"{panel.name}.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            scores = row["score"]
            if panel.source not in f"{row.get('src', '')} {row.get('task', '')}":
                continue
            if all(model in scores for model in (panel.local, *panel.others, panel.premium)):
                cost = len(row["prompt"]) + 4 * row["out_chars"].get(panel.premium, 0)
                ends = [_agreed(row, panel, alike=alike) for alike in (True, False)]
                yield Row(scores[panel.local], scores[panel.premium], cost, *ends)


def _agreed(row: dict[str, Any], panel: Panel, *, alike: bool) -> float | None:
    """The quality of the first answer that comes for the second time, as the cascade asks one model after the other."""
    answers, scores = row.get("answer") or {}, row["score"]
    models = (panel.local, *panel.others)
    if all(model in answers for model in models):
        finals = [final_of(answers[model], row["prompt"]) for model in models]
        same = [any(agree(finals[index], other) for other in finals[:index]) for index in range(len(models))]
    else:
        right = [bool(scores[model]) for model in models]
        same = [right[index] in right[:index] and (right[index] or alike) for index in range(len(models))]
    return next((scores[model] for model, again in zip(models, same, strict=True) if again), None)
