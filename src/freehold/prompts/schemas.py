"""What the web app and API clients send and get for prompts."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from freehold.kit.storable import Write

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Text = Annotated[str, Field(min_length=1, max_length=20_000)]
Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
Audience = Literal["nobody", "all", "group"]


class PromptPut(Write):
    """The whole prompt. `{{name}}` in the text is a variable, `{{name=default}}` one with a default, and
    `{{name:one|two}}` one to choose from. `seen` is the version that was changed: another one is a conflict.
    """

    title: Title
    text: Text
    tags: Annotated[list[Tag], Field(max_length=20)] = []  # noqa: RUF012 - pydantic copies it
    audience: Audience = "nobody"
    group_id: Annotated[str, Field(min_length=36, max_length=36)] | None = None
    seen: int | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.audience == "group") != (self.group_id is not None):
            raise ValueError("group_id goes with the audience `group`, and with no other")
        return self


class Prompt(BaseModel):
    id: str
    title: str
    text: str
    tags: list[str]
    audience: Audience
    group_id: str | None
    group_name: str | None
    mine: bool
    editable: bool  # whether the reader may change it
    owner_name: str
    version: int
    created_at: datetime
    updated_at: datetime


class PromptList(BaseModel):
    """One's own and those that are shared with one, the latest change first."""

    items: list[Prompt]


class PromptVersion(BaseModel):
    number: int
    title: str
    text: str
    created_at: datetime


class PromptRestore(Write):
    """Makes that version the present one again, as a new version."""

    number: Annotated[int, Field(ge=1)]
