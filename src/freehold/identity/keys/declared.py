"""API keys declared in freehold.yaml: found by their secret, acting for an account or for the service user."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid5

from freehold.identity.keys.effective import declared_grant
from freehold.identity.keys.grant import Grant
from freehold.identity.keys.secret import digest
from freehold.identity.models import User
from freehold.identity.people.membership import Memberships
from freehold.settings import DeclaredKey

SERVICE_USER_ID = "00000000-0000-7000-8000-000000000002"
"""The account that declared keys without `user` act for: a member without e-mail and password."""

_NAMESPACE = UUID("5b7c5d0e-3f0a-5d0c-9a55-66686b657973")


class Declared(NamedTuple):
    """A declared key with its id, which follows from its name, so that its budget outlives a restart."""

    id: str
    key: DeclaredKey

    @property
    def email(self) -> str | None:
        """The account it acts for, in lower case; None: the service user."""
        return self.key.user.strip().lower() if self.key.user else None

    def owner(self, people: Iterable[User]) -> User | None:
        """Its owner among these people."""
        wanted = self.email
        return next((user for user in people if (user.email == wanted if wanted else user.id == SERVICE_USER_ID)), None)

    def grant(self, people: Iterable[User], groups: Mapping[str, Memberships], now: datetime) -> Grant:
        """Its rights now; `groups` by id of the person. Raises KeyRevoked, KeyExpired."""
        owner = self.owner(people)
        return declared_grant(self.id, self.key, owner, groups.get(owner.id, ()) if owner else (), now)


def by_digest(keys: Iterable[DeclaredKey]) -> Mapping[bytes, Declared]:
    """Each declared key under the digest of its secret."""
    return {digest(key.key.get_secret_value()): Declared(id_of(key.name), key) for key in keys}


def id_of(name: str) -> str:
    """The id of the declared key with this name."""
    return str(uuid5(_NAMESPACE, name))
