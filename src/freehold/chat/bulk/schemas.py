"""What the web app sends and gets for changes of many threads."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, StrictBool, model_validator

from freehold.kit.storable import Write

MAX_IDS = 20_000
ThreadIds = Annotated[
    list[Annotated[str, Field(min_length=36, max_length=36)]], Field(min_length=1, max_length=MAX_IDS)
]


class ThreadsChange(Write):
    """Which threads, by their ids or by their state, and what becomes of them.

    Those that are gone, or are so already, are passed over. `restore` also reaches into the bin. A `project_id` that
    is sent moves them, null out of any project.
    """

    ids: ThreadIds | None = None
    every: Annotated[list[Literal["active", "archived"]], Field(min_length=1, max_length=2)] | None = None
    state: Literal["active", "archived", "deleted"] | None = None
    project_id: str | None = None
    restore: StrictBool | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.ids is None) == (self.every is None):
            raise ValueError("say which threads by either ids or every")
        if self.state is None and "project_id" not in self.model_fields_set:
            raise ValueError("say what becomes of them: state, project_id or both")
        if self.restore and (self.every is not None or self.state == "deleted"):
            raise ValueError("restore needs ids, and a state that is not deleted")
        return self


class ThreadsPatch(Write):
    """All of them happen, in this order, or none does."""

    changes: Annotated[list[ThreadsChange], Field(min_length=1, max_length=1000)]


class ThreadsChanged(BaseModel):
    """How many threads changed, and the changes that take it back."""

    changed: int
    undo: list[ThreadsChange]


class ThreadCounts(BaseModel):
    """How many threads one has."""

    active: int
    archived: int
