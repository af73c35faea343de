"""Checking API keys: from memory, at most five seconds old, else by one look at the database of constant work."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import anyio
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.db import Database
from freehold.errors import FreeholdError, KeyExpired, KeyInvalid, KeyRevoked, StorageError
from freehold.identity.keys import repository
from freehold.identity.keys.administration import KeyAdministration
from freehold.identity.keys.declared import SERVICE_USER_ID, Declared, by_digest
from freehold.identity.keys.effective import grant_of
from freehold.identity.keys.grant import Grant
from freehold.identity.keys.repository import Found
from freehold.identity.keys.secret import Pepper, Stored, digest, id_in
from freehold.identity.keys.views import Spent
from freehold.identity.models import User
from freehold.identity.people.membership import Memberships
from freehold.identity.people.repository import memberships
from freehold.identity.repository import user_by_id
from freehold.identity.service import new_user
from freehold.kit import clock
from freehold.kit.crypto import SecretBox
from freehold.settings import DeclaredKey

AGE_SECONDS = 5.0  # SECURITY.md 3: what was revoked elsewhere stops within this time
REFUSED_SECONDS = 2.0
REFRESH_SECONDS = 2.0
WRITE_USES_SECONDS = 15.0
MOST_GRANTS = 20_000
MOST_REFUSALS = 4_096
LOOKS_AT_ONCE = 2  # a flood of guessed keys never takes more of the database's readers than this
KEPT_AFTER_ROTATION = timedelta(days=30)

_log = logging.getLogger(__name__)

Refusal = KeyInvalid | KeyExpired | KeyRevoked


@dataclass(slots=True)
class _Known:
    """A grant in memory. `used` since the last refresh: only such ones are kept fresh."""

    grant: Grant
    until: float
    stored: Stored | None = None
    declared: Declared | None = None
    used: bool = True


class _Owners(NamedTuple):
    """The people that keys act for, and their groups by id of the person."""

    people: list[User]
    groups: Mapping[str, Memberships]


class Keys:
    """One per process: `start()` in the lifespan of the app, `run()` as a task, `stop()` at its end."""

    def __init__(
        self, database: Database, box: SecretBox, declared: Iterable[DeclaredKey] = (), *, spent: Spent
    ) -> None:
        """`spent` reads what budgets of keys have spent, which is kept by a slice above this one."""
        self._database = database
        self._pepper = Pepper(box)
        self._declared = by_digest(declared)
        self._known: dict[bytes, _Known] = {}
        self._refused: dict[bytes, tuple[float, Callable[[], Refusal]]] = {}
        self._uses: dict[str, tuple[datetime, str]] = {}
        self._declared_uses: dict[str, tuple[datetime, str]] = {}
        self._epoch = 0  # a look at the database that began before a change must not be remembered after it
        self._looking = asyncio.Semaphore(LOOKS_AT_ONCE)
        self.administration = KeyAdministration(
            database,
            self._pepper,
            changed=self.forget,
            declared=self.declared_keys,
            uses=self._last_use,
            spent=spent,
        )

    # --- life -------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Make the account that declared keys act for, where there are such."""
        if all(declared.email for declared in self._declared.values()):
            return
        async with self._database.begin() as session:
            if await user_by_id(session, SERVICE_USER_ID) is None:
                session.add(new_user(SERVICE_USER_ID, None, "Service", "member", None))

    async def reconfigure(self, declared: Iterable[DeclaredKey]) -> None:
        """Take over what freehold.yaml declares now."""
        self._declared = by_digest(declared)
        await self.start()
        self.forget()

    async def run(self) -> None:
        """Keep the grants in use fresh and write down their use, until cancelled."""
        written = clock.monotonic()
        while True:
            await anyio.sleep(REFRESH_SECONDS)
            try:
                await self.refresh()
                if clock.monotonic() - written >= WRITE_USES_SECONDS:
                    written = clock.monotonic()
                    await self.write_uses()
            except StorageError as error:
                # what is in memory ends by itself; the next request asks the database and tells its client
                _log.warning("API keys were not refreshed", extra={"code": error.code})

    async def stop(self) -> None:
        """Write down the last uses."""
        try:
            await self.write_uses()
        except StorageError as error:
            _log.warning("last uses of API keys were not saved", extra={"code": error.code})

    async def sweep(self) -> None:
        """Drop secrets that were replaced a month ago; run by the daily sweep."""
        async with self._database.begin() as session:
            await repository.purge_secrets(session, clock.now() - KEPT_AFTER_ROTATION)

    def declared_keys(self) -> list[Declared]:
        """What freehold.yaml declares, in its order."""
        return list(self._declared.values())

    # --- who is it ---------------------------------------------------------------------------------------------------

    def known(self, secret: str) -> Grant | None:
        """The grant of a secret that was checked within the last five seconds, from memory; None: `authenticate`."""
        found = self._known.get(digest(secret))
        if found is None or found.until <= clock.monotonic():
            return None
        found.used = True
        return found.grant

    async def authenticate(self, secret: str) -> Grant:
        """The grant of a secret. Raises KeyInvalid, KeyExpired, KeyRevoked; the last two only for the right secret."""
        name = digest(secret)
        self._raise_refused(name)
        async with self._looking:
            # somebody else may have asked for the same key meanwhile
            if (grant := self.known(secret)) is not None:
                return grant
            self._raise_refused(name)
            epoch, tick = self._epoch, clock.monotonic()
            try:
                found = await self._look(secret, name, tick)
            except (KeyInvalid, KeyExpired, KeyRevoked) as error:
                if epoch == self._epoch:
                    self._refuse(name, error)
                raise
            if epoch == self._epoch:
                if len(self._known) >= MOST_GRANTS:
                    self._known.clear()
                self._known[name] = found
        return found.grant

    def note_use(self, grant: Grant, address: str) -> None:
        """Remember that a key was used now, from this IP address; written in batches."""
        uses = self._uses if grant.secret_id else self._declared_uses
        uses[grant.secret_id or grant.key_id] = (clock.now(), address)

    def forget(self) -> None:
        """Look everything up again: something about keys or their owners has changed in this process."""
        self._epoch += 1
        self._known.clear()
        self._refused.clear()

    # --- the database ------------------------------------------------------------------------------------------------

    async def refresh(self) -> None:
        """Read the keys used since the last time again; those that ended are dropped. Raises StorageError."""
        tick, epoch = clock.monotonic(), self._epoch
        used = {name: known for name, known in self._known.items() if known.used}
        self._known = {name: known for name, known in self._known.items() if known.used or known.until > tick}
        if not used:
            return
        stored = {known.grant.secret_id for known in used.values() if known.declared is None}
        rows: dict[str, Found] = {}
        async with self._database.read() as session:
            for ids in repository.batched(stored):
                rows |= {found[0].id: found for found in await repository.by_secret_ids(session, ids)}
            ids = {owner.id for _, _, owner in rows.values()}
            groups = await _groups(session, ids)
        declared = await self._owners([known.declared for known in used.values() if known.declared is not None])
        owners = _Owners(declared.people, {**groups, **declared.groups})
        if epoch != self._epoch:
            return
        now = clock.now()
        for name, known in used.items():
            fresh = _again(known, rows.get(known.grant.secret_id), owners, now, tick)
            if fresh is not None:
                self._known[name] = fresh
            else:
                self._known.pop(name, None)

    async def write_uses(self) -> None:
        """Write the last uses to the database; on failure they are kept for the next time. Raises StorageError."""
        uses, self._uses = self._uses, {}
        if not uses:
            return
        try:
            async with self._database.begin() as session:
                await repository.write_uses(session, uses)
        except StorageError:
            self._uses = uses | self._uses
            raise

    async def _look(self, secret: str, name: bytes, tick: float) -> _Known:
        """Check a secret against the file and the database. Raises KeyInvalid, KeyExpired, KeyRevoked."""
        now = clock.now()
        declared = self._declared.get(name)
        if declared is not None:
            grant = declared.grant(*await self._owners([declared]), now)
            return _Known(grant, _until(grant, now, tick), declared=declared)
        public_id = id_in(secret)
        if public_id is None:
            raise KeyInvalid
        async with self._database.read() as session:
            rows = await repository.by_secret_ids(session, [public_id])
        stored = _stored(rows[0]) if rows else None
        if not self._pepper.verify(secret, stored) or stored is None:
            raise KeyInvalid
        row, key, owner = rows[0]
        async with self._database.read() as session:
            groups = await memberships(session, [owner.id])
        grant = grant_of(key, row, owner, groups.get(owner.id, ()), now)
        if not self._pepper.is_current(stored):
            stored = self._pepper.hash(secret)
            async with self._database.begin() as session:
                await repository.rehash(session, row.id, *stored)
        return _Known(grant, _until(grant, now, tick), stored=stored)

    async def _owners(self, declared: list[Declared]) -> "_Owners":
        """The accounts that declared keys act for, and their groups."""
        if not declared:
            return _Owners([], {})
        async with self._database.read() as session:
            emails = {item.email for item in declared if item.email}
            people = await repository.owners(session, [SERVICE_USER_ID], emails)
            return _Owners(people, await _groups(session, {user.id for user in people}))

    # --- memory ------------------------------------------------------------------------------------------------------

    def _refuse(self, name: bytes, error: Refusal) -> None:
        """Remember a refusal for a moment; the oldest goes when there are many."""
        if len(self._refused) >= MOST_REFUSALS:
            del self._refused[next(iter(self._refused))]
        kind, message, next_step = type(error), error.message, error.next_step
        self._refused.pop(name, None)
        self._refused[name] = (clock.monotonic() + REFUSED_SECONDS, lambda: kind(message, next_step=next_step))

    def _raise_refused(self, name: bytes) -> None:
        refused = self._refused.get(name)
        if refused is not None and refused[0] > clock.monotonic():
            raise refused[1]()

    def _last_use(self, secret_or_key_id: str) -> tuple[datetime, str] | None:
        return self._uses.get(secret_or_key_id) or self._declared_uses.get(secret_or_key_id)


