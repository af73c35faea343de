"""Which limits and budgets hold for a call: those of its key, of its person and of its model; answered from memory."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import cast

import anyio
import structlog
from sqlalchemy import select

from freehold.db import Database
from freehold.errors import StorageError
from freehold.identity.models import User
from freehold.settings import Settings
from freehold.settings.areas import DeclaredBudget
from freehold.usage.holders import Budget, Holder, HolderKind, Limit
from freehold.usage.models import BudgetRow
from freehold.usage.money import to_nano
from freehold.usage.periods import Period

REFRESH_SECONDS = 5.0
"""How old what another process changed may be here."""

REMEMBERED = 10_000

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


class RuleBook:
    """One per process. `declare` takes the settings, `refresh` reads what administrators set."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._set: Mapping[tuple[str, str], tuple[Budget, ...]] = {}  # in the database, by kind and id of the holder
        self._people: Mapping[str, tuple[DeclaredBudget, ...]] = {}  # in the file, by user id
        self._known: dict[tuple[str, str, str], tuple[KeyRules | None, Rules]] = {}

    def declare(self, settings: Settings) -> None:
        """Put new settings to work; people named in them are found at the next `refresh`."""
        self._settings = settings
        self._known.clear()

    def of(self, user_id: str, key: KeyRules | None, model: str) -> Rules:
        """The rules for a call of `model` (`provider/model`); a microsecond once they were asked for."""
        known = self._known.get((user_id, key.limit.holder.id if key else "", model))
        if known is not None and known[0] is key:
            return known[1]
        rules = Rules(tuple(self._limits(user_id, key, model)), tuple(self._budgets(user_id, key, model)))
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[(user_id, key.limit.holder.id if key else "", model)] = (key, rules)
        return rules

    def budgets_of_person(self, user_id: str) -> list[Budget]:
        """The budgets of a person; an administrator's wins over the file's, there a person's own over all's."""
        holder = Holder("user", user_id)
        settings = self._settings.budgets
        chosen: dict[str, Budget] = {}
        for declared in (settings.user, self._people.get(user_id, ())):
            chosen |= {one.period: Budget(holder, one.period, to_nano(one.usd)) for one in declared}
        chosen |= {one.period: one for one in self._set.get(("user", user_id), ())}
        return list(chosen.values())

    def budgets_of_models(self) -> list[Budget]:
        """The budgets of models and patterns, from the file and the database."""
        chosen = {
            (pattern, one.period): Budget(Holder("model", pattern), one.period, to_nano(one.usd))
            for pattern, declared in self._settings.budgets.models.items()
            for one in declared
        }
        for (kind, pattern), budgets in self._set.items():
            if kind == "model":
                chosen |= {(pattern, one.period): one for one in budgets}
        return list(chosen.values())

    def all_budgets(self) -> list[Budget]:
        """Every budget that names a person or models; what the file gives each person alike is not among them."""
        named = {holder_id for kind, holder_id in self._set if kind == "user"} | set(self._people)
        return [
            *(budget for user_id in sorted(named) for budget in self.budgets_of_person(user_id)),
            *self.budgets_of_models(),
        ]

    async def refresh(self) -> None:
        """Read what administrators set, and who the people named in the file are. Raises StorageError."""
        emails = {email.strip().lower(): budgets for email, budgets in self._settings.budgets.people.items()}
        async with self._database.read() as session:
            rows = (await session.scalars(select(BudgetRow))).all()
            query = select(User.id, User.email).where(User.email.in_(list(emails)))
            people = (await session.execute(query)).all() if emails else []
        found: dict[tuple[str, str], tuple[Budget, ...]] = {}
        for row in rows:
            key = (row.holder_kind, row.holder_id)
            holder = Holder(cast("HolderKind", row.holder_kind), row.holder_id)
            found[key] = (*found.get(key, ()), Budget(holder, cast("Period", row.period), row.limit_nanodollars))
        named = {user_id: emails[email] for user_id, email in people if email}
        if (found, named) != (self._set, self._people):
            self._set, self._people = found, named
            self._known.clear()

    async def run(self) -> None:
        """Refresh for ever; ends by cancellation."""
        while True:
            await anyio.sleep(REFRESH_SECONDS)
            try:
                await self.refresh()
            except StorageError as error:
                _log.warning("budgets_not_read", code=error.code)

    def _limits(self, user_id: str, key: KeyRules | None, model: str) -> Iterable[Limit]:
        settings = self._settings.limits
        if key is not None and _limits_anything(key.limit):
            yield key.limit
        for holder, limits in (
            (Holder("user", user_id), settings.user),
            *(
                (Holder("model", pattern), limits)
                for pattern, limits in settings.models.items()
                if _names(pattern, model)
            ),
        ):
            limit = Limit(holder, limits.requests_per_minute, limits.tokens_per_minute, limits.concurrency)
            if _limits_anything(limit):
                yield limit

    def _budgets(self, user_id: str, key: KeyRules | None, model: str) -> Iterable[Budget]:
        if key is not None and key.budget is not None:
            yield key.budget
        yield from self.budgets_of_person(user_id)
        yield from (budget for budget in self.budgets_of_models() if _names(budget.holder.id, model))


def _limits_anything(limit: Limit) -> bool:
    return (limit.requests_per_minute, limit.tokens_per_minute, limit.concurrency) != (None, None, None)


def _names(pattern: str, model: str) -> bool:
    """Whether a pattern over `provider/model`, or a bare model id, names the model."""
    return fnmatchcase(model, pattern) or ("/" not in pattern and fnmatchcase(model.partition("/")[2], pattern))
