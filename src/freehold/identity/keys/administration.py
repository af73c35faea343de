"""What people do with API keys: make, list, change, rotate and revoke; members their own, administrators all."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any, Protocol, cast

from sqlalchemy.ext.asyncio import AsyncSession

from freehold.db import Database
from freehold.errors import Conflict, Forbidden, InvalidRequest, NotFound
from freehold.identity.keys import repository
from freehold.identity.keys.declared import SERVICE_USER_ID, Declared
from freehold.identity.keys.effective import MICRO, budget_of, declared_budget
from freehold.identity.keys.models import ApiKey, ApiKeySecret
from freehold.identity.keys.schemas import KeyInfo, KeyNew, KeyPage, KeyPatch, KeyRotation, KeyShown
from freehold.identity.keys.secret import Pepper, new_text
from freehold.identity.keys.views import LastUse, Look, Spent, declared_info, key_info
from freehold.identity.models import User
from freehold.identity.repository import LOCAL_OWNER_ID, user_by_email, user_by_id
from freehold.identity.service import new_user
from freehold.kit import clock
from freehold.kit.ids import new_id
from freehold.kit.pagination import decode_cursor, encode_cursor, page_of

DEFAULT_LIFE = timedelta(days=90)
LONGEST_LIFE_OF_MEMBERS = timedelta(days=366)
MOST_KEYS = 200
"""Keys of one person that are not revoked."""
MOST_SECRETS = 5
"""Secrets of one key that work at the same time."""

_log = logging.getLogger(__name__)


class Actor(Protocol):
    """Whoever acts: a Subject, or the operator at the command line."""

    @property
    def user_id(self) -> str: ...

    @property
    def is_admin(self) -> bool: ...


class KeyAdministration:
    """The writing side of Keys; `changed` is called after every change, so that it acts at once in this process."""

    def __init__(
        self,
        database: Database,
        pepper: Pepper,
        *,
        changed: Callable[[], None],
        declared: Callable[[], list[Declared]],
        uses: LastUse,
        spent: Spent,
    ) -> None:
        self._database = database
        self._pepper = pepper
        self._changed = changed
        self._declared = declared
        self._uses = uses
        self._spent = spent

    async def create(self, actor: Actor, new: KeyNew, *, owner_id: str | None = None) -> KeyShown:
        """Make a key for the actor; `owner_id` names somebody else (command line). The answer alone has the secret.

        Raises Forbidden, InvalidRequest, Conflict.
        """
        now = clock.now()
        expires_at = new.expires_at if "expires_at" in new.model_fields_set else now + DEFAULT_LIFE
        _check_expiry(actor, expires_at, now)
        async with self._database.begin() as session:
            owner = await user_by_id(session, owner_id or actor.user_id)
            if owner is None:
                raise NotFound
            _check_scopes(new.scopes, owner)
            if await repository.count_live(session, owner.id) >= MOST_KEYS:
                raise Conflict(
                    f"There are {MOST_KEYS} API keys already.", next_step="Revoke those that are not used any more."
                )
            key = ApiKey(
                id=new_id(), user_id=owner.id, expires_at=expires_at, revoked_at=None, created_at=now, updated_at=now
            )
            _assign(key, new.model_dump(exclude={"expires_at"}))
            session.add(key)
            await session.flush()
            text = self._add_secret(session, key.id, now, rotated_from=None)
            info = await self._info(session, key, owner, actor)
        self._done("API key made", key, actor)
        return KeyShown(key=info, secret=text)

    async def list(self, actor: Actor, *, mine: bool, cursor: str | None, limit: int) -> KeyPage:
        """The keys that the actor may see, newest first; `mine`: the actor's own alone."""
        before = decode_cursor(cursor, str)[0] if cursor else None
        whose = None if actor.is_admin and not mine else actor.user_id
        async with self._database.read() as session:
            rows, more = page_of(await repository.page(session, whose, before, limit + 1), limit)
            secrets = await repository.secrets_of(session, [key.id for key, _ in rows])
            declared = [] if cursor else self._declared()
            look = await self._look(session, actor, [key for key, _ in rows], declared)
            infos = await self._declared_infos(session, actor, declared, look, mine=mine)
        stored = [key_info(key, owner, secrets[key.id], look) for key, owner in rows]
        return KeyPage(items=[*infos, *stored], next_cursor=encode_cursor(rows[-1][0].id) if more else None)

    async def get(self, actor: Actor, key_id: str) -> KeyInfo:
        """One key. Raises NotFound."""
        async with self._database.read() as session:
            named = [item for item in self._declared() if item.id == key_id]
            look = await self._look(session, actor, [], named)
            info = next(iter(await self._declared_infos(session, actor, named, look, mine=False)), None)
            if info is not None:
                return info
            key, owner = await self._one(session, actor, key_id)
            return await self._info(session, key, owner, actor)

    async def change(self, actor: Actor, key_id: str, patch: KeyPatch) -> KeyInfo:
        """Change the named fields. Raises NotFound, Conflict (declared, revoked), Forbidden, InvalidRequest."""
        await self._refuse_declared(actor, key_id)
        named = patch.model_dump(exclude_unset=True)
        if patch.budget is not None:
            named["budget"] = patch.budget.model_dump()  # as a whole, with the period it has by default
        # null says "none" for these two; for the others it would say nothing
        wished = {name: value for name, value in named.items() if value is not None or name in ("budget", "expires_at")}
        async with self._database.begin() as session:
            key, owner = await self._one(session, actor, key_id)
            _refuse_revoked(key)
            if "expires_at" in wished:
                _check_expiry(actor, wished["expires_at"], clock.now())
            _check_scopes(wished.get("scopes", ()), owner)
            _assign(key, wished)
            key.updated_at = clock.now()
            await session.flush()
            info = await self._info(session, key, owner, actor)
        self._done("API key changed", key, actor, changed=sorted(wished))
        return info

    async def rotate(self, actor: Actor, key_id: str, rotation: KeyRotation, *, anyone: bool = False) -> KeyShown:
        """A new secret for the same key; the older ones work for some hours more. Only its owner may see the secret.

        `anyone`: the operator at the command line may, too. Raises NotFound, Forbidden, Conflict.
        """
        await self._refuse_declared(actor, key_id)
        now = clock.now()
        async with self._database.begin() as session:
            key, owner = await self._one(session, actor, key_id)
            if key.user_id != actor.user_id and not anyone:
                raise Forbidden(
                    "Only its owner can rotate an API key: whoever has the secret acts in the owner's name.",
                    next_step="Ask the owner, or revoke the key.",
                )
            _refuse_revoked(key)
            if key.expires_at is not None and key.expires_at <= now:
                raise Conflict("This API key has expired.", next_step="Give it a later expiry first.")
            await repository.end_secrets(session, key.id, now + timedelta(hours=rotation.overlap_hours))
            older = [row for row in (await repository.secrets_of(session, [key.id]))[key.id] if _works(row, now)]
            if len(older) >= MOST_SECRETS:
                raise Conflict(
                    f"{MOST_SECRETS} secrets of this API key work at the same time already.",
                    next_step="Wait until one of them ends, or rotate with an overlap of 0.",
                )
            text = self._add_secret(session, key.id, now, rotated_from=older[0].id if older else None)
            key.updated_at = now
            await session.flush()
            info = await self._info(session, key, owner, actor)
        self._done("API key rotated", key, actor, overlap_hours=rotation.overlap_hours)
        return KeyShown(key=info, secret=text)

    async def revoke(self, actor: Actor, key_id: str) -> KeyInfo:
        """End a key for good; what is revoked already stays so. Raises NotFound, Conflict (declared)."""
        await self._refuse_declared(actor, key_id)
        async with self._database.begin() as session:
            key, owner = await self._one(session, actor, key_id)
            if key.revoked_at is None:
                key.revoked_at = key.updated_at = clock.now()
                await session.flush()
            info = await self._info(session, key, owner, actor)
        self._done("API key revoked", key, actor)
        return info

    async def find(self, text: str) -> str:
        """The id of the one key with this id, name or `fh_` and public id (command line). Raises NotFound, Conflict."""
        async with self._database.read() as session:
            found = await repository.named(session, text)
        if not found:
            raise NotFound(f"There is no API key {text!r}.", next_step="Look at: freehold key list")
        if len(found) > 1:
            raise Conflict(
                f"There are {len(found)} API keys named {text!r}.", next_step="Give the id; freehold key list has it."
            )
        return found[0]

    async def owner_for(self, email: str | None) -> str:
        """Whom a key of the command line acts for: this account, else the first administrator, else the local owner.

        The local owner's row is made where nobody has an account yet; the first administrator takes it over.
        Raises NotFound.
        """
        async with self._database.begin() as session:
            if email is not None:
                found = await user_by_email(session, email)
                if found is None:
                    raise NotFound(f"There is no account {email!r}.", next_step="Make it first: freehold user add")
                return found.id
            if (administrator := await repository.first_administrator(session)) is not None:
                return administrator.id
            session.add(new_user(LOCAL_OWNER_ID, None, "", "admin", None))
            return LOCAL_OWNER_ID

    def _add_secret(self, session: AsyncSession, key_id: str, now: datetime, rotated_from: str | None) -> str:
        """Add a secret; returns its text, which is kept nowhere."""
        public_id, text = new_text()
        stored = self._pepper.hash(text)
        row = ApiKeySecret(
            id=public_id,
            key_id=key_id,
            hash=stored.hash,
            pepper_version=stored.pepper_version,
            rotated_from=rotated_from,
            expires_at=None,
            last_used_at=None,
            last_used_address=None,
            created_at=now,
        )
        session.add(row)
        return text

    async def _one(self, session: AsyncSession, actor: Actor, key_id: str) -> tuple[ApiKey, User]:
        found = await repository.one(session, key_id, None if actor.is_admin else actor.user_id)
        if found is None:
            raise NotFound
        return found

    async def _info(self, session: AsyncSession, key: ApiKey, owner: User, actor: Actor) -> KeyInfo:
        secrets = (await repository.secrets_of(session, [key.id]))[key.id]
        return key_info(key, owner, secrets, await self._look(session, actor, [key], []))

    async def _look(
        self, session: AsyncSession, actor: Actor, stored: Iterable[ApiKey], declared: Iterable[Declared]
    ) -> Look:
        """How the actor sees these keys."""
        budgets = {key.id: budget_of(key) for key in stored}
        budgets |= {item.id: declared_budget(item.key) for item in declared}
        spent = await self._spent(session, {key_id: budget.period for key_id, budget in budgets.items() if budget})
        return Look(actor.user_id, clock.now(), self._uses, spent)

    async def _declared_infos(
        self, session: AsyncSession, actor: Actor, declared: Iterable[Declared], look: Look, *, mine: bool
    ) -> Iterable[KeyInfo]:
        """Those of the declared keys that the actor may see."""
        if not declared:
            return []
        emails = {item.email for item in declared if item.email}
        people = await repository.owners(session, [SERVICE_USER_ID], emails)
        infos = [declared_info(item, item.owner(people), look) for item in declared]
        return [info for info in infos if info.mine or (actor.is_admin and not mine)]

    async def _refuse_declared(self, actor: Actor, key_id: str) -> None:
        declared = next((item for item in self._declared() if item.id == key_id), None)
        if declared is None:
            return
        await self.get(actor, key_id)  # somebody who may not see it learns nothing
        place = declared.key.origin_detail or "freehold.yaml"
        raise Conflict(
            f"The API key {declared.key.name!r} is declared in {place}, so it cannot be changed here.",
            next_step="Change it in freehold.yaml, which is read again by itself.",
            origin_detail=place,
        )

    def _done(self, what: str, key: ApiKey, actor: Actor, **more: Any) -> None:
        self._changed()
        _log.info(what, extra={"key_id": key.id, "owner_id": key.user_id, "actor_id": actor.user_id, **more})


