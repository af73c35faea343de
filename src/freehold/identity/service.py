"""People and sessions: first administrator, sign-in, the local owner of single-user mode."""

import hashlib
import hmac
import math
import secrets
from dataclasses import dataclass
from typing import Any, Literal

from freehold import __version__
from freehold.db import Database
from freehold.errors import Conflict, Forbidden, InvalidRequest, NotFound, TooManyAttempts, WrongCredentials
from freehold.identity import repository, throttle
from freehold.identity.models import Session, SetupToken, User
from freehold.identity.passwords import hash_password, require_strong, verify_password
from freehold.identity.people.membership import Memberships
from freehold.identity.people.repository import memberships
from freehold.identity.policy import IdentityPolicy
from freehold.identity.repository import LOCAL_OWNER_ID
from freehold.identity.schemas import Bootstrap, Me, MePatch, Preferences, SessionInfo
from freehold.kit import clock
from freehold.kit.ids import new_id

Mode = Literal["single_user", "access_code", "setup", "accounts"]
CACHE_SECONDS = 5.0  # SECURITY.md 3: a changed role or a revoked session acts within this time on every process
TOUCH_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a request comes from, for the session list and the throttle."""

    ip_address: str
    user_agent: str


@dataclass(frozen=True, slots=True)
class Authenticated:
    """A valid session and its person, as the database says."""

    user_id: str
    role: Literal["admin", "member"]
    session_id: str | None
    groups: Memberships = ()


@dataclass(slots=True)
class _Cached:
    value: Authenticated
    until: float
    touched: float


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


class Identity:
    """The one place that knows who somebody is."""

    def __init__(self, database: Database, policy: IdentityPolicy) -> None:
        self._database = database
        self.policy = policy
        self._sessions: dict[bytes, _Cached] = {}
        self._mode: tuple[Mode, float] | None = None
        self._epoch = 0  # what was read before a change must not be remembered after it

    # --- the server's mode -----------------------------------------------------------------------------------------

    async def sweep(self) -> None:
        """Drop sessions and setup links that have expired; run by the daily sweep."""
        now = clock.now()
        async with self._database.begin() as session:
            await repository.purge_expired(session, now, now - self.policy.idle)

    async def start(self) -> None:
        """Make the local owner's row where it is needed."""
        async with self._database.begin() as session:
            open_without_account = self.policy.access_codes or (self.policy.single_user and self.policy.loopback_bind)
            if (
                open_without_account
                and not await repository.has_accounts(session)
                and await repository.user_by_id(session, LOCAL_OWNER_ID) is None
            ):
                session.add(new_user(LOCAL_OWNER_ID, None, "", "admin", None))

    async def mode(self) -> Mode:
        """How people come in at this moment; looked up at most every five seconds."""
        if self._mode is not None and self._mode[1] > clock.monotonic():
            return self._mode[0]
        async with self._database.read() as session:
            accounts = await repository.has_accounts(session)
        mode: Mode
        if accounts:
            mode = "accounts"
        elif self.policy.access_codes:
            mode = "access_code"
        elif self.policy.single_user and self.policy.loopback_bind:
            mode = "single_user"
        else:
            mode = "setup"
        self._mode = (mode, clock.monotonic() + CACHE_SECONDS)
        return mode

    async def issue_setup_token(self) -> str | None:
        """A fresh one-time token for the first administrator, or None when there are accounts already."""
        if await self.mode() not in ("setup", "single_user"):
            return None
        token, now = secrets.token_urlsafe(32), clock.now()
        async with self._database.begin() as session:
            row = SetupToken(token_hash=_digest(token), created_at=now, expires_at=now + self.policy.setup_link_life)
            await repository.replace_setup_tokens(session, row)
        return token

    # --- who is it ---------------------------------------------------------------------------------------------------

    async def authenticate(self, token: str) -> Authenticated | None:
        """The person of a session cookie; None when it is unknown, ended, idle too long, or the person was disabled."""
        digest = _digest(token)
        tick = clock.monotonic()
        cached = self._sessions.get(digest)
        if cached is not None and cached.until > tick:
            return cached.value
        now, epoch = clock.now(), self._epoch
        async with self._database.read() as session:
            found = await repository.session_with_user(session, digest)
            groups = await memberships(session, [found[1].id]) if found else {}
        if found is None:
            self._sessions.pop(digest, None)
            return None
        row, user = found
        idle_since = now - self.policy.idle
        if row.expires_at <= now or row.last_seen_at <= idle_since or user.status != "active":
            self._sessions.pop(digest, None)
            return None
        touched = cached.touched if cached else -math.inf
        if tick - touched >= TOUCH_SECONDS:
            touched = tick
            async with self._database.begin() as session:
                await repository.touch_session(session, row, now)
        value = Authenticated(user.id, "admin" if user.role == "admin" else "member", row.id, groups.get(user.id, ()))
        if len(self._sessions) > 10_000:
            self._sessions.clear()
        if epoch == self._epoch:
            self._sessions[digest] = _Cached(value, tick + CACHE_SECONDS, touched)
        return value

    async def local_owner(self) -> Authenticated | None:
        """The local owner while single-user mode holds, else None."""
        if await self.mode() != "single_user":
            return None
        return Authenticated(LOCAL_OWNER_ID, "admin", None)

    # --- coming in -------------------------------------------------------------------------------------------------

    async def sign_in(self, email: str, password: str, visitor: Visitor) -> str:
        """Check a password (or the access code) and open a session; returns the cookie's value.

        Raises WrongCredentials, TooManyAttempts, Forbidden (account pending or disabled).
        """
        keys = throttle.keys_of(email, visitor.ip_address)
        async with self._database.read() as session:
            wait_until = await repository.blocked_until(session, keys)
            user = await repository.user_by_email(session, email) if email.strip() else None
        now = clock.now()
        if wait_until is not None and wait_until > now:
            seconds = math.ceil((wait_until - now).total_seconds())
            raise TooManyAttempts(f"Too many tries. Wait {seconds} s.", retry_after_s=seconds)
        if await self.mode() == "access_code":
            right = any(hmac.compare_digest(code.encode(), password.encode()) for code in self.policy.access_codes)
            user_id = LOCAL_OWNER_ID if right else None
        else:
            right = await verify_password(password, user.password_hash if user else None)
            user_id = user.id if user is not None and right else None
        if user_id is None:
            async with self._database.begin() as session:
                await throttle.note_failure(session, keys, now)
            raise WrongCredentials("The e-mail or the password is not right.")
        if user is not None and user.status != "active":
            raise Forbidden("This account is not active.")
        async with self._database.begin() as session:
            await repository.forget_failures(session, keys[:1], now - throttle.FORGET_AFTER)
        return await self._open_session(user_id, visitor)

    async def setup(self, token: str, email: str, name: str, password: str, visitor: Visitor) -> str:
        """Make the first administrator with the one-time token; returns the cookie's value."""
        await require_strong(password, email, name)
        hashed = await hash_password(password)
        async with self._database.begin() as session:
            if await repository.has_accounts(session):
                raise Conflict("This server already has an administrator.", next_step="Sign in.")
            if not await repository.take_setup_token(session, _digest(token), clock.now()):
                raise Forbidden(
                    "The setup link is not valid any more.",
                    next_step="Start the server again: it prints a new link. Or run: freehold user add E-MAIL --admin",
                )
            user_id = await _first_administrator(session, email, name, hashed)
        self.forget()
        return await self._open_session(user_id, visitor)

    async def accounts_on(self, email: str, name: str, password: str, visitor: Visitor) -> str:
        """Turn single-user mode into accounts; the local owner becomes this administrator. Returns the cookie value."""
        await require_strong(password, email, name)
        hashed = await hash_password(password)
        async with self._database.begin() as session:
            if await repository.has_accounts(session):
                raise Conflict("Accounts are on already.", next_step="Sign in.")
            user_id = await _first_administrator(session, email, name, hashed)
            await repository.drop_setup_tokens(session)
        self.forget()
        return await self._open_session(user_id, visitor)

    async def add_user(self, email: str, name: str, password: str, role: Literal["admin", "member"]) -> str:
        """Make an account (CLI); the first administrator takes over what the local owner has. Returns the user's id."""
        email = email.strip().lower()
        if "@" not in email:
            raise InvalidRequest(f"{email!r} is not an e-mail address.", field="email")
        await require_strong(password, email, name)
        hashed = await hash_password(password)
        async with self._database.begin() as session:
            if await repository.user_by_email(session, email) is not None:
                raise Conflict(f"There is an account for {email} already.", next_step="Use another e-mail address.")
            if role == "admin" and not await repository.has_accounts(session):
                user_id = await _first_administrator(session, email, name, hashed)
                await repository.drop_setup_tokens(session)
            else:
                user_id = new_id()
                session.add(new_user(user_id, email, name, role, hashed))
        self.forget()
        return user_id

    async def _open_session(self, user_id: str, visitor: Visitor) -> str:
        token, now = secrets.token_urlsafe(32), clock.now()
        row = Session(
            id=new_id(),
            token_hash=_digest(token),
            user_id=user_id,
            user_agent=visitor.user_agent[:400],
            ip_address=visitor.ip_address[:64],
            created_at=now,
            last_seen_at=now,
            expires_at=now + self.policy.absolute,
        )
        async with self._database.begin() as session:
            session.add(row)
        return token

    def forget(self) -> None:
        """Drop what is cached, after anything that changes who may come in or what they are."""
        self._epoch += 1
        self._sessions.clear()
        self._mode = None

    # --- sessions ---------------------------------------------------------------------------------------------------

    async def sessions(self, user_id: str, current: str | None) -> list[SessionInfo]:
        """The open sessions of a person, the latest used first."""
        async with self._database.read() as session:
            rows = await repository.sessions_of(session, user_id, clock.now())
        return [
            SessionInfo(
                id=row.id,
                current=row.id == current,
                user_agent=row.user_agent,
                ip_address=row.ip_address,
                created_at=row.created_at,
                last_seen_at=row.last_seen_at,
                expires_at=row.expires_at,
            )
            for row in rows
        ]

    async def end_session(self, user_id: str, session_id: str) -> None:
        """End one of a person's own sessions. Raises NotFound."""
        async with self._database.begin() as session:
            if not await repository.end_session(session, user_id, session_id):
                raise NotFound
        self.forget()

    async def change_password(self, user_id: str, session_id: str | None, current: str, new: str) -> None:
        """Change one's own password; every other session of the person ends."""
        async with self._database.read() as session:
            user = await repository.user_by_id(session, user_id)
        if user is None or user.password_hash is None:
            raise Conflict("There is no password yet.", next_step="Turn accounts on first.")
        if not await verify_password(current, user.password_hash):
            raise WrongCredentials(
                "The current password is not right.", next_step="Enter it again.", field="current_password"
            )
        await require_strong(new, user.email or "", user.name)
        hashed = await hash_password(new)
        async with self._database.begin() as session:
            fresh = await repository.user_by_id(session, user_id)
            if fresh is None:
                raise NotFound
            fresh.password_hash, fresh.updated_at = hashed, clock.now()
            await repository.end_other_sessions(session, user_id, session_id)
        self.forget()

    # --- the person -------------------------------------------------------------------------------------------------

    async def me(self, user_id: str) -> Me:
        """A person's own record. Raises NotFound."""
        async with self._database.read() as session:
            user = await repository.user_by_id(session, user_id)
        if user is None:
            raise NotFound
        return _me(user)

    async def patch_me(self, user_id: str, patch: MePatch) -> Me:
        """Change one's own name or preferences; only named fields change."""
        async with self._database.begin() as session:
            user = await repository.user_by_id(session, user_id)
            if user is None:
                raise NotFound
            if patch.name is not None:
                user.name = patch.name
            if patch.preferences is not None:
                chosen: dict[str, Any] = {**user.preferences, **patch.preferences.model_dump(exclude_unset=True)}
                user.preferences = Preferences.model_validate(
                    {key: value for key, value in chosen.items() if value is not None}
                ).model_dump()
            user.updated_at = clock.now()
            return _me(user)

    async def bootstrap(self, user_id: str | None) -> Bootstrap:
        """What the web app needs for its first frame."""
        return Bootstrap(
            name="Freehold",
            version=__version__,
            mode=await self.mode(),
            me=await self.me(user_id) if user_id else None,
            plain_http=self.policy.plain_http,
        )


def _me(user: User) -> Me:
    return Me(
        id=user.id,
        email=user.email,
        name=user.name,
        role="admin" if user.role == "admin" else "member",
        preferences=Preferences.model_validate(user.preferences),
    )


def new_user(user_id: str, email: str | None, name: str, role: str, password_hash: str | None) -> User:
    """The row of a new active account; without a password nobody signs in to it."""
    now = clock.now()
    return User(
        id=user_id,
        email=email.strip().lower() if email else None,
        name=name,
        role=role,
        status="active",
        password_hash=password_hash,
        preferences={},
        last_seen_at=None,
        created_at=now,
        updated_at=now,
    )


async def _first_administrator(session: Any, email: str, name: str, password_hash: str) -> str:
    """Make the first administrator; the local owner's row is taken over with everything it owns."""
    owner = await repository.user_by_id(session, LOCAL_OWNER_ID)
    if owner is None:
        user_id = new_id()
        session.add(new_user(user_id, email, name, "admin", password_hash))
        return user_id
    owner.email, owner.name = email.strip().lower(), name
    owner.password_hash, owner.role, owner.updated_at = password_hash, "admin", clock.now()
    return owner.id
