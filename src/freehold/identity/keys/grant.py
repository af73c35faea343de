"""A Grant: what an API key may do at this moment, which is what both the key and its owner may."""

import functools
import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fnmatch import translate
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Literal, get_args

from freehold.identity.people.membership import Memberships
from freehold.settings.api_keys import BudgetPeriod, KeyScope

Scope = KeyScope
Period = BudgetPeriod
Role = Literal["admin", "member"]
Network = IPv4Network | IPv6Network
SCOPES: tuple[Scope, ...] = get_args(Scope)


@dataclass(frozen=True, slots=True)
class KeyLimits:
    """None: no limit of the key's own."""

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    concurrency: int | None = None


@dataclass(frozen=True, slots=True)
class KeyBudget:
    """US dollars in each period; day, week (from Monday) and month begin anew in UTC."""

    usd: Decimal
    period: Period = "month"


@dataclass(frozen=True, slots=True)
class Grant:
    """The rights of one API key. `role` is `admin` only with the scope `admin` and an administrator as the owner.

    `key_id` stays when the key is rotated; `secret_id` names the secret that was sent; `groups` are its owner's.
    """

    key_id: str
    name: str
    user_id: str
    role: Role
    scopes: frozenset[Scope]
    models: tuple[str, ...] = ("*",)
    networks: tuple[Network, ...] = ()
    expires_at: datetime | None = None
    limits: KeyLimits = KeyLimits()
    budget: KeyBudget | None = None
    secret_id: str = ""
    groups: Memberships = ()

    def allows_model(self, *references: str) -> bool:
        """Whether one of the names of a model is allowed: an alias, `provider/model`, or the model's own id."""
        if "*" in self.models:
            return True
        return any(_matches(self.models, reference) for reference in references)

    def allows_address(self, address: str) -> bool:
        """Whether the key may be used from this IP address. Text that is no address passes only where all do."""
        return not self.networks or _inside(self.networks, address)


@functools.lru_cache(maxsize=4096)
def _matches(patterns: tuple[str, ...], reference: str) -> bool:
    names = (reference, reference.partition("/")[2]) if "/" in reference else (reference,)
    return any(_compiled(pattern).match(name) for pattern in patterns for name in names)


@functools.lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern))


@functools.lru_cache(maxsize=4096)
def _inside(networks: tuple[Network, ...], address: str) -> bool:
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped  # a dual-stack socket shows IPv4 clients like this
    return any(ip in network for network in networks)
