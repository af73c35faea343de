"""What image models take beside a prompt, by the family that their names tell; pure.

https://platform.openai.com/docs/api-reference/images
"""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

from freehold.providers.catalogue.model_cards import plain_name

Shape = Literal["square", "landscape", "portrait"]
Quality = Literal["low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class Drawing:
    """`sizes` and `qualities` in the words of the API; empty: the model is not told. `most`: pictures of one call.

    `edits`: it changes pictures. `told_form`: it must be asked for bytes, where others send nothing else.
    """

    sizes: dict[Shape, str] = field(default_factory=dict)
    qualities: dict[Quality, str] = field(default_factory=dict)
    most: int = 1
    edits: bool = False
    told_form: bool = True


_GPT_IMAGE = Drawing(
    sizes={"square": "1024x1024", "landscape": "1536x1024", "portrait": "1024x1536"},
    qualities={"low": "low", "medium": "medium", "high": "high"},
    most=4,
    edits=True,
    told_form=False,
)
_FAMILIES: tuple[tuple[str, Drawing], ...] = (
    ("gpt-image-*", _GPT_IMAGE),
    ("chatgpt-image-*", _GPT_IMAGE),
    (
        "dall-e-3*",
        Drawing(
            sizes={"square": "1024x1024", "landscape": "1792x1024", "portrait": "1024x1792"},
            qualities={"medium": "standard", "high": "hd"},
        ),
    ),
    ("dall-e-2*", Drawing(most=4)),
    ("*kontext*", Drawing(edits=True)),
    ("*image-edit*", Drawing(edits=True)),
)
_UNKNOWN = Drawing()


def drawing_of(model_id: str) -> Drawing:
    """What that image model takes; of one that nobody knows, a prompt alone."""
    name = plain_name(model_id)
    return next((drawing for pattern, drawing in _FAMILIES if fnmatchcase(name, pattern)), _UNKNOWN)
