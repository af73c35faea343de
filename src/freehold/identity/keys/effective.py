"""What a key grants at this moment: the key's own rights cut down to what its owner may do now. Pure."""

from datetime import datetime
from decimal import Decimal
from ipaddress import ip_network

from freehold.errors import KeyExpired, KeyRevoked
from freehold.identity.keys.grant import Grant, KeyBudget, KeyLimits, Role
from freehold.identity.keys.models import ApiKey, ApiKeySecret
from freehold.identity.models import User
from freehold.identity.people.membership import Memberships
from freehold.settings import DeclaredKey

MICRO = 1_000_000


def grant_of(key: ApiKey, secret: ApiKeySecret, owner: User, groups: Memberships, now: datetime) -> Grant:
    """The rights of a stored key. Raises KeyRevoked, KeyExpired."""
    if key.revoked_at is not None:
        raise KeyRevoked(f"The API key {key.name!r} was revoked.")
    _require_owner(key.name, owner)
    _require_time(key.name, key.expires_at, now)
    if secret.expires_at is not None and secret.expires_at <= now:
        raise KeyExpired(
            f"This secret of the API key {key.name!r} was replaced by a newer one.", next_step="Use the newer secret."
        )
    scopes, role = _rights(frozenset(key.scopes), owner)
    return Grant(
        key_id=key.id,
        name=key.name,
        user_id=owner.id,
        role=role,
        scopes=scopes,
        models=tuple(key.models),
        networks=tuple(ip_network(item) for item in key.networks),
        expires_at=min(filter(None, (key.expires_at, secret.expires_at)), default=None),
        limits=KeyLimits(key.requests_per_minute, key.tokens_per_minute, key.concurrency),
        budget=budget_of(key),
        secret_id=secret.id,
        groups=groups,
    )


def declared_grant(key_id: str, declared: DeclaredKey, owner: User | None, groups: Memberships, now: datetime) -> Grant:
    """The rights of a declared key. Raises KeyRevoked, KeyExpired."""
    if owner is None:
        raise KeyRevoked(f"The API key {declared.name!r} acts for {declared.user}, and there is no such account.")
    _require_owner(declared.name, owner)
    expires_at = declared.expires if isinstance(declared.expires, datetime) else None
    _require_time(declared.name, expires_at, now)
    scopes, role = _rights(frozenset(declared.scopes), owner)
    limits = declared.limits
    return Grant(
        key_id=key_id,
        name=declared.name,
        user_id=owner.id,
        role=role,
        scopes=scopes,
        models=declared.models,
        networks=tuple(ip_network(item, strict=False) for item in declared.networks),
        expires_at=expires_at,
        limits=KeyLimits(limits.requests_per_minute, limits.tokens_per_minute, limits.concurrency),
        budget=declared_budget(declared),
        groups=groups,
    )


def budget_of(key: ApiKey) -> KeyBudget | None:
    """The stored budget."""
    if key.budget_microusd is None:
        return None
    period = key.budget_period
    assert period in ("day", "week", "month", "total")
    return KeyBudget(Decimal(key.budget_microusd) / MICRO, period)


def declared_budget(declared: DeclaredKey) -> KeyBudget | None:
    """The budget in freehold.yaml."""
    return KeyBudget(declared.budget.usd, declared.budget.period) if declared.budget else None


def _rights(scopes: frozenset[str], owner: User) -> tuple[frozenset, Role]:
    """The scope `admin` counts while the owner is an administrator, and without it nobody's key is one."""
    if owner.role != "admin":
        scopes -= {"admin"}
    return scopes, "admin" if "admin" in scopes else "member"


def _require_owner(name: str, owner: User) -> None:
    if owner.status != "active":
        raise KeyRevoked(f"The account that the API key {name!r} acts for is not active.")


def _require_time(name: str, expires_at: datetime | None, now: datetime) -> None:
    if expires_at is not None and expires_at <= now:
        raise KeyExpired(f"The API key {name!r} expired on {expires_at:%Y-%m-%d at %H:%M UTC}.")
