"""Budgets: money is reserved before a call and settled after it, so that calls in parallel never spend too much.

The database holds what every process spent and reserved, and one UPDATE with the limit in its WHERE decides. To keep it
off the way of most calls a process leases a little more than it needs (LEASE_SHARE of the limit), gives calls their
part from memory, and tells what was spent twice a second. A lease is free again LEASE_SECONDS after its process died;
what that process spent and had not told yet (half a second's worth) is then not counted against the budget.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import anyio
import structlog

from freehold.db import Database
from freehold.errors import BudgetExceeded, StorageError
from freehold.kit import clock
from freehold.kit.ids import new_id
from freehold.usage import budget_store as store
from freehold.usage.holders import Budget
from freehold.usage.money import shown, to_usd
from freehold.usage.periods import Period, window

FLUSH_SECONDS = 0.5
LEASE_SECONDS = 60.0
MARGIN_SECONDS = 5.0  # by which clocks may differ
LEASE_SHARE = 0.02
IDLE_SECONDS = 5.0
"""A lease that no call took from for so long goes back, so that other processes find the last cents of a budget."""

REFUSED_SECONDS = 0.5
"""So long a refusal holds without asking the database again."""

REMEMBERED = 10_000

KEEP_WINDOWS = timedelta(days=400)

_log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class Account:
    """What this process knows of one window. Amounts are nano-dollars."""

    key: store.Key
    ends_at: datetime | None
    lease_id: str = field(default_factory=new_id)
    alive_until: float = 0.0  # until then the lease is surely ours
    leased: int = 0  # reserved for us in the database
    held: int = 0  # by calls under way
    unsettled: int = 0  # spent, not yet told to the database
    wanted: int = 0  # by calls that wait for a lease
    used_at: float = 0.0
    renew_at: float = 0.0
    refused: int = 0  # the amount there was no room for, until `refused_until` and while the limit is `refused_limit`
    refused_limit: int = 0
    refused_until: float = 0.0
    seen: store.State = field(default_factory=lambda: store.State(0, 0))  # the window at that refusal
    lock: anyio.Lock = field(default_factory=anyio.Lock)

    @property
    def free(self) -> int:
        """What a call may have without asking."""
        return self.leased - self.held - self.unsettled

    def refuses(self, missing: int, limit: int) -> bool:
        """Whether the database has just said that it has no room for so much."""
        same = 0 < self.refused <= missing and limit <= self.refused_limit
        return same and clock.monotonic() < self.refused_until

    def brought_up_to_date(self, state: store.State) -> store.State:
        """The window with what this process spent and did not tell yet; of its lease only what calls hold."""
        reserved = state.reserved - self.leased + self.held
        return store.State(state.spent + self.unsettled, max(0, reserved))

    def renewed(self) -> None:
        """The database has just been told that the lease lives."""
        now = clock.monotonic()
        self.renew_at, self.alive_until = now + LEASE_SECONDS / 3, now + LEASE_SECONDS - MARGIN_SECONDS

    def forget_expired(self) -> None:
        """Stop to count on a lease that another process may have freed by now; the next one is a new one."""
        if self.leased and clock.monotonic() > self.alive_until:
            self.lose_lease()

    def lose_lease(self) -> None:
        self.leased, self.lease_id = 0, new_id()


class Reservation:
    """The part of each budget that one call may spend; settle it exactly once, also when the call never happened."""

    __slots__ = ("_accounts", "_budgets", "amount")

    def __init__(self, budgets: "Budgets", accounts: Sequence[Account], amount: int) -> None:
        self._budgets, self._accounts, self.amount = budgets, accounts, amount

    def settle(self, cost: int) -> None:
        """Give back what was reserved and count `cost` nano-dollars, be it less or more. Never waits."""
        accounts, self._accounts = self._accounts, ()
        for account in accounts:
            account.held -= self.amount
            account.unsettled += cost
        if accounts and cost:
            self._budgets.changed()


class Budgets:
    """One per process: a task that is in `run`, and `stop` when the last call is settled."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._accounts: dict[store.Key, Account] = {}
        self._latest: dict[int, tuple[Budget, Account]] = {}  # of the budgets asked lately, by their identity
        self._windows: dict[Period, tuple[datetime, datetime | None]] = {}
        self._changed = anyio.Event()
        self._flushing = anyio.Lock()
        self._scope = anyio.CancelScope()

    # --- calls --------------------------------------------------------------------------------------------------------

    async def reserve(self, budgets: Sequence[Budget], amount: int) -> Reservation:
        """Reserve `amount` nano-dollars, more than 0, of every budget, or of none.

        Waits for the database only when the lease of a budget is used up. Raises BudgetExceeded, StorageError.
        """
        now = clock.now()
        accounts: list[Account] = []
        try:
            for budget in budgets:
                account = self._account(budget, now)
                if account.free < amount:
                    await self._lease(account, budget, amount)
                account.held += amount
                account.used_at = clock.monotonic()
                accounts.append(account)
        except BaseException:
            Reservation(self, accounts, amount).settle(0)
            raise
        return Reservation(self, accounts, amount)

    def _account(self, budget: Budget, now: datetime) -> Account:
        latest = self._latest.get(id(budget))
        if latest is not None and latest[0] is budget and (latest[1].ends_at is None or now < latest[1].ends_at):
            return latest[1]
        if len(self._latest) >= REMEMBERED:
            self._latest.clear()
        account = self._find_account(budget, now)
        self._latest[id(budget)] = (budget, account)
        return account

    def _find_account(self, budget: Budget, now: datetime) -> Account:
        starts_at, ends_at = self._windows.get(budget.period) or window(budget.period, now)
        if ends_at is not None and now >= ends_at:
            starts_at, ends_at = window(budget.period, now)
        self._windows[budget.period] = (starts_at, ends_at)
        key = (budget.holder.kind, budget.holder.id, budget.period, starts_at)
        account = self._accounts.get(key)
        if account is None:
            account = self._accounts[key] = Account(key, ends_at)
        return account

    async def _lease(self, account: Account, budget: Budget, amount: int) -> None:
        """Lease until the account has `amount` free; calls that wait here together are served by one lease."""
        account.wanted += amount
        try:
            async with account.lock:
                account.forget_expired()
                missing = amount - account.free
                if missing <= 0:
                    return
                if account.refuses(missing, budget.limit):
                    raise exceeded(budget, amount, account.seen, account.ends_at)
                better = max(account.wanted - account.free, round(budget.limit * LEASE_SHARE), missing)
                for wanted in dict.fromkeys((better, missing)):
                    if await self._take(account, wanted, budget.limit):
                        account.leased += wanted
                        account.refused = 0
                        account.renewed()
                        return
                async with self._database.read() as session:
                    account.seen = account.brought_up_to_date(await store.read(session, account.key))
                account.refused, account.refused_limit = missing, budget.limit
                account.refused_until = clock.monotonic() + REFUSED_SECONDS
                raise exceeded(budget, amount, account.seen, account.ends_at)
        finally:
            account.wanted -= amount

    async def _take(self, account: Account, amount: int, limit: int) -> bool:
        now = clock.now()
        expires_at = now + timedelta(seconds=LEASE_SECONDS)
        lease = store.Lease(account.key, account.lease_id, amount, expires_at)
        async with self._database.begin() as session:
            if await store.take(session, lease, limit):
                return True
            return bool(await store.reclaim(session, account.key, now)) and await store.take(session, lease, limit)

    # --- telling the database -----------------------------------------------------------------------------------------

    def changed(self) -> None:
        """There is something to tell."""
        self._changed.set()

    async def run(self) -> None:
        """Tell the database what was spent, keep leases alive, give idle ones back; ends by `stop` or cancellation."""
        with self._scope:
            while True:
                with anyio.move_on_after(IDLE_SECONDS):
                    await self._changed.wait()
                self._changed = anyio.Event()
                with anyio.CancelScope(shield=True):
                    try:
                        await self.flush()
                    except StorageError as error:
                        _log.error("budgets_not_settled", code=error.code, accounts=len(self._accounts))
                await anyio.sleep(FLUSH_SECONDS)

    async def stop(self) -> None:
        """Settle everything and give every lease back; what the database does not take is lost with the lease's end."""
        self._scope.cancel()
        with anyio.CancelScope(shield=True):
            try:
                await self.flush(give_back=True)
            except StorageError as error:
                _log.error("budgets_not_settled", code=error.code, accounts=len(self._accounts))

    async def flush(self, *, give_back: bool = False) -> None:
        """Settle now, and with `give_back` return what no call holds. Raises StorageError; then nothing was changed."""
        async with self._flushing:
            moves = [
                move for account in self._accounts.values() if (move := self._move(account, give_back)) is not None
            ]
            if moves:
                await self._settle(sorted(moves, key=lambda move: move[0].key))
            for account in list(self._accounts.values()):
                if not (account.leased or account.held or account.unsettled or account.wanted):
                    del self._accounts[account.key]
                    self._latest.clear()

    def _move(self, account: Account, give_back: bool) -> tuple[Account, int, int] | None:
        """What to tell of an account: spent, and given back; None when there is nothing to tell."""
        account.forget_expired()
        now = clock.monotonic()
        idle = now - account.used_at > IDLE_SECONDS
        back = max(0, account.free) if give_back or idle else 0
        if not account.unsettled and not back and (not account.leased or now < account.renew_at):
            return None
        account.leased -= back
        return account, account.unsettled, back

    async def _settle(self, moves: list[tuple[Account, int, int]]) -> None:
        expires_at = clock.now() + timedelta(seconds=LEASE_SECONDS)
        covered = [min(spent, account.leased) for account, spent, _ in moves]
        kept: list[bool] = []
        try:
            async with self._database.begin() as session:
                for (account, spent, back), used in zip(moves, covered, strict=True):
                    kept.append(
                        await store.settle(
                            session, account.key, account.lease_id, spent=spent, used=used + back, expires_at=expires_at
                        )
                    )
        except StorageError:
            for account, _, back in moves:
                account.leased += back
            raise
        for (account, spent, _), used, still_ours in zip(moves, covered, kept, strict=True):
            account.unsettled -= spent
            account.leased -= used
            if still_ours:
                account.renewed()
            else:
                account.lose_lease()

    async def sweep(self) -> None:
        """Free what dead processes had reserved, forget old windows; run daily."""
        now = clock.now()
        async with self._database.begin() as session:
            await store.sweep(session, now, now - KEEP_WINDOWS)


