"""What the web app sends and gets about people and groups."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from freehold.identity.schemas import Email, Name, NewPassword
from freehold.kit.storable import Write


def _trimmed(text: str) -> str:
    plain = " ".join(text.split())
    if not plain:
        raise ValueError("a name has at least one letter")
    return plain


GroupName = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_trimmed)]
GroupIds = Annotated[list[Annotated[str, Field(min_length=36, max_length=36)]], Field(max_length=100)]
Role = Literal["admin", "member"]


class GroupOfPerson(BaseModel):
    id: str
    name: str


class PersonInfo(BaseModel):
    """`kind`: the `owner` of single-user mode and the `service` account of declared keys have no password."""

    id: str
    name: str
    email: str | None
    kind: Literal["person", "owner", "service"]
    role: Role
    status: Literal["active", "pending", "disabled"]
    groups: list[GroupOfPerson]
    me: bool
    created_at: datetime
    last_seen_at: datetime | None  # signed in, to the minute; null: never


class PersonPage(BaseModel):
    """By name. Ask on with `next_cursor`."""

    items: list[PersonInfo]
    next_cursor: str | None


class PersonNew(Write):
    """An account with a first password, which its person should change."""

    email: Email
    name: Name
    password: NewPassword
    role: Role = "member"
    groups: GroupIds = []  # noqa: RUF012 - pydantic copies it


class PersonPatch(Write):
    """Only named fields change. `groups` is all of them: whoever is in another one leaves it."""

    name: Name | None = None
    role: Role | None = None
    status: Literal["active", "disabled"] | None = None
    groups: GroupIds | None = None


class GroupInfo(BaseModel):
    id: str
    name: str
    description: str
    members: int
    created_at: datetime


class GroupNew(Write):
    name: GroupName
    description: Annotated[str, Field(max_length=500)] = ""


class GroupPatch(Write):
    """Only named fields change."""

    name: GroupName | None = None
    description: Annotated[str, Field(max_length=500)] | None = None
