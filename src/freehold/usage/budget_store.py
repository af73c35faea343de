"""Statements about budget windows and leases; each function is one step inside a transaction of the caller's.

What is reserved in a window is at all times the sum of its leases: both change in the same transaction, and the row of
the window is locked first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.identity.keys.grant import Period
from freehold.identity.keys.views import Spending
from freehold.kit import clock
from freehold.usage.models import BudgetLease, BudgetWindow
from freehold.usage.money import to_usd
from freehold.usage.periods import window

Key = tuple[str, str, str, datetime]
"""Kind and id of the holder, period, start: which window."""

_NAMES = ("holder_kind", "holder_id", "period", "starts_at")


@dataclass(frozen=True, slots=True)
class State:
    """Nano-dollars of a window: spent, and reserved by every process together."""

    spent: int
    reserved: int


@dataclass(frozen=True, slots=True)
class Lease:
    """What a process takes of a window."""

    key: Key
    id: str
    amount: int
    expires_at: datetime


async def take(session: AsyncSession, wanted: Lease, limit: int) -> bool:
    """Reserve `amount` of the window for this lease if the limit has room for it, in one statement."""
    key, amount = wanted.key, wanted.amount
    room = BudgetWindow.spent + BudgetWindow.reserved + amount <= limit
    reserve = update(BudgetWindow).where(_of(BudgetWindow, key), room)
    reserve = reserve.values(reserved=BudgetWindow.reserved + amount).returning(BudgetWindow.reserved)
    reserve = reserve.execution_options(synchronize_session=False)
    if await session.scalar(reserve) is None:
        # no room, or no such window yet
        await _insert(session, BudgetWindow, _row(key) | {"spent": 0, "reserved": 0})
        if await session.scalar(reserve) is None:
            return False
    lease = _row(key) | {"lease_id": wanted.id, "amount": amount, "expires_at": wanted.expires_at}
    await _insert(session, BudgetLease, lease, adding="amount")
    return True


async def settle(
    session: AsyncSession, key: Key, lease_id: str, *, spent: int, used: int, expires_at: datetime
) -> bool:
    """Add `spent` to the window and take `used` from the lease, and keep it alive.

    False when the lease is gone, because this process was silent for too long: `spent` counts all the same.
    """
    await session.execute(select(BudgetWindow.spent).where(_of(BudgetWindow, key)).with_for_update())
    mine = and_(_of(BudgetLease, key), BudgetLease.lease_id == lease_id)
    shrink = update(BudgetLease).where(mine).values(amount=BudgetLease.amount - used, expires_at=expires_at)
    left = await session.scalar(shrink.returning(BudgetLease.amount).execution_options(synchronize_session=False))
    if left == 0:
        await session.execute(delete(BudgetLease).where(mine))
    await _change(session, key, spent=spent, reserved=-used if left is not None else 0)
    return left is not None


async def reclaim(session: AsyncSession, key: Key, now: datetime) -> int:
    """Free what dead processes had leased of the window; returns how much that was."""
    await session.execute(select(BudgetWindow.spent).where(_of(BudgetWindow, key)).with_for_update())
    dead = delete(BudgetLease).where(_of(BudgetLease, key), BudgetLease.expires_at < now)
    freed = sum(await session.scalars(dead.returning(BudgetLease.amount)))
    if freed:
        await _change(session, key, spent=0, reserved=-freed)
    return freed


async def read(session: AsyncSession, key: Key) -> State:
    """The window as it is; a window that nobody spent from has no row."""
    row = (
        await session.execute(select(BudgetWindow.spent, BudgetWindow.reserved).where(_of(BudgetWindow, key)))
    ).first()
    return State(row.spent, row.reserved) if row else State(0, 0)


async def spent_by_keys(session: AsyncSession, periods: Mapping[str, Period]) -> dict[str, Spending]:
    """What keys have spent of their budgets in the present windows, by one query; `periods` by id of the key."""
    if not periods:
        return {}
    now = clock.now()
    windows = {period: window(period, now) for period in periods.values()}
    present = or_(
        *(
            and_(
                BudgetWindow.holder_id.in_([key_id for key_id, one in periods.items() if one == period]),
                BudgetWindow.period == period,
                BudgetWindow.starts_at == starts_at,
            )
            for period, (starts_at, _) in windows.items()
        )
    )
    query = select(BudgetWindow.holder_id, BudgetWindow.spent).where(BudgetWindow.holder_kind == "key", present)
    spent = {key_id: nano for key_id, nano in (await session.execute(query)).all()}
    return {key_id: Spending(to_usd(spent.get(key_id, 0)), windows[period][1]) for key_id, period in periods.items()}


async def sweep(session: AsyncSession, now: datetime, forget_before: datetime) -> None:
    """Free the leases of dead processes everywhere, and forget windows that began before `forget_before`."""
    columns = (getattr(BudgetLease, name) for name in _NAMES)
    for row in (await session.execute(select(*columns).where(BudgetLease.expires_at < now).distinct())).all():
        await reclaim(session, (row[0], row[1], row[2], row[3]), now)
    old = and_(BudgetWindow.starts_at < forget_before, BudgetWindow.period != "total", BudgetWindow.reserved == 0)
    await session.execute(delete(BudgetWindow).where(old))


def _row(key: Key) -> dict[str, Any]:
    return dict(zip(_NAMES, key, strict=True))


def _of(table: type[BudgetWindow] | type[BudgetLease], key: Key) -> ColumnElement[bool]:
    return and_(*(getattr(table, name) == value for name, value in _row(key).items()))


async def _change(session: AsyncSession, key: Key, *, spent: int, reserved: int) -> None:
    values = {"spent": BudgetWindow.spent + spent, "reserved": BudgetWindow.reserved + reserved}
    await session.execute(
        update(BudgetWindow).where(_of(BudgetWindow, key)).values(values).execution_options(synchronize_session=False)
    )


async def _insert(session: AsyncSession, table: Any, row: dict[str, Any], adding: str | None = None) -> None:
    """Insert unless it is there; with `adding` that column is added to the one that is there, the others replace it."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values(row)
    if adding is None:
        await session.execute(statement.on_conflict_do_nothing())
        return
    keys = [column.name for column in table.__table__.primary_key]
    changes = {name: statement.excluded[name] for name in row if name not in keys}
    changes[adding] = table.__table__.c[adding] + statement.excluded[adding]
    await session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changes))
