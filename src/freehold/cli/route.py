"""freehold route: check the rules, explain a sample, and what a learned scorer would be worth on one's own labels."""

import json
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import anyio
import typer
from pydantic import ValidationError

from freehold.cli.context import Config, DataDir
from freehold.errors import InvalidRequest

if TYPE_CHECKING:
    from freehold.gateway.routing.scorer.evaluation import Verdict
    from freehold.gateway.routing.scorer.training import Label
    from freehold.settings.routing import Given

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


@app.command("check")
def check(
    data_dir: DataDir = None,
    config: Config = None,
    strict: Annotated[bool, typer.Option(help="Warnings count, too.")] = False,
) -> None:
    """Lint the routing rules and run their tests; the exit status is 1 when something is wrong."""
    if not anyio.run(_check, {"data_dir": data_dir, "config": config}, strict):
        raise typer.Exit(1)


async def _check(overrides: dict[str, Any], strict: bool) -> bool:
    from freehold.cli.routing import opened, tell_verdict
    from freehold.gateway.routing.rulebook import judge

    async with opened(overrides) as (policy, router, book):
        verdict = judge(policy, router, book.tests)
        fine = tell_verdict(verdict, len(policy.declared.rules) + len(policy.own))
        return fine and not (strict and verdict.findings)


@app.command("explain")
def explain(
    *,
    text: Annotated[str, typer.Option(help="The last message.")] = "",
    model: Annotated[str, typer.Option(help="What is asked for: `auto`, an alias, or provider/model.")] = "auto",
    role: Annotated[str | None, typer.Option(help="Of whoever asks.")] = None,
    group: Annotated[list[str] | None, typer.Option(help="A group of theirs; may be given several times.")] = None,
    user: Annotated[str | None, typer.Option(help="Their e-mail address or id.")] = None,
    key: Annotated[str | None, typer.Option(help="The API key they use.")] = None,
    context_tokens: Annotated[int | None, typer.Option(help="About how many tokens the request has.")] = None,
    attachment: Annotated[list[str] | None, typer.Option(help="image, audio or file.")] = None,
    data_class: Annotated[list[str] | None, typer.Option(help="A class of data in it.")] = None,
    at: Annotated[str | None, typer.Option(help="When, for example 2026-11-27T23:00+08:00.")] = None,
    spent: Annotated[float, typer.Option(help="Percent of every budget that is spent.")] = 0,
    locked: Annotated[bool, typer.Option(help="The conversation is kept in the house.")] = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Say which model a sample request would get, and why; nobody is asked."""
    from freehold.settings.routing import Given

    fields = {
        "text": text,
        "model": model,
        "role": role,
        "group": group or (),
        "user": user,
        "key": key,
        "context_tokens": context_tokens,
        "attachments": attachment or (),
        "data_class": data_class or (),
        "at": at,
        "spent_pct": spent,
        "locked": locked,
    }
    try:
        given = Given.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidRequest(f"--{str(first['loc'][0]).replace('_', '-')}: {first['msg']}.") from None
    anyio.run(_explain, {"data_dir": data_dir, "config": config}, given)


async def _explain(overrides: dict[str, Any], given: "Given") -> None:
    from freehold.cli.routing import opened, tell_sample
    from freehold.gateway.routing.samples import try_out

    async with opened(overrides) as (policy, _router, book):
        sample = try_out(policy, given, await book.account_of(given.user))
        tell_sample(sample, [*policy.declared.rules, *policy.own])


@app.command("import")
def take_over(file: Annotated[Path, typer.Argument(help="The configuration of LiteLLM's proxy.")]) -> None:
    """Print what a LiteLLM configuration means in freehold.yaml; what could not be taken goes to standard error."""
    import sys

    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    from freehold.cli.litellm import Import
    from freehold.providers import registry

    try:
        config = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise InvalidRequest(f"{file} cannot be read: {error}.", next_step="Name a YAML file.") from None
    if not isinstance(config, dict) or not config.get("model_list"):
        raise InvalidRequest(f"{file} has no model_list.", next_step="Name the configuration of LiteLLM's proxy.")
    found = Import(config, registry.vendors())
    YAML().dump(found.fragment, sys.stdout)
    for line in found.left:
        typer.echo(line, err=True)


@app.command("train")
def train(data_dir: DataDir = None, config: Config = None) -> None:
    """Train on the labels of this site what each local model answers well; it acts where it is shown to be of use.

    A running server follows within five seconds.
    """
    anyio.run(_train, {"data_dir": data_dir, "config": config})


async def _train(overrides: dict[str, Any]) -> None:
    from freehold.cli.context import opened_database
    from freehold.cli.learning import told_of
    from freehold.gateway.learning import jobs

    async with opened_database(overrides) as (_, database):
        found = await jobs.train(database)
    if not found:
        typer.echo("There are no labels yet. Set routing.auto.shadow, so that answers are compared.")
    for one in found:
        typer.echo(told_of(one))


@app.command("rollback")
def rollback(
    model: Annotated[str, typer.Argument(help="The local model, provider/model.")],
    language: Annotated[str, typer.Option(help="Of the prompts; empty: those in which none is found.")] = "en",
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Put the scorer before the acting one to work, or the prior where there is none."""
    anyio.run(_rollback, {"data_dir": data_dir, "config": config}, model, language)


async def _rollback(overrides: dict[str, Any], model: str, language: str) -> None:
    from freehold.cli.context import opened_database
    from freehold.gateway.learning import jobs

    async with opened_database(overrides) as (_, database):
        before = await jobs.roll_back(database, model, language)
    if before is None:
        typer.echo(f"{model}, {language or 'no language'}: the prior acts again.")
    else:
        typer.echo(f"{model}, {language or 'no language'}: the scorer of {before.trained_at:%Y-%m-%d %H:%M} UTC acts.")


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
