"""The Subject: who a request acts for, as a type in the signature of every endpoint."""

from dataclasses import dataclass

from freehold.identity.keys.grant import Grant, Role
from freehold.identity.people.membership import Memberships


@dataclass(frozen=True, slots=True)
class Subject:
    """A signed-in person, the local owner of single-user mode, or the program of an API key (then `grant` is there)."""

    user_id: str
    role: Role
    session_id: str | None
    single_user: bool = False
    grant: Grant | None = None
    groups: Memberships = ()

    @classmethod
    def of_key(cls, grant: Grant) -> "Subject":
        """The owner of an API key, with no more rights than the key has."""
        return cls(grant.user_id, grant.role, None, grant=grant, groups=grant.groups)

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"