def _assign(key: ApiKey, values: dict[str, Any]) -> None:
    """Put what a client wrote into the columns."""
    for name, value in values.items():
        if name == "limits":
            for limit, number in value.items():
                setattr(key, limit, number)
        elif name == "budget":
            key.budget_microusd = round(value["usd"] * MICRO) if value else None
            key.budget_period = value["period"] if value else None
        elif name == "networks":
            key.networks = [str(ip_network(item, strict=False)) for item in value]
        else:
            setattr(key, name, value)


def _check_expiry(actor: Actor, expires_at: datetime | None, now: datetime) -> None:
    if expires_at is None:
        if not actor.is_admin:
            raise Forbidden("Only administrators can make API keys that never expire.", next_step="Choose an expiry.")
        return
    if expires_at <= now:
        raise InvalidRequest("The expiry is in the past.", field="expires_at")
    if not actor.is_admin and expires_at > now + LONGEST_LIFE_OF_MEMBERS:
        raise Forbidden("An API key works for a year at most.", next_step="Choose an earlier expiry.")


def _check_scopes(scopes: Iterable[str], owner: User) -> None:
    if "admin" in scopes and owner.role != "admin":
        raise Forbidden(
            "The scope admin needs an administrator as the owner of the API key.", next_step="Leave this scope out."
        )


def _refuse_revoked(key: ApiKey) -> None:
    if key.revoked_at is not None:
        raise Conflict("This API key was revoked, and that is for good.", next_step="Make a new key.")


def _works(secret: ApiKeySecret, now: datetime) -> bool:
    return secret.expires_at is None or cast("datetime", secret.expires_at) > now
