"""API keys as the web app shows them; never with a secret. Pure."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from freehold.identity.keys.declared import Declared
from freehold.identity.keys.effective import budget_of, declared_budget
from freehold.identity.keys.grant import SCOPES, KeyBudget, Period
from freehold.identity.keys.models import ApiKey, ApiKeySecret
from freehold.identity.keys.schemas import BudgetOfKey, KeyInfo, KeyOwner, LimitsOfKey, SecretOfKey
from freehold.identity.models import User

State = Literal["active", "expired", "revoked", "owner_off"]
LastUse = Callable[[str], tuple[datetime, str] | None]
"""From the public id of a secret, or the id of a declared key, to its last use as far as this process saw it."""


class Spending(NamedTuple):
    """US dollars spent of a key's budget in its present period, and when the next one begins; None: never."""

    usd: float
    resets_at: datetime | None


Spent = Callable[[AsyncSession, Mapping[str, Period]], Awaitable[Mapping[str, Spending]]]
"""From the periods of budgets by id of their keys to what is spent of each, asked for all of them at once."""


class Look(NamedTuple):
    """Who looks, when, and what is known of last uses (by this process) and of what keys with a budget spent."""

    viewer_id: str
    now: datetime
    uses: LastUse
    spent: Mapping[str, Spending]


def key_info(key: ApiKey, owner: User, secrets: Iterable[ApiKeySecret], look: Look) -> KeyInfo:
    """A stored key."""
    now = look.now
    every = [_secret(row, look.uses) for row in secrets]
    used = max((item for item in every if item.last_used_at), key=lambda item: item.last_used_at or now, default=None)
    return KeyInfo(
        id=key.id,
        name=key.name,
        state="revoked" if key.revoked_at else _state(owner, key.expires_at, now),
        mine=key.user_id == look.viewer_id,
        owner=_owner(owner),
        scopes=[scope for scope in SCOPES if scope in key.scopes],
        models=key.models,
        networks=key.networks,
        limits=LimitsOfKey(
            requests_per_minute=key.requests_per_minute,
            tokens_per_minute=key.tokens_per_minute,
            concurrency=key.concurrency,
        ),
        budget=_budget(key.id, budget_of(key), look),
        expires_at=key.expires_at,
        created_at=key.created_at,
        revoked_at=key.revoked_at,
        last_used_at=used.last_used_at if used else None,
        last_used_address=used.last_used_address if used else None,
        secrets=[item for item in every if item.expires_at is None or item.expires_at > now],
        origin="database",
        origin_detail=None,
    )


def declared_info(declared: Declared, owner: User | None, look: Look) -> KeyInfo:
    """A key of freehold.yaml; its last use is what this process saw since its start."""
    key, used = declared.key, look.uses(declared.id)
    expires_at = key.expires if isinstance(key.expires, datetime) else None
    return KeyInfo(
        id=declared.id,
        name=key.name,
        state=_state(owner, expires_at, look.now),
        mine=owner is not None and owner.id == look.viewer_id,
        owner=_owner(owner) if owner else None,
        scopes=[scope for scope in SCOPES if scope in key.scopes],
        models=list(key.models),
        networks=list(key.networks),
        limits=LimitsOfKey(**key.limits.model_dump()),
        budget=_budget(declared.id, declared_budget(key), look),
        expires_at=expires_at,
        created_at=None,
        revoked_at=None,
        last_used_at=used[0] if used else None,
        last_used_address=used[1] if used else None,
        secrets=[],
        origin="file",
        origin_detail=key.origin_detail,
    )


def _state(owner: User | None, expires_at: datetime | None, now: datetime) -> State:
    if owner is None or owner.status != "active":
        return "owner_off"
    return "expired" if expires_at is not None and expires_at <= now else "active"


def _budget(key_id: str, budget: KeyBudget | None, look: Look) -> BudgetOfKey | None:
    if budget is None:
        return None
    spent = look.spent[key_id]
    return BudgetOfKey(usd=float(budget.usd), period=budget.period, spent_usd=spent.usd, resets_at=spent.resets_at)


def _owner(owner: User) -> KeyOwner:
    return KeyOwner(id=owner.id, name=owner.name, email=owner.email)


def _secret(row: ApiKeySecret, uses: LastUse) -> SecretOfKey:
    at, address = uses(row.id) or (row.last_used_at, row.last_used_address)
    return SecretOfKey(
        start=f"fh_{row.id}",
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=at,
        last_used_address=address,
    )