def exceeded(budget: Budget, amount: int, state: store.State, ends_at: datetime | None) -> BudgetExceeded:
    """The refusal of a call that may cost `amount`, in words, with what is spent and when the budget begins anew."""
    whose = str(budget.holder)
    every = "" if budget.period == "total" else f" a {budget.period}"
    message = f"The budget of {whose}, {shown(budget.limit)}{every}, has no room for this call, which may cost "
    message += f"{shown(amount)}: {shown(state.spent)} is spent"
    message += f" and {shown(state.reserved)} reserved for calls under way" if state.reserved else ""
    step = BudgetExceeded.default_next_step
    if amount > budget.limit:  # no waiting makes room for it
        ends_at = None
        step = "Ask for a shorter answer (max_tokens), ask an administrator to raise it, or use an in-house model."
    elif ends_at is not None:
        step = f"Wait until {ends_at:%Y-%m-%d %H:%M} UTC, ask an administrator to raise it, or use an in-house model."
    return BudgetExceeded(
        f"{message}.",
        next_step=step,
        holder=budget.holder.kind,
        holder_name=budget.holder.name or budget.holder.id,
        period=budget.period,
        limit_usd=to_usd(budget.limit),
        needed_usd=to_usd(amount),
        spent_usd=to_usd(state.spent),
        reserved_usd=to_usd(state.reserved),
        resets_at=ends_at.isoformat() if ends_at else None,
        retry_after_s=max(0.0, round((ends_at - clock.now()).total_seconds(), 1)) if ends_at else None,
    )
