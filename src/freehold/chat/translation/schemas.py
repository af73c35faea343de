"""What is asked and told of translations."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from freehold.kit.storable import Write

Language = Literal["en", "zh-Hans", "zh-Hant", "ja", "ko", "es", "fr", "de", "it", "pt", "ru", "ar"]
"""BCP 47."""


class TranslationNew(Write):
    language: Language


class Translation(BaseModel):
    """What a message says in another language, and who wrote that; a message has one at a time.

    `cut`: the text ends at the model's longest answer. It goes when the message is changed.
    """

    language: Language
    text: str
    model: str  # provider_id/model_id
    model_id: str
    provider_name: str
    self_hosted: bool
    cut: bool = False
    at: datetime
