"""The stream of a translation: server-sent events, `data:` one of these."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from freehold.chat.schemas import ErrorInfo, Message


class TranslatingEvent(BaseModel):
    """Who translates; comes again, and the text begins anew, when another model took over."""

    type: Literal["model"] = "model"
    model_id: str
    provider_name: str
    self_hosted: bool


class TranslatedTextEvent(BaseModel):
    type: Literal["text"] = "text"
    delta: str


class TranslatedEvent(BaseModel):
    """Last: the message as it is kept, with its translation."""

    type: Literal["finish"] = "finish"
    message: Message


class NotTranslatedEvent(BaseModel):
    """Last: why there is none. What was there before is still there."""

    type: Literal["error"] = "error"
    error: ErrorInfo


TranslationEvent = Annotated[
    TranslatingEvent | TranslatedTextEvent | TranslatedEvent | NotTranslatedEvent, Field(discriminator="type")
]
