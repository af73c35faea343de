"""The Subject: who a request acts for, as a type in the signature of every endpoint."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["admin", "member"]


@dataclass(frozen=True, slots=True)
class Subject:
    """A signed-in person (or the local owner of single-user mode), read from the database on this request."""

    user_id: str
    role: Role
    session_id: str | None
    single_user: bool = False

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"
