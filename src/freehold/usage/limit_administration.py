"""The rate limits that administrators set, and how much of every limit is used now."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.db import Database
from freehold.errors import Conflict, InvalidRequest, NotFound
from freehold.kit import clock
from freehold.kit.ids import new_id
from freehold.usage.administration import names_of, require_holder
from freehold.usage.holders import Holder, Limit
from freehold.usage.limits import Used
from freehold.usage.models import RateLimitRow
from freehold.usage.rules import RuleBook
from freehold.usage.schemas import LimitInfo, LimitNew, LimitPatch, UseOfLimit

FIELDS = ("requests_per_minute", "tokens_per_minute", "concurrency")

Ids = dict[tuple[str, str], str]
"""Ids of the limits in the database, by kind and id of the holder."""


class LimitAdministration:
    """Every change holds at once in this process, and within seconds in others."""

    def __init__(self, database: Database, rules: RuleBook, used: Callable[[Holder], Awaitable[Used]]) -> None:
        """`used` tells what counts against a holder now."""
        self._database = database
        self._rules = rules
        self._used = used

    async def everything(self) -> list[LimitInfo]:
        """What each person has, and every limit that somebody set but those of API keys."""
        async with self._database.read() as session:
            rows = (await session.scalars(select(RateLimitRow))).all()
            ids = {(row.holder_kind, row.holder_id): row.id for row in rows}
            held = await self._held(session, self._rules.all_limits(), ids)
        everyone = self._of_everyone(ids.get(("everyone", "")))
        return [*([everyone] if everyone else []), *held]

    async def add(self, new: LimitNew) -> LimitInfo:
        """Raises Conflict when the holder has a limit, InvalidRequest for nobody's id and for no limit at all."""
        now = clock.now()
        values = {name: getattr(new, name) for name in FIELDS}
        _require_some(values.values())
        holder = {"holder_kind": new.holder_kind, "holder_id": new.holder_id}
        row = RateLimitRow(id=new_id(), **holder, **values, created_at=now, updated_at=now)
        try:
            async with self._database.begin() as session:
                await require_holder(session, new.holder_kind, new.holder_id)
                session.add(row)
        except IntegrityError:
            raise Conflict("There is a limit for that already.", next_step="Change that one.") from None
        return await self._changed(row.id)

    async def change(self, limit_id: str, patch: LimitPatch) -> LimitInfo:
        """Raises NotFound, InvalidRequest for no limit at all."""
        async with self._database.begin() as session:
            row = await session.get(RateLimitRow, limit_id)
            if row is None:
                raise NotFound
            for name, value in patch.model_dump(exclude_unset=True).items():
                setattr(row, name, value)
            _require_some(getattr(row, name) for name in FIELDS)
            row.updated_at = clock.now()
        return await self._changed(limit_id)

    async def remove(self, limit_id: str) -> None:
        """What the file says holds again. Raises NotFound."""
        gone = delete(RateLimitRow).where(RateLimitRow.id == limit_id).returning(RateLimitRow.id)
        async with self._database.begin() as session:
            if await session.scalar(gone) is None:
                raise NotFound
        await self._rules.refresh()

    async def _changed(self, limit_id: str) -> LimitInfo:
        await self._rules.refresh()
        shown = next((info for info in await self.everything() if info.id == limit_id), None)
        if shown is None:
            raise NotFound
        return shown

    def _of_everyone(self, limit_id: str | None) -> LimitInfo | None:
        rates = self._rules.limit_of_everyone()
        values = {name: getattr(rates, name) for name in FIELDS}
        if not any(values.values()):
            return None
        return LimitInfo(
            id=limit_id,
            origin="database" if limit_id else "file",
            holder_kind="everyone",
            holder_id="",
            holder_name=None,
            **values,
            used=None,
        )

    async def _held(self, session: AsyncSession, limits: list[Limit], ids: Ids) -> list[LimitInfo]:
        names = await names_of(session, [limit.holder.id for limit in limits if limit.holder.kind == "user"])
        uses = [await self._used(limit.holder) for limit in limits]
        return [
            _info(limit, use, ids.get((limit.holder.kind, limit.holder.id)), names.get(limit.holder.id))
            for limit, use in zip(limits, uses, strict=True)
        ]


def _require_some(values: Iterable[int | None]) -> None:
    if not any(values):
        raise InvalidRequest("A limit limits at least one thing.", field="requests_per_minute")


def _info(limit: Limit, use: Used, limit_id: str | None, name: str | None) -> LimitInfo:
    holder = limit.holder
    assert holder.kind != "key"
    return LimitInfo(
        id=limit_id,
        origin="database" if limit_id else "file",
        holder_kind=holder.kind,
        holder_id=holder.id,
        holder_name=name or holder.name or None,
        requests_per_minute=limit.requests_per_minute,
        tokens_per_minute=limit.tokens_per_minute,
        concurrency=limit.concurrency,
        used=UseOfLimit(**asdict(use)),
    )
