"""The budgets that administrators set, and how much of every budget is used."""

from collections.abc import Iterable

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.db import Database
from freehold.errors import Conflict, InvalidRequest, NotFound
from freehold.identity.models import User
from freehold.kit import clock
from freehold.kit.ids import new_id
from freehold.usage import budget_store
from freehold.usage.holders import Budget
from freehold.usage.models import BudgetRow
from freehold.usage.money import to_nano, to_usd
from freehold.usage.periods import window
from freehold.usage.rules import RuleBook
from freehold.usage.schemas import BudgetInfo, BudgetNew, BudgetPatch


class BudgetAdministration:
    """Every change holds at once in this process, and within seconds in others."""

    def __init__(self, database: Database, rules: RuleBook) -> None:
        self._database = database
        self._rules = rules

    async def of_person(self, user_id: str) -> list[BudgetInfo]:
        """The budgets that hold for one person."""
        return await self._shown(self._rules.budgets_of_person(user_id))

    async def everything(self, user_id: str) -> list[BudgetInfo]:
        """Every budget of a person or of models that somebody set, and those that hold for the one who asks."""
        return await self._shown([*self._rules.budgets_of_person(user_id), *self._rules.all_budgets()])

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
                if new.holder_kind == "user" and await session.get(User, new.holder_id) is None:
                    raise InvalidRequest("There is no person with that id.", field="holder_id")
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

    async def _changed(self, budget_id: str) -> BudgetInfo:
        await self._rules.refresh()
        found = await self._shown(self._rules.all_budgets())
        shown = next((info for info in found if info.id == budget_id), None)
        if shown is None:
            raise NotFound
        return shown

    async def _shown(self, budgets: Iterable[Budget]) -> list[BudgetInfo]:
        once = {(budget.holder.kind, budget.holder.id, budget.period): budget for budget in budgets}
        async with self._database.read() as session:
            rows = (await session.scalars(select(BudgetRow))).all()
            ids = {(row.holder_kind, row.holder_id, row.period): row.id for row in rows}
            people = [holder_id for kind, holder_id, _ in once if kind == "user"]
            query = select(User.id, User.email, User.name).where(User.id.in_(people))
            names = {user_id: email or name for user_id, email, name in (await session.execute(query)).all()}
            return [await _info(session, one, ids.get(key), names.get(one.holder.id)) for key, one in once.items()]


async def _info(session: AsyncSession, budget: Budget, budget_id: str | None, name: str | None) -> BudgetInfo:
    starts_at, resets_at = window(budget.period, clock.now())
    state = await budget_store.read(session, (budget.holder.kind, budget.holder.id, budget.period, starts_at))
    return BudgetInfo(
        id=budget_id,
        origin="file" if budget_id is None else "database",
        holder_kind=budget.holder.kind,
        holder_id=budget.holder.id,
        holder_name=name,
        period=budget.period,
        limit_usd=to_usd(budget.limit),
        spent_usd=to_usd(state.spent),
        reserved_usd=to_usd(state.reserved),
        starts_at=starts_at,
        resets_at=resets_at,
    )
