"""What the API says of the cache."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel


class CalibratedLanguage(BaseModel):
    """What was measured for a language with the encoder in use. Without `threshold` it is off: no threshold is safe."""

    language: str
    threshold: float | None
    same: int  # pairs in other words
    near: int  # near misses
    hits: int  # of the same
    wrong: int  # of the near
    made_at: datetime


class SemanticState(BaseModel):
    """The semantic cache: languages that are not listed are off."""

    enabled: bool
    encoder: str
    languages: list[CalibratedLanguage]


class CacheInfo(BaseModel):
    """How the cache of answers is set up."""

    mode: Literal["off", "on_request", "always"]
    chat: bool
    share: Literal["key", "user", "server"]
    normalise: bool
    ttl_seconds: int
    store: Literal["redis", "database"]
    semantic: SemanticState
