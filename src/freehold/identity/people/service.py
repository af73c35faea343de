"""What administrators do with people and groups; whatever changes acts on the next request in this process."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any, cast

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.db import Database
from freehold.errors import Conflict, InvalidRequest, NotFound
from freehold.identity.keys.declared import SERVICE_USER_ID
from freehold.identity.models import User
from freehold.identity.people import repository
from freehold.identity.people.membership import Memberships
from freehold.identity.people.models import Group
from freehold.identity.people.schemas import (
    GroupInfo,
    GroupNew,
    GroupOfPerson,
    GroupPatch,
    PersonInfo,
    PersonNew,
    PersonPage,
    PersonPatch,
)
from freehold.identity.repository import LOCAL_OWNER_ID, end_other_sessions, user_by_email, user_by_id
from freehold.identity.service import Identity
from freehold.kit import clock
from freehold.kit.ids import new_id
from freehold.kit.pagination import decode_cursor, encode_cursor, page_of

MOST_GROUPS = 500

_log = logging.getLogger(__name__)


class People:
    """`changed` is called after every change; `drop_rules` removes a group's limits and budgets in a transaction."""

    def __init__(
        self,
        database: Database,
        identity: Identity,
        *,
        changed: Callable[[], None],
        drop_rules: Callable[[AsyncSession, str], Awaitable[None]],
    ) -> None:
        self._database = database
        self._identity = identity
        self._changed = changed
        self._drop_rules = drop_rules

    # --- people -----------------------------------------------------------------------------------------------------

    async def page(
        self, viewer_id: str, *, text: str | None, group_id: str | None, cursor: str | None, limit: int
    ) -> PersonPage:
        """A page of people by name: those whose name or address holds `text`, or those of one group."""
        after = cast("tuple[str, str]", decode_cursor(cursor, str, str)) if cursor else None
        async with self._database.read() as session:
            rows, more = page_of(await repository.people(session, text, group_id, after, limit + 1), limit)
            groups = await repository.memberships(session, [user.id for user in rows])
        items = [_person(user, groups.get(user.id, ()), viewer_id) for user in rows]
        return PersonPage(items=items, next_cursor=encode_cursor(rows[-1].name, rows[-1].id) if more else None)

    async def add(self, viewer_id: str, new: PersonNew) -> PersonInfo:
        """Make an account. Raises Conflict (address taken, no accounts yet), InvalidRequest (password, group)."""
        if await self._identity.mode() != "accounts":
            # the first account ends single-user mode, and whoever sits here would be locked out
            raise Conflict("This server has no accounts yet.", next_step="Turn accounts on under Account first.")
        async with self._database.read() as session:
            await _refuse_unknown(session, new.groups)
        user_id = await self._identity.add_user(new.email, new.name, new.password.get_secret_value(), new.role)
        return await self.change(viewer_id, user_id, PersonPatch(groups=new.groups))

    async def change(self, viewer_id: str, user_id: str, patch: PersonPatch) -> PersonInfo:
        """Change somebody; whose role changes or who is disabled has to sign in again.

        Raises NotFound, InvalidRequest, and Conflict for oneself, the service account and the last administrator.
        """
        now = clock.now()
        async with self._database.begin() as session:
            user = await user_by_id(session, user_id)
            if user is None:
                raise NotFound
            role, status = patch.role or user.role, patch.status or user.status
            if (role, status) != (user.role, user.status):
                await _refuse_lock_out(session, user, role, status, viewer_id)
                user.role, user.status = role, status
                await end_other_sessions(session, user_id, None)
            if patch.name is not None:
                user.name = patch.name
            if patch.groups is not None:
                await _refuse_unknown(session, patch.groups)
                await repository.leave_all(session, user_id)
                await repository.join(session, user_id, patch.groups, now)
            user.updated_at = now
            await session.flush()
            info = _person(user, (await repository.memberships(session, [user_id])).get(user_id, ()), viewer_id)
        self._done("person changed", viewer_id, user_id=user_id, fields=sorted(patch.model_fields_set))
        return info

    # --- groups -----------------------------------------------------------------------------------------------------

    async def groups(self) -> list[GroupInfo]:
        """Every group, by name."""
        async with self._database.read() as session:
            return [_group(group, members) for group, members in await repository.groups(session)]

    async def add_group(self, viewer_id: str, new: GroupNew) -> GroupInfo:
        """Raises Conflict when there is one of that name, or too many."""
        now = clock.now()
        group = Group(id=new_id(), name=new.name, description=new.description, created_at=now, updated_at=now)
        try:
            async with self._database.begin() as session:
                if len(await repository.groups(session)) >= MOST_GROUPS:
                    raise Conflict(f"There are {MOST_GROUPS} groups already.", next_step="Remove one that is not used.")
                await _refuse_taken(session, new.name)
                session.add(group)
        except IntegrityError:  # somebody was faster
            raise _taken(new.name) from None
        self._done("group made", viewer_id, group_id=group.id)
        return _group(group, 0)

    async def change_group(self, viewer_id: str, group_id: str, patch: GroupPatch) -> GroupInfo:
        """Raises NotFound, Conflict."""
        try:
            async with self._database.begin() as session:
                group = await _one(session, group_id)
                if patch.name is not None and patch.name != group.name:
                    await _refuse_taken(session, patch.name, but=group_id)
                    group.name = patch.name
                if patch.description is not None:
                    group.description = patch.description
                group.updated_at = clock.now()
                await session.flush()
                info = _group(group, await repository.count_members(session, group_id))
        except IntegrityError:
            raise _taken(patch.name or "") from None
        self._done("group changed", viewer_id, group_id=group_id)
        return info

    async def remove_group(self, viewer_id: str, group_id: str) -> None:
        """Remove a group with its limits and budgets; its people stay. Raises NotFound."""
        async with self._database.begin() as session:
            await session.delete(await _one(session, group_id))
            await self._drop_rules(session, group_id)
        self._done("group removed", viewer_id, group_id=group_id)

    async def join(self, viewer_id: str, group_id: str, user_id: str) -> None:
        """Put a person into a group; they may be in it already. Raises NotFound."""
        async with self._database.begin() as session:
            await _one(session, group_id)
            if await user_by_id(session, user_id) is None:
                raise NotFound
            await repository.join(session, user_id, [group_id], clock.now())
        self._done("joined group", viewer_id, group_id=group_id, user_id=user_id)

    async def leave(self, viewer_id: str, group_id: str, user_id: str) -> None:
        """Take a person out of a group. Raises NotFound when they are not in it."""
        async with self._database.begin() as session:
            if not await repository.leave(session, user_id, group_id):
                raise NotFound
        self._done("left group", viewer_id, group_id=group_id, user_id=user_id)

    # --- names, for the command line --------------------------------------------------------------------------------

    async def group_id(self, text: str) -> str:
        """The id of the group with this name or id. Raises NotFound."""
        async with self._database.read() as session:
            found = await repository.group_named(session, text) or await session.get(Group, text)
        if found is None:
            raise NotFound(f"There is no group {text!r}.", next_step="Look at: freehold group list")
        return found.id

    async def user_id(self, email: str) -> str:
        """The id of the account with this address. Raises NotFound."""
        async with self._database.read() as session:
            found = await user_by_email(session, email)
        if found is None:
            raise NotFound(f"There is no account {email!r}.", next_step="Make it first: freehold user add")
        return found.id

    def _done(self, what: str, viewer_id: str, **more: Any) -> None:
        self._changed()
        _log.info(what, extra={"actor_id": viewer_id, **more})


