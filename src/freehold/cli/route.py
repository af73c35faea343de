"""freehold route: what routing by a learned scorer would be worth on labels of one's own."""

import json
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from freehold.errors import InvalidRequest

if TYPE_CHECKING:
    from freehold.gateway.routing.scorer.evaluation import Verdict
    from freehold.gateway.routing.scorer.training import Label

app = typer.Typer(help="Routing between local and premium models.", no_args_is_help=True)

LEAST = 50
"""Labels; of fewer nothing can be told."""

Labels = Annotated[
    Path,
    typer.Argument(
        help="JSON lines of `prompt`, `local` and `premium`: the quality of both answers, 0 to 1; and `cost`, optional."
    ),
]
TrainedOn = Annotated[
    Path | None, typer.Option(help="Train on these labels and judge on the others, instead of each fifth by the rest.")
]


@app.callback()
def group() -> None:
    """Routing between local and premium models."""


@app.command("evaluate")
def evaluate(labels: Labels, trained_on: TrainedOn = None) -> None:
    """Judge a scorer on prompts that it was not trained on; the exit status is 1 when it is not to be trusted."""
    from freehold.gateway.routing.scorer.evaluation import Outcome, judge
    from freehold.gateway.routing.scorer.training import held_out, train

    judged = read_labels(labels)
    if trained_on is None:
        scores = held_out([label for label, _ in judged])
    else:
        scorer = train([label for label, _ in read_labels(trained_on)])
        scores = [scorer.of(label.features) for label, _ in judged]
    verdict = judge(
        [
            Outcome(score, label.local, label.premium, cost, label.features.prior)
            for score, (label, cost) in zip(scores, judged, strict=True)
        ]
    )
    if verdict is None:
        typer.echo("The premium model is no better on these prompts: everything can stay in the house.")
        return
    typer.echo(told(len(judged), verdict))
    if not verdict.trusted:
        raise typer.Exit(1)


def told(count: int, verdict: "Verdict") -> str:
    """The verdict in sentences."""
    lines = [
        f"{count} prompts. APGR {verdict.apgr:.3f}, with 95 % confidence between {verdict.low:.3f} and"
        f" {verdict.high:.3f}; 0.5 is chance, and {verdict.prior:.3f} comes of sending the longer prompts.",
        f"Half of what the premium model is better by is kept with {verdict.cpt50:.0%} of the prompts sent to it,"
        f" four fifths with {verdict.cpt80:.0%}.",
        f"Saved of the premium cost: {verdict.saved95:.0%} at 95 % of its quality, {verdict.saved99:.0%} at 99 %.",
    ]
    if verdict.trusted:
        lines.append("It beats both: it may be trusted with prompts like these.")
    else:
        lines.append("It is not shown to beat both on these prompts: do not route by it. More labels may help.")
    return "\n".join(lines)


def read_labels(path: Path) -> list[tuple["Label", float]]:
    """The labels of a file with their costs. Raises InvalidRequest that names the line."""
    found: list[tuple[Label, float]] = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(
            f"{path} cannot be read: {error}.", next_step="Name a file of JSON lines in UTF-8."
        ) from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found.append(_label(json.loads(line)))
        except (ValueError, TypeError, KeyError):
            raise InvalidRequest(
                f"{path}:{number} is no label.",
                next_step='Each line is like {"prompt": "...", "local": 0.5, "premium": 1, "cost": 0.002}.',
            ) from None
    if len(found) < LEAST:
        raise InvalidRequest(
            f"{path} has {len(found)} labels; a verdict needs {LEAST}.", next_step="Collect more of them."
        )
    return found


def _label(row: Any) -> "tuple[Label, float]":
    from freehold.gateway.routing.scorer.features import features_of
    from freehold.gateway.routing.scorer.training import Label

    prompt, local, premium, cost = row["prompt"], float(row["local"]), float(row["premium"]), 1.0
    if "cost" in row:
        cost = float(row["cost"])
    if not isinstance(prompt, str) or not 0 <= local <= 1 or not 0 <= premium <= 1 or not 0 <= cost < inf:
        raise ValueError("out of bounds")
    return Label(features_of(prompt), local, premium), cost
