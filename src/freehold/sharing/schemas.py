"""What the owner of a link gets, and what its readers get: nothing in the latter says whose chat it is."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr

from freehold.chat.schemas import Part
from freehold.kit.storable import Write

Scope = Literal["path", "tree", "selected"]
MAX_SELECTED = 5000
Id = Annotated[str, Field(min_length=36, max_length=36)]


class ShareNew(Write):
    """`path` is the branch that is shown, `tree` all of them. With `message_ids` those alone, of one branch."""

    thread_id: Id
    scope: Literal["path", "tree"] = "path"
    message_ids: Annotated[list[Id], Field(min_length=1, max_length=MAX_SELECTED)] | None = None
    days: Annotated[int, Field(ge=1, le=3650)] | None = None  # None: it does not end by itself
    password: Annotated[SecretStr, Field(min_length=4, max_length=200)] | None = None


class ShareInfo(BaseModel):
    id: str
    thread_id: str
    title: str
    scope: Scope
    messages: int  # that its readers see
    of: int | None = None  # of a selection: so many were on its branch when it was made
    has_password: bool
    expires_at: datetime | None
    created_at: datetime
    updated_at: datetime  # when the chat was as its readers see it


class ShareList(BaseModel):
    """`enabled` is the administrator's word: where it is off, links are neither made nor read."""

    enabled: bool
    items: list[ShareInfo]


class ShareMade(BaseModel):
    """The address is `/s/{token}`. The token is told once."""

    share: ShareInfo
    token: str


class SharedLine(BaseModel):
    """A message where it is read: `number` of `count` versions at its place."""

    role: Literal["user", "assistant"]
    parts: list[Part]
    model: str | None = None
    provider: str | None = None
    self_hosted: bool | None = None
    complete: bool = True
    number: int = 1
    count: int = 1


class SharedChat(BaseModel):
    title: str
    shared_at: datetime
    lines: list[SharedLine]
    ticket: str | None = None  # opens the images of a chat with a password, for an hour


class SharedOpen(Write):
    password: Annotated[SecretStr, Field(max_length=200)] | None = None