async def _one(session: AsyncSession, group_id: str) -> Group:
    group = await session.get(Group, group_id)
    if group is None:
        raise NotFound
    return group


async def _refuse_taken(session: AsyncSession, name: str, but: str | None = None) -> None:
    found = await repository.group_named(session, name)
    if found is not None and found.id != but:
        raise _taken(found.name)


def _taken(name: str) -> Conflict:
    return Conflict(f"There is a group named {name} already.", next_step="Choose another name.")


async def _refuse_unknown(session: AsyncSession, group_ids: list[str]) -> None:
    if await repository.unknown(session, group_ids):
        raise InvalidRequest("One of these groups does not exist any more.", field="groups")


async def _refuse_lock_out(session: AsyncSession, user: User, role: str, status: str, viewer_id: str) -> None:
    """Nobody takes their own rights away by mistake, and somebody is left who can give them back."""
    if user.id == viewer_id:
        raise Conflict(
            "Nobody can change their own role or disable themselves.", next_step="Ask another administrator."
        )
    if user.id == SERVICE_USER_ID:
        raise Conflict(
            "The service account of declared keys stays a member.", next_step="Change the keys in freehold.yaml."
        )
    stays = role == "admin" and status == "active"
    if not stays and await repository.administrators(session) == [user.id]:
        raise Conflict("This is the last active administrator.", next_step="Make another one first.")


def _person(user: User, groups: Memberships, viewer_id: str) -> PersonInfo:
    kind = "service" if user.id == SERVICE_USER_ID else "person"
    if user.id == LOCAL_OWNER_ID and user.password_hash is None:
        kind = "owner"
    return PersonInfo(
        id=user.id,
        name=user.name,
        email=user.email,
        kind=kind,
        role="admin" if user.role == "admin" else "member",
        status=cast("Any", user.status),
        groups=[GroupOfPerson(id=one.id, name=one.name) for one in groups],
        me=user.id == viewer_id,
        created_at=user.created_at,
        last_seen_at=user.last_seen_at,
    )


def _group(group: Group, members: int) -> GroupInfo:
    return GroupInfo(
        id=group.id,
        name=group.name,
        description=group.description,
        members=members,
        created_at=group.created_at,
    )
