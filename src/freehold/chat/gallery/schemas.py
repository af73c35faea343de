"""What is told of the pictures of a person's chats."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from freehold.files.schemas import FileInfo

Origin = Literal["drawn", "attached"]


class GalleryPicture(BaseModel):
    """A picture where it came into a chat first: `drawn` by a model, or `attached` to a message.

    `prompt`: what was said of it; of a drawn one the message that asked for it. `model` is set where one drew it.
    """

    file: FileInfo
    origin: Origin
    thread_id: str
    thread_title: str
    message_id: str
    prompt: str
    model: str | None = None  # provider_id/model_id
    model_id: str | None = None
    provider_name: str | None = None
    self_hosted: bool | None = None
    at: datetime


class GalleryPage(BaseModel):
    """Newest first. `next_cursor` is null on the last page."""

    items: list[GalleryPicture]
    next_cursor: str | None
