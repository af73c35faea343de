"""The budgets that administrators set, and how much of every budget is used."""

from collections.abc import Iterable

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.db import Database
from freehold.errors import Conflict, InvalidRequest, NotFound
from freehold.identity.models import User
from freehold.identity.people.membership import Memberships
from freehold.identity.people.models import Group
from freehold.kit import clock
from freehold.kit.ids import new_id
from freehold.usage import budget_store
from freehold.usage.holders import Budget, RuleKind
from freehold.usage.models import BudgetRow
from freehold.usage.money import to_nano, to_usd
from freehold.usage.periods import Period, window
from freehold.usage.rules import RuleBook
from freehold.usage.schemas import BudgetInfo, BudgetNew, BudgetPatch

Ids = dict[tuple[str, str, str], str]
"""Ids of the budgets in the database, by kind and id of the holder, and period."""


class BudgetAdministration:
    """Every change holds at once in this process, and within seconds in others."""

    def __init__(self, database: Database, rules: RuleBook) -> None:
        self._database = database
        self._rules = rules

    async def of_person(self, user_id: str, groups: Memberships) -> list[BudgetInfo]:
        """The budgets that hold for one person: their own, and those of their groups."""
        async with self._database.read() as session:
            return await self._held(session, self._of_person(user_id, groups), await _ids(session))

    async def everything(self, user_id: str, groups: Memberships) -> list[BudgetInfo]:
        """What each person has, every budget that somebody set, and those that hold for the one who asks."""
        everyone = self._rules.budgets_of_everyone()
        async with self._database.read() as session:
            ids = await _ids(session)
            held = await self._held(session, [*self._of_person(user_id, groups), *self._rules.all_budgets()], ids)
        return [*(_of_everyone(period, limit, ids) for period, limit in everyone), *held]

    async def add(self, new: BudgetNew) -> BudgetInfo:
        """Raises Conflict when the holder has a budget for that period, InvalidRequest for nobody's id."""
        now = clock.now()
        row = BudgetRow(
            id=new_id(),
            holder_kind=new.holder_kind,
            holder_id=new.holder_id,
            period=new.period,
            limit_nanodollars=to_nano(new.usd),
            created_at=now,
            updated_at=now,
        )
        try:
            async with self._database.begin() as session:
                await require_holder(session, new.holder_kind, new.holder_id)
                session.add(row)
        except IntegrityError:
            raise Conflict("There is a budget for that already.", next_step="Change that one.") from None
        return await self._changed(row.id)

    async def change(self, budget_id: str, patch: BudgetPatch) -> BudgetInfo:
        """Raises NotFound."""
        values = {"limit_nanodollars": to_nano(patch.usd), "updated_at": clock.now()}
        changed = update(BudgetRow).where(BudgetRow.id == budget_id).values(values).returning(BudgetRow.id)
        async with self._database.begin() as session:
            if await session.scalar(changed) is None:
                raise NotFound
        return await self._changed(budget_id)

    async def remove(self, budget_id: str) -> None:
        """What was spent stays known, should the budget be set again. Raises NotFound."""
        async with self._database.begin() as session:
            if await session.scalar(delete(BudgetRow).where(BudgetRow.id == budget_id).returning(BudgetRow.id)) is None:
                raise NotFound
        await self._rules.refresh()

    def _of_person(self, user_id: str, groups: Memberships) -> list[Budget]:
        theirs = (budget for group in groups for budget in self._rules.budgets_of_group(*group))
        return [*self._rules.budgets_of_person(user_id), *theirs]

    async def _changed(self, budget_id: str) -> BudgetInfo:
        await self._rules.refresh()
        found = await self.everything("", ())
        shown = next((info for info in found if info.id == budget_id), None)
        if shown is None:
            raise NotFound
        return shown

    async def _held(self, session: AsyncSession, budgets: Iterable[Budget], ids: Ids) -> list[BudgetInfo]:
        once = {(budget.holder.kind, budget.holder.id, budget.period): budget for budget in budgets}
        names = await names_of(session, [holder_id for kind, holder_id, _ in once if kind == "user"])
        found: list[BudgetInfo] = []
        for key, one in once.items():
            info = await _info(session, one, ids.get(key), names.get(one.holder.id))
            if one.holder.kind == "user" and self._rules.of_everyone_in_database(one.holder.id, one.period):
                info.origin = "database"
            found.append(info)
        return found


async def require_holder(session: AsyncSession, kind: RuleKind, holder_id: str) -> None:
    """Raise InvalidRequest unless a rule can be set for this holder."""
    if (kind == "everyone") != (not holder_id.strip()):
        raise InvalidRequest("Say whom this is for: `everyone` has no id, and all others have one.", field="holder_id")
    if kind == "user" and await session.get(User, holder_id) is None:
        raise InvalidRequest("There is no person with that id.", field="holder_id")
    if kind == "group" and await session.get(Group, holder_id) is None:
        raise InvalidRequest("There is no group with that id.", field="holder_id")


async def names_of(session: AsyncSession, user_ids: list[str]) -> dict[str, str]:
    """What people are called in lists of rules."""
    query = select(User.id, User.email, User.name).where(User.id.in_(user_ids))
    return {user_id: email or name for user_id, email, name in (await session.execute(query)).all()}


async def _ids(session: AsyncSession) -> Ids:
    rows = (await session.scalars(select(BudgetRow))).all()
    return {(row.holder_kind, row.holder_id, row.period): row.id for row in rows}


def _of_everyone(period: Period, limit: int, ids: Ids) -> BudgetInfo:
    budget_id = ids.get(("everyone", "", period))
    starts_at, resets_at = window(period, clock.now())
    return BudgetInfo(
        id=budget_id,
        origin="file" if budget_id is None else "database",
        holder_kind="everyone",
        holder_id="",
        holder_name=None,
        period=period,
        limit_usd=to_usd(limit),
        spent_usd=None,
        reserved_usd=None,
        starts_at=starts_at,
        resets_at=resets_at,
    )


async def _info(session: AsyncSession, budget: Budget, budget_id: str | None, name: str | None) -> BudgetInfo:
    holder = budget.holder
    assert holder.kind != "key"
    starts_at, resets_at = window(budget.period, clock.now())
    state = await budget_store.read(session, (holder.kind, holder.id, budget.period, starts_at))
    return BudgetInfo(
        id=budget_id,
        origin="file" if budget_id is None else "database",
        holder_kind=holder.kind,
        holder_id=holder.id,
        holder_name=name or holder.name or None,
        period=budget.period,
        limit_usd=to_usd(budget.limit),
        spent_usd=to_usd(state.spent),
        reserved_usd=to_usd(state.reserved),
        starts_at=starts_at,
        resets_at=resets_at,
    )
