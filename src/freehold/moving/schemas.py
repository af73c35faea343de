"""What the web app sends and gets about imports and exports."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from freehold.chat.bulk.schemas import ThreadIds
from freehold.kit.storable import Write
from freehold.moving.words import Language

ImportState = Literal["receiving", "waiting", "running", "done", "failed"]
Product = Literal["chatgpt", "claude", "lobechat", "open_webui", "librechat", "freehold"]


class ImportNew(Write):
    """An archive that will be sent in pieces: a zip or a JSON file, as the other product gave it."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    size_bytes: Annotated[int, Field(ge=1)]


class ExportNew(Write):
    """Chats as one archive; without `thread_ids` all of them and what else is kept of the person."""

    thread_ids: ThreadIds | None = None
    language: Language = "en"


class ExportInfo(BaseModel):
    """An archive that is being made, or is there for a day. `done` of `total` chats are in it."""

    id: str
    everything: bool
    state: Literal["running", "done", "failed"]
    refusal: Literal["disk_full", "storage_error", "interrupted"] | None
    done: int
    total: int
    size_bytes: int | None
    created_at: datetime
    finished_at: datetime | None


class Counts(BaseModel):
    """`found` is `imported`, `already` and `not_taken` together."""

    found: int = 0
    imported: int = 0
    already: int = 0  # there from an earlier import
    not_taken: int = 0


class ImportReport(BaseModel):
    """`chats.extended` are those that were there and got new messages; `losses` counts by kind.

    `projects`, `memory` and `prompts` are of an archive of everything that Freehold wrote.
    """

    chats: Counts = Counts()
    extended: int = 0
    messages: Counts = Counts()
    files: int = 0
    projects: Counts = Counts()
    memory: Counts = Counts()
    prompts: Counts = Counts()
    losses: dict[str, int] = {}


class ImportInfo(BaseModel):
    id: str
    name: str
    size_bytes: int
    received_bytes: int
    state: ImportState
    product: Product | None
    refusal: str | None
    progress: float
    report: ImportReport
    created_at: datetime
    finished_at: datetime | None


class LossInfo(BaseModel):
    """`names` are the first of them, where they have names."""

    code: str
    count: int
    messages: int
    names: list[str]


class NoteInfo(BaseModel):
    """A chat with what of it was not taken; without a thread it is the whole chat, or a part of the archive."""

    seq: int
    thread_id: str | None
    title: str
    items: list[LossInfo]


class NotePage(BaseModel):
    items: list[NoteInfo]
    next_cursor: str | None
