"""Which limits and budgets hold for a call: those of its key, its person, their groups and its model; from memory."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TypeVar, cast

import anyio
import structlog
from sqlalchemy import select

from freehold.db import Database
from freehold.errors import StorageError
from freehold.identity.models import User
from freehold.identity.people.membership import Memberships
from freehold.identity.people.models import Group
from freehold.settings import Settings
from freehold.settings.areas import DeclaredBudget, RateLimits
from freehold.usage.holders import Budget, Holder, Limit
from freehold.usage.models import BudgetRow, RateLimitRow
from freehold.usage.money import to_nano
from freehold.usage.periods import Period

REFRESH_SECONDS = 5.0
"""How old what another process changed may be here."""

REMEMBERED = 10_000

Named = tuple[str, str]
"""Kind and id of whom a rule is set for."""

Rule = TypeVar("Rule")

_EVERYONE: Named = ("everyone", "")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class KeyRules:
    """What a key brings along; its limits come on top of its owner's."""

    limit: Limit
    budget: Budget | None


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for one caller and one model."""

    limits: tuple[Limit, ...]
    budgets: tuple[Budget, ...]
    of_models: bool = False  # whether any of them is of models, and not of the caller


@dataclass(frozen=True, slots=True)
class _Set:
    """What the database says: rules by whom they are for, and who the people and groups of the file are."""

    budgets: Mapping[Named, Mapping[Period, int]]
    limits: Mapping[Named, RateLimits]
    people: Mapping[str, str]  # id -> address in the file
    groups: Mapping[str, str]  # id -> name


class RuleBook:
    """One per process. `declare` takes the settings, `refresh` reads what administrators set."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._set = _Set({}, {}, {}, {})
        self._known: dict[tuple[str, str, str], tuple[KeyRules | None, Memberships, Rules]] = {}

    def declare(self, settings: Settings) -> None:
        """Put new settings to work; people named in them are found at the next `refresh`."""
        self._settings = settings
        self._known.clear()

    def of(self, user_id: str, key: KeyRules | None, model: str, groups: Memberships = ()) -> Rules:
        """The rules for a call of `model` (`provider/model`); a microsecond once they were asked for."""
        about = (user_id, key.limit.holder.id if key else "", model)
        known = self._known.get(about)
        if known is not None and known[0] is key and known[1] == groups:
            return known[2]
        limits = tuple(self._limits(user_id, groups, key, model))
        budgets = tuple(self._budgets(user_id, groups, key, model))
        rules = Rules(limits, budgets, any(one.holder.kind == "model" for one in (*limits, *budgets)))
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[about] = (key, groups, rules)
        return rules

    # --- budgets ------------------------------------------------------------------------------------------------------

    def budgets_of_person(self, user_id: str) -> list[Budget]:
        """The budgets of a person; an administrator's wins over the file's, there a person's own over everyone's."""
        chosen: dict[Period, int] = _declared(self._settings.budgets.user)
        chosen |= self._set.budgets.get(_EVERYONE, {})
        chosen |= _declared(_named(self._settings.budgets.people, self._set.people.get(user_id)))
        chosen |= self._set.budgets.get(("user", user_id), {})
        return _held(Holder("user", user_id), chosen)

    def budgets_of_group(self, group_id: str, name: str) -> list[Budget]:
        """The budgets of a group, all its people together; an administrator's wins over the file's."""
        chosen = _declared(_named(self._settings.budgets.groups, name))
        chosen |= self._set.budgets.get(("group", group_id), {})
        return _held(Holder("group", group_id, name), chosen)

    def budgets_of_models(self) -> list[Budget]:
        """The budgets of models and patterns, from the file and the database."""
        patterns = dict.fromkeys((*self._settings.budgets.models, *self._patterns(self._set.budgets)))
        found: list[Budget] = []
        for pattern in patterns:
            chosen = _declared(self._settings.budgets.models.get(pattern, ()))
            chosen |= self._set.budgets.get(("model", pattern), {})
            found += _held(Holder("model", pattern), chosen)
        return found

    def budgets_of_everyone(self) -> list[tuple[Period, int]]:
        """What each person has for whom nothing else is set."""
        return list((_declared(self._settings.budgets.user) | dict(self._set.budgets.get(_EVERYONE, {}))).items())

    def of_everyone_in_database(self, user_id: str, period: Period) -> bool:
        """Whether a person's budget is what an administrator set for everyone."""
        own = _declared(_named(self._settings.budgets.people, self._set.people.get(user_id)))
        own |= self._set.budgets.get(("user", user_id), {})
        return period not in own and period in self._set.budgets.get(_EVERYONE, {})

    def all_budgets(self) -> list[Budget]:
        """Every budget of a person, a group or models that somebody set; not what each person has alike."""
        people = {holder_id for kind, holder_id in self._set.budgets if kind == "user"} | set(self._set.people)
        return [
            *(budget for user_id in sorted(people) for budget in self.budgets_of_person(user_id)),
            *(budget for one in self._set.groups.items() for budget in self.budgets_of_group(*one)),
            *self.budgets_of_models(),
        ]

    # --- limits -------------------------------------------------------------------------------------------------------

    def limit_of_person(self, user_id: str) -> Limit:
        """What a person may ask at a time: what is set for them, else for everyone, else the file's, as a whole."""
        chosen = self._set.limits.get(("user", user_id)) or self.limit_of_everyone()
        return _limit(Holder("user", user_id), chosen)

    def limit_of_everyone(self) -> RateLimits:
        """What each person may ask for whom nothing else is set."""
        return self._set.limits.get(_EVERYONE) or self._settings.limits.user

    def limit_of_group(self, group_id: str, name: str) -> Limit:
        """What a group may ask at a time, all its people together."""
        declared = _named(self._settings.limits.groups, name) or RateLimits()
        return _limit(Holder("group", group_id, name), self._set.limits.get(("group", group_id)) or declared)

    def limits_of_models(self) -> list[Limit]:
        """What may be asked of models and patterns at a time, everybody together."""
        declared = self._settings.limits.models
        patterns = dict.fromkeys((*declared, *self._patterns(self._set.limits)))
        return [
            _limit(Holder("model", pattern), self._set.limits.get(("model", pattern)) or declared[pattern])
            for pattern in patterns
        ]

    def all_limits(self) -> list[Limit]:
        """Every limit of a person, a group or models that somebody set; not what each person has alike."""
        people = sorted(holder_id for kind, holder_id in self._set.limits if kind == "user")
        found = [
            *(self.limit_of_person(user_id) for user_id in people),
            *(self.limit_of_group(*one) for one in self._set.groups.items()),
            *self.limits_of_models(),
        ]
        return [limit for limit in found if _limits_anything(limit)]

    # --- the database -------------------------------------------------------------------------------------------------

    async def refresh(self) -> None:
        """Read what administrators set, and who the people and groups named in the file are. Raises StorageError."""
        emails = [email.strip().lower() for email in self._settings.budgets.people]
        async with self._database.read() as session:
            budgets = (await session.scalars(select(BudgetRow))).all()
            limits = (await session.scalars(select(RateLimitRow))).all()
            groups = (await session.execute(select(Group.id, Group.name).order_by(Group.name))).all()
            query = select(User.id, User.email).where(User.email.in_(emails))
            people = (await session.execute(query)).all() if emails else []
        amounts: dict[Named, dict[Period, int]] = {}
        for row in budgets:
            holder = amounts.setdefault((row.holder_kind, row.holder_id), {})
            holder[cast("Period", row.period)] = row.limit_nanodollars
        rates = {
            (row.holder_kind, row.holder_id): RateLimits(
                requests_per_minute=row.requests_per_minute,
                tokens_per_minute=row.tokens_per_minute,
                concurrency=row.concurrency,
            )
            for row in limits
        }
        found = _Set(amounts, rates, {row.id: row.email or "" for row in people}, {row.id: row.name for row in groups})
        if found != self._set:
            self._set = found
            self._known.clear()

    async def run(self) -> None:
        """Refresh for ever; ends by cancellation."""
        while True:
            await anyio.sleep(REFRESH_SECONDS)
            try:
                await self.refresh()
            except StorageError as error:
                _log.warning("budgets_not_read", code=error.code)

    # --- for one call -------------------------------------------------------------------------------------------------

    def _limits(self, user_id: str, groups: Memberships, key: KeyRules | None, model: str) -> Iterable[Limit]:
        if key is not None and _limits_anything(key.limit):
            yield key.limit
        for limit in (
            self.limit_of_person(user_id),
            *(self.limit_of_group(*group) for group in groups),
            *(limit for limit in self.limits_of_models() if _names(limit.holder.id, model)),
        ):
            if _limits_anything(limit):
                yield limit

    def _budgets(self, user_id: str, groups: Memberships, key: KeyRules | None, model: str) -> Iterable[Budget]:
        if key is not None and key.budget is not None:
            yield key.budget
        yield from self.budgets_of_person(user_id)
        for group in groups:
            yield from self.budgets_of_group(*group)
        yield from (budget for budget in self.budgets_of_models() if _names(budget.holder.id, model))

    @staticmethod
    def _patterns(rules: Iterable[Named]) -> Iterable[str]:
        return sorted(holder_id for kind, holder_id in rules if kind == "model")


def _declared(budgets: Iterable[DeclaredBudget] | None) -> dict[Period, int]:
    return {one.period: to_nano(one.usd) for one in budgets or ()}


def _held(holder: Holder, amounts: Mapping[Period, int]) -> list[Budget]:
    return [Budget(holder, period, amount) for period, amount in amounts.items()]


def _limit(holder: Holder, rates: RateLimits) -> Limit:
    return Limit(holder, rates.requests_per_minute, rates.tokens_per_minute, rates.concurrency)


def _named(declared: Mapping[str, Rule], name: str | None) -> Rule | None:
    """What the file says under a name or an address, whatever the case."""
    if name is None or not declared:
        return None
    wanted = name.strip().casefold()
    return next((rule for at, rule in declared.items() if at.strip().casefold() == wanted), None)


def _limits_anything(limit: Limit) -> bool:
    return (limit.requests_per_minute, limit.tokens_per_minute, limit.concurrency) != (None, None, None)


def _names(pattern: str, model: str) -> bool:
    """Whether a pattern over `provider/model`, or a bare model id, names the model."""
    return fnmatchcase(model, pattern) or ("/" not in pattern and fnmatchcase(model.partition("/")[2], pattern))
