"""The rules and tests that administrators made in the app, and whatever else routing reads of the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import anyio
import structlog
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import select

from freehold.access.subject import Subject
from freehold.db import Database
from freehold.errors import ConfigurationError, Conflict, RulesRefused, StorageError
from freehold.gateway.routing.linting import Finding, lint
from freehold.gateway.routing.policy import Policy
from freehold.gateway.routing.router import Router
from freehold.gateway.routing.rules.facts import Shares
from freehold.gateway.routing.samples import Outcome, run_tests
from freehold.gateway.routing.slots import Slots
from freehold.identity.models import User
from freehold.kit import clock
from freehold.settings.models import SettingRow
from freehold.settings.routing import RouteTest, Rule
from freehold.usage.holders import Budget
from freehold.usage.models import BudgetWindow
from freehold.usage.money import to_nano
from freehold.usage.periods import Period, window
from freehold.usage.service import UsageService

REFRESH_SECONDS = 5.0
"""How old what another process changed, or what was spent, may be here."""

_KEY = "routing"
_PERIODS: tuple[Period, ...] = ("day", "week", "month", "total")
_log = structlog.get_logger(__name__)


class _Stored(BaseModel):
    model_config = ConfigDict(extra="ignore")

    rules: tuple[Rule, ...] = ()
    tests: tuple[RouteTest, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of a set of rules: mistakes, warnings, and the tests that were run."""

    findings: Sequence[Finding] = ()
    tests: Sequence[Outcome] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """Why the rules are refused; nothing: they are not."""
        failed = [f"{one.place}: {'; '.join(one.wrong)}" for one in self.tests if one.wrong]
        return [*(str(finding) for finding in self.findings if finding.is_error), *failed]

    def refusal(self) -> RulesRefused:
        """The error that says it, each finding and each failed test in its parts as well."""
        findings = [
            {"code": one.code, "place": one.place, "rule": one.rule, "about": one.about, "near": one.near}
            for one in self.findings
            if one.is_error
        ]
        tests = [{"place": one.place, "text": one.text, "wrong": list(one.wrong)} for one in self.tests if one.wrong]
        return RulesRefused("\n".join(self.problems), problems=self.problems, findings=findings, tests=tests)


def judge(policy: Policy, router: Router, own_tests: Sequence[RouteTest]) -> Verdict:
    """Lint the rules of a policy, and run the tests of the file and these."""
    declared = policy.declared
    tests = [*declared.tests, *own_tests]
    providers = {
        item.config.id: item.config.models if item.names_models and not _patterns(item.config.models) else ()
        for item in router.directory.configs()
    }
    classes = [one.id for one in router.directory.settings.declared.privacy.classes]
    findings = lint(declared, policy.own, tests, policy.snapshot, providers, classes=classes)
    if any(finding.is_error for finding in findings):
        return Verdict(findings)
    return Verdict(findings, run_tests(policy, tests))


def _patterns(models: Sequence[str]) -> bool:
    return any("*" in model or "?" in model for model in models)


