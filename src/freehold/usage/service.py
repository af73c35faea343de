"""Usage: the ledger, the limits and the budgets of one process, and what is reported of them."""

from datetime import timedelta
from pathlib import Path

from anyio.abc import TaskGroup

from freehold.db import Database
from freehold.kit import clock
from freehold.settings import Settings
from freehold.usage import repository
from freehold.usage.administration import BudgetAdministration
from freehold.usage.budgets import Budgets
from freehold.usage.holders import Holder
from freehold.usage.ledger import Ledger
from freehold.usage.limit_administration import LimitAdministration
from freehold.usage.limits import Limits, Used
from freehold.usage.rules import RuleBook
from freehold.usage.shared_limits import SharedLimits

FORGET_AT_ONCE = 2_000


class UsageService:
    """One per process: `start` before the first call, `stop` after the last one and before the database closes."""

    def __init__(self, database: Database, settings: Settings, folder: Path) -> None:
        """`folder` holds the calls that the database did not take."""
        self.database = database
        self._keep_days = settings.usage.keep_days
        self.ledger = Ledger(database, folder)
        self.limits = Limits()
        self.shared: SharedLimits | None = None  # with the limits of all replicas, where there is Redis
        self._redis = settings.redis.url
        self.budgets = Budgets(database)
        self.rules = RuleBook(database, settings)
        self.administration = BudgetAdministration(database, self.rules)
        self.limit_administration = LimitAdministration(database, self.rules, self.used)

    async def start(self, tasks: TaskGroup) -> None:
        """Read the rules and begin to write in the background."""
        await self.rules.refresh()
        await self.ledger.start()
        if self._redis is not None:
            self.shared = await SharedLimits.at(self._redis.get_secret_value(), self.limits)
            tasks.start_soon(self.shared.run)
        tasks.start_soon(self.ledger.run)
        tasks.start_soon(self.budgets.run)
        tasks.start_soon(self.rules.run)

    async def stop(self) -> None:
        """Write down and settle everything."""
        await self.ledger.stop()
        await self.budgets.stop()
        if self.shared is not None:
            await self.shared.aclose()

    async def used(self, holder: Holder) -> Used:
        """What counts against a holder's limits now, by all replicas where they count together."""
        return self.limits.used(holder) if self.shared is None else await self.shared.used(holder)

    async def sweep(self) -> None:
        """Forget single calls that are older than `usage.keep_days`; run daily. What they add up to stays."""
        days = self._keep_days
        if days is None:
            return
        before = clock.now() - timedelta(days=days)
        gone = FORGET_AT_ONCE
        while gone == FORGET_AT_ONCE:  # in pieces, so that calls are written in between
            async with self.database.begin() as session:
                gone = await repository.forget(session, before, FORGET_AT_ONCE)

    async def declare(self, settings: Settings) -> None:
        """Put new settings to work."""
        self._keep_days = settings.usage.keep_days
        self.rules.declare(settings)
        await self.rules.refresh()
