"""freehold route check and explain: the rules of freehold.yaml judged without a server and without asking anybody."""

import tempfile
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from freehold.cli.context import load_everything
from freehold.providers import choice

if TYPE_CHECKING:
    from freehold.gateway.routing.policy import Policy
    from freehold.gateway.routing.router import Router
    from freehold.gateway.routing.rulebook import Rulebook, Verdict
    from freehold.gateway.routing.samples import Sample
    from freehold.providers.choice import Candidate
    from freehold.providers.directory import Directory
    from freehold.providers.origins import Configured
    from freehold.settings import Settings
    from freehold.settings.routing import Rule


class Sketch:
    """What a server's directory would know, with every model that freehold.yaml names taken to be there."""

    version = 1

    def __init__(self, directory: "Directory") -> None:
        self.settings = directory.settings
        self._configured = directory.configs()
        self._candidates = [*directory.candidates(), *self._named(directory)]

    def configs(self) -> "list[Configured]":
        """All configured providers."""
        return self._configured

    def candidates(self) -> "list[Candidate]":
        """Every model that could be asked."""
        return self._candidates

    def find(self, ref: str) -> "Candidate":
        """One of them. Raises ModelNotFound."""
        return choice.find(ref, self._candidates)

    def _named(self, directory: "Directory") -> "Iterator[Candidate]":
        from freehold.providers import catalogue
        from freehold.providers.cards import Offer

        known = {candidate.ref for candidate in directory.candidates()}
        configs = {item.config.id: item.config for item in self._configured}
        declared = self.settings.declared
        refs = [target.ref for alias in declared.models.values() for target in alias.targets]
        refs += [name for rule in declared.routing.rules for name in rule.then.names if "/" in name]
        for ref in dict.fromkeys(refs):
            provider, _, model = ref.partition("/")
            if ref not in known and provider in configs and "*" not in model and "?" not in model:
                card = catalogue.card_for(configs[provider].kind, model)
                yield choice.Candidate(configs[provider], Offer(card, enabled=True))


@asynccontextmanager
async def opened(overrides: dict[str, Any]) -> "AsyncGenerator[tuple[Policy, Router, Rulebook]]":
    """The rules of freehold.yaml and, where there is a database, those of the app."""
    from freehold.gateway.privacy.border import Border
    from freehold.gateway.routing.policy import Policy
    from freehold.gateway.routing.router import Router
    from freehold.gateway.routing.rulebook import Rulebook
    from freehold.gateway.routing.slots import Slots
    from freehold.savings.trials.service import stored
    from freehold.usage.service import UsageService

    settings = load_everything(overrides).settings
    async with _directory(settings) as directory:
        router: Any = Router(Sketch(directory))  # type: ignore[arg-type] - the part of it that routing reads
        policy = Policy(router, Slots())
        policy.detect = Border(lambda: settings.declared.privacy).detect
        book = Rulebook(directory.database, policy, router, UsageService(directory.database, settings, Path()))
        await book.refresh()
        trial = policy.declared.trial
        kept = await stored(directory.database, trial) if trial is not None else None
        policy.halted_trial = trial.id if trial is not None and kept is not None and kept.halted is not None else None
        yield policy, router, book


@asynccontextmanager
async def _directory(settings: "Settings") -> "AsyncGenerator[Directory]":
    """The directory of the database that there is, else of an empty one that is gone afterwards."""
    from freehold.assembly import open_data, secret_text
    from freehold.db import parse_target
    from freehold.kit.bus import MemoryBus
    from freehold.providers.directory import Directory
    from freehold.providers.upstream import Upstream
    from freehold.settings.master_key import open_secret_box

    with tempfile.TemporaryDirectory() as folder:
        path = parse_target(secret_text(settings.database.url), settings.data_dir).path
        if path is not None and not path.exists():
            settings = settings.model_copy(update={"data_dir": Path(folder)})
        upstream = Upstream()
        async with open_data(settings, serving=False) as database:
            try:
                box = await open_secret_box(settings, database)
                directory = Directory(settings, database, MemoryBus(), box, upstream)
                await directory.reload()
                yield directory
            finally:
                await upstream.aclose()


def tell_verdict(verdict: "Verdict", rules: int) -> bool:
    """Print what was found; whether the rules may be used."""
    for finding in verdict.findings:
        typer.echo(str(finding), err=True)
    failed = [outcome for outcome in verdict.tests if outcome.wrong]
    for outcome in failed:
        typer.echo(f"{outcome.place}: the test fails: {'; '.join(outcome.wrong)}", err=True)
    errors = sum(finding.is_error for finding in verdict.findings)
    if errors:
        typer.echo(f"{_count(rules, 'rule')}, {_count(errors, 'mistake')}; no test was run.")
        return False
    passed = len(verdict.tests) - len(failed)
    warnings = len(verdict.findings)
    more = f", {_count(warnings, 'warning')}" if warnings else ""
    typer.echo(f"{_count(rules, 'rule')}, {_count(passed, 'test')} passed, {len(failed)} failed{more}.")
    return not failed


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def tell_sample(sample: "Sample", rules: "list[Rule]") -> None:
    """Print what became of a sample, stage by stage."""
    decision = sample.decision
    places = {rule.id: rule.place for rule in rules}
    if decision.rule is not None:
        place = places.get(decision.rule)
        typer.echo(f"rule      {decision.rule}{f' ({place})' if place else ''}")
    else:
        typer.echo("rule      none holds")
    if decision.trial is not None:
        trial, arm = decision.trial
        typer.echo(f"trial     {trial}: {'in it' if arm == 'trial' else 'in its control arm'}")
    later = [rule for rule, holds in sample.holds if holds and rule != decision.rule]
    if later:
        typer.echo(f"          {', '.join(later)} would hold, too, and came too late")
    for removed in decision.removed:
        shown = removed.as_dict()
        by = f" ({removed.rule})" if removed.rule else ""
        typer.echo(f"{shown['stage']:<9} - {removed.ref}: {removed.why}{by}")
    if decision.need is not None:
        need, kind = decision.need, "learned" if decision.need.learned else "a weak prior"
        typer.echo(
            f"need      p(local answers well) {need.p:.2f} ({need.low:.2f}-{need.high:.2f}, {kind}); "
            f"asked of it: {need.floor:.2f}"
        )
    for number, one in enumerate(decision.ranked, 1):
        cost = "unknown" if one.cost_usd is None else f"${one.cost_usd:.5f}"
        where = "in the house" if one.self_hosted else "outside"
        typer.echo(f"{'asked' if number == 1 else 'then':<9} {number}. {one.name} ({one.tier}, {where}, {cost})")
    typer.echo(f"because   {decision.choice}" if sample.error is None else f"refused   {sample.error.message}")