class Rulebook:
    """One per process; `refresh` before the first call, `run` in the background."""

    def __init__(self, database: Database, policy: Policy, router: Router, usage: UsageService) -> None:
        self.tests: tuple[RouteTest, ...] = ()
        self.updated_at: datetime | None = None
        self._database = database
        self._policy = policy
        self._router = router
        self._usage = usage
        self._spent: Mapping[tuple[str, str, str], int] = {}
        policy.shares = self._shares

    async def start(self) -> None:
        """Read what there is. Raises ConfigurationError for mistakes in freehold.yaml; a test that fails is logged.

        Which models a provider has may not be known yet, so that no test keeps a server from starting.
        """
        await self.refresh()
        verdict = self.verdict()
        wrong = [finding for finding in verdict.findings if finding.is_error and finding.rule not in self._own_ids()]
        if wrong:
            raise ConfigurationError("\n".join(map(str, wrong)), next_step="Correct what is named and start again.")
        for finding in verdict.findings:
            _log.warning("routing_rule", finding=str(finding))
        for outcome in verdict.tests:
            if outcome.wrong:
                _log.warning("routing_test_fails", test=outcome.place, wrong="; ".join(outcome.wrong))

    def reconsider(self) -> None:
        """Look at new settings. Raises ConfigurationError when they are to be refused."""
        problems = self.verdict().problems
        if problems:
            raise ConfigurationError("\n".join(problems), next_step="Correct what is named.")

    def _own_ids(self) -> set[str]:
        return {rule.id for rule in self._policy.own}

    def verdict(self) -> Verdict:
        """What is to be said of the rules that act now."""
        return judge(self._policy, self._router, self.tests)

    async def save(self, rules: Sequence[Rule], tests: Sequence[RouteTest], seen: datetime | None) -> Verdict:
        """Put these in the place of the app's rules and tests, where nothing is wrong with them.

        `seen`: when those that were looked at were saved. Raises RulesRefused, Conflict.
        """
        trial = Policy(self._router, Slots())
        trial.detect, trial.judge = self._policy.detect, self._policy.judge
        trial.take(rules)
        verdict = judge(trial, self._router, tests)
        if verdict.problems:
            raise verdict.refusal()
        stored = _Stored(rules=tuple(rules), tests=tuple(tests))
        at = clock.now()
        async with self._database.begin() as session:
            row = await session.get(SettingRow, _KEY, with_for_update=True)
            if (row.updated_at if row is not None else None) != seen:
                raise Conflict("Somebody else changed the rules.", next_step="Look at them again, then save.")
            value = stored.model_dump(mode="json", exclude_defaults=True)
            await session.merge(SettingRow(key=_KEY, value=value, updated_at=at))
        await self.refresh()
        return verdict

    async def refresh(self) -> None:
        """Read what there is. Raises StorageError."""
        async with self._database.read() as session:
            row = await session.get(SettingRow, _KEY)
            if (row.updated_at if row is not None else None) != self.updated_at:
                self._take(row)
            emails = _emails(self._policy.declared.rules, self._policy.own)
            if emails:
                query = select(User.id, User.email).where(User.email.in_(emails))
                self._policy.emails = {user_id: email or "" for user_id, email in (await session.execute(query)).all()}
            if self._policy.rules.spending:
                now = clock.now()
                starts: dict[str, datetime] = {period: window(period, now)[0] for period in _PERIODS}
                columns = BudgetWindow.holder_kind, BudgetWindow.holder_id, BudgetWindow.period, BudgetWindow.spent
                found = await session.execute(
                    select(*columns, BudgetWindow.starts_at).where(BudgetWindow.starts_at.in_(set(starts.values())))
                )
                self._spent = {
                    (kind, holder, period): spent
                    for kind, holder, period, spent, at in found.all()
                    if at == starts.get(period)
                }

    async def account_of(self, user: str | None) -> str | None:
        """The id of a person who is named by it or by e-mail address; None: there is no such address."""
        if user is None or "@" not in user:
            return user
        async with self._database.read() as session:
            return await session.scalar(select(User.id).where(User.email == user.strip().lower()))

    async def run(self) -> None:
        """Refresh for ever; ends by cancellation."""
        while True:
            await anyio.sleep(REFRESH_SECONDS)
            try:
                await self.refresh()
            except StorageError as error:
                _log.warning("routing_rules_not_read", code=error.code)

    def _take(self, row: SettingRow | None) -> None:
        try:
            stored = _Stored.model_validate(row.value if row is not None else {})
        except ValidationError as error:  # another version wrote them
            _log.error("routing_rules_not_understood", error=str(error))
            return
        self.updated_at = row.updated_at if row is not None else None
        self.tests = stored.tests
        self._policy.take(stored.rules)

    def _shares(self, subject: Subject) -> Shares:
        """How much of the caller's budgets is spent, in percent; of several under `*` the fullest."""
        rules, grant = self._usage.rules, subject.grant
        budgets: list[Budget] = [*rules.budgets_of_person(subject.user_id)]
        for group in subject.groups:
            budgets += rules.budgets_of_group(*group)
        shares: dict[tuple[str, str, str], float] = {}
        for budget in budgets:
            holder = budget.holder
            self._add(shares, holder.kind, (holder.id, holder.name), budget.period, budget.limit)
        if grant is not None and grant.budget is not None:
            limit = to_nano(grant.budget.usd)
            self._add(shares, "key", (grant.key_id, grant.name), grant.budget.period, limit)
        return shares

    def _add(
        self, shares: dict[tuple[str, str, str], float], kind: str, names: Sequence[str], period: Period, limit: int
    ) -> None:
        spent = self._spent.get((kind, names[0], period), 0)
        share = 100.0 * spent / limit if limit else 100.0
        for name in (*filter(None, names), "*"):
            at = kind, name.casefold(), period
            shares[at] = max(share, shares.get(at, 0.0))


def _emails(*rules: Sequence[Rule]) -> list[str]:
    """The addresses that any condition names."""
    found: set[str] = set()

    def look(value: object) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                if name == "user" and isinstance(inner, list):
                    found.update(str(one).strip().lower() for one in inner if "@" in str(one))
                else:
                    look(inner)
        elif isinstance(value, list):
            for inner in value:
                look(inner)

    for some in rules:
        for rule in some:
            look(rule.when.model_dump(mode="json"))
    return sorted(found)
