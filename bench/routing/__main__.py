"""Replays recorded answers and prints what an order of prompts is worth: `python -m bench.routing FOLDER [--rows N]`.

FOLDER holds `<set>.jsonl.gz`, a JSON object on each line: `prompt`, `score` (by model, 0 to 1) and `out_chars` (by
model). In domain each fifth of a set is judged by a scorer trained on the rest; across sets the scorer that one set
trained must notice that it is of no use on another. Then what other local models that agree are worth; a line may
have the `answer` of each model, which is compared then.
"""

import argparse
import gzip
import json
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.routing import cascade
from bench.table import render
from freehold.gateway.learning.acting import Acting
from freehold.gateway.learning.calibration import Seen, calibrated
from freehold.gateway.learning.packing import pack_scorer, unpack_scorer
from freehold.gateway.routing.scorer.evaluation import Outcome, Verdict, judge
from freehold.gateway.routing.scorer.features import features_of
from freehold.gateway.routing.scorer.model import Scorer
from freehold.gateway.routing.scorer.training import Label, held_out, train


@dataclass(frozen=True)
class Pair:
    """A set with the two models between which it is routed, and the APGR that the project wants in domain."""

    name: str
    local: str
    premium: str
    wanted: float


MEASURED = 500  # prompts of each set

PAIRS = (
    Pair("routellm_gsm8k", "mixtral-8x7b", "gpt-4-1106", 0.64),
    Pair("mmlu_pro", "llama-3.1-8b", "gemini-1.5-pro-002", 0.57),
)


@dataclass(frozen=True)
class Prompt:
    """One recorded prompt. `cost`: characters of the prompt and four times those of the premium answer."""

    text: str
    label: Label
    cost: float


def main() -> int:
    """Print the table; exit status 1 when an APGR is below what is wanted, or a stranger's scorer is trusted."""
    parser = argparse.ArgumentParser(prog="python -m bench.routing", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, help="only so many prompts of each set, drawn at random")
    options = parser.parse_args()
    began = time.process_time()
    sets = {pair: list(read(options.folder, pair, options.rows)) for pair in PAIRS}
    good = True
    rows: list[list[str]] = []
    for pair, found in sets.items():
        labels = [prompt.label for prompt in found]
        verdict = judged(found, held_out(labels))
        longer = judged(found, [-float(len(prompt.text)) for prompt in found])
        good &= verdict is not None and verdict.apgr >= pair.wanted and verdict.trusted
        count = f"{len(found):,}"
        rows.append([f"{pair.name}, longer prompt first", count, *cells(longer), ""])
        rows.append([f"{pair.name}, learned in domain", count, *cells(verdict), f"{pair.wanted:.2f}"])
    slowest: list[float] = []
    for taught, found in sets.items():
        scorer = train([prompt.label for prompt in found])
        acting = as_it_acts(scorer, found)
        slowest += [milliseconds(acting, prompt.text) for prompt in found[:MEASURED]]
        for pair, other in sets.items():
            if pair is not taught:
                verdict = judged(other, [scorer.of(prompt.label.features) for prompt in other])
                good &= verdict is None or not verdict.trusted
                rows.append([f"{pair.name}, learned on {taught.name}", f"{len(other):,}", *cells(verdict), ""])
    heads = ["set and order", "prompts", "APGR", "95 % interval", "CPT50", "CPT80", "saved at 95 %", "at 99 %"]
    print(render([*heads, "trusted", "wanted"], rows))
    slowest.sort()
    taken = slowest[int(len(slowest) * 0.99)]
    print(f"\none belief, with features, interval and reasons, takes {taken:.2f} ms of processor time (p99)", end="")
    print(f", all of this {time.process_time() - began:.0f} s\n")
    print(cascade.table(options.folder))
    return 0 if good else 1


def read(folder: Path, pair: Pair, limit: int | None) -> Iterator[Prompt]:
    """The prompts of a set."""
    with gzip.open(folder / f"{pair.name}.jsonl.gz", "rt", encoding="utf-8") as file:
        lines = file.readlines()
    if limit is not None and limit < len(lines):
        lines = random.Random(0).sample(lines, limit)
    for line in lines:
        row = json.loads(line)
        scores, written = row["score"], row["out_chars"].get(pair.premium, 0)
        label = Label(features_of(row["prompt"]), scores[pair.local], scores[pair.premium])
        yield Prompt(row["prompt"], label, len(row["prompt"]) + 4 * written)


def as_it_acts(scorer: Scorer, prompts: Sequence[Prompt]) -> Acting:
    """The scorer as a server has it, from the database and with its calibration."""
    stored = unpack_scorer(pack_scorer(scorer))
    assert stored is not None
    labels = [prompt.label for prompt in prompts]
    return Acting("", stored, calibrated([Seen(stored.of(one.features), one.local, one.premium) for one in labels]))


def milliseconds(acting: Acting, prompt: str) -> float:
    """Processor time of one belief; the best of three, as the machine is shared."""
    taken: list[float] = []
    for _ in range(3):
        began = time.process_time()
        acting.need(features_of(prompt), 0.95, "balanced")
        taken.append(time.process_time() - began)
    return min(taken) * 1000


def judged(prompts: Sequence[Prompt], scores: Sequence[float]) -> Verdict | None:
    """What the order of these scores is worth."""
    return judge(
        [
            Outcome(score, prompt.label.local, prompt.label.premium, prompt.cost, prompt.label.features.prior)
            for score, prompt in zip(scores, prompts, strict=True)
        ],
        resamples=300,
    )


def cells(verdict: Verdict | None) -> list[str]:
    """The columns of a verdict."""
    if verdict is None:
        return ["-"] * 7
    return [
        f"{verdict.apgr:.3f}",
        f"{verdict.low:.3f}-{verdict.high:.3f}",
        f"{verdict.cpt50:.1%}",
        f"{verdict.cpt80:.1%}",
        f"{verdict.saved95:.1%}",
        f"{verdict.saved99:.1%}",
        "yes" if verdict.trusted else "no",
    ]


if __name__ == "__main__":
    sys.exit(main())