async def _groups(session: AsyncSession, user_ids: Iterable[str]) -> dict[str, Memberships]:
    found: dict[str, Memberships] = {}
    for ids in repository.batched(user_ids):
        found |= await memberships(session, ids)
    return found


def _stored(found: Found) -> Stored:
    return Stored(found[0].hash, found[0].pepper_version)


def _until(grant: Grant, now: datetime, tick: float) -> float:
    """Until when, on the monotonic clock, a grant may be believed; never beyond its expiry."""
    left = AGE_SECONDS if grant.expires_at is None else (grant.expires_at - now).total_seconds()
    return tick + min(AGE_SECONDS, left)


def _again(known: _Known, found: Found | None, owners: _Owners, now: datetime, tick: float) -> _Known | None:
    """What was known, judged by fresh rows; None when the key ended or has another secret now."""
    try:
        if known.declared is not None:
            grant = known.declared.grant(*owners, now)
        elif found is None or _stored(found) != known.stored:
            return None
        else:
            row, key, owner = found
            grant = grant_of(key, row, owner, owners.groups.get(owner.id, ()), now)
    except FreeholdError:
        return None
    if grant == known.grant:
        grant = known.grant  # whoever keeps something beside a grant finds it again
    return _Known(grant, _until(grant, now, tick), known.stored, known.declared, used=False)
