"""The parts of a message, as they are stored, shown and sent in."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from freehold.kit.storable import Write


class TextPart(BaseModel):
    type: Literal["text"] = "text"
    text: str


class ReasoningPart(BaseModel):
    type: Literal["reasoning"] = "reasoning"
    text: str
    seconds: float | None = None
    signature: str | None = None


class ImagePart(BaseModel):
    """An uploaded or generated image; its bytes are at GET /api/files/{file_id}."""

    type: Literal["image"] = "image"
    file_id: str
    name: str = ""
    media_type: str = ""
    width: int | None = None
    height: int | None = None


class FilePart(BaseModel):
    """An attached text, which the model reads; its bytes are at GET /api/files/{file_id}."""

    type: Literal["file"] = "file"
    file_id: str
    name: str = ""
    media_type: str = ""
    size_bytes: int = 0


class ToolCallPart(BaseModel):
    type: Literal["tool_call"] = "tool_call"
    id: str
    name: str
    arguments: str
    result: str | None = None
    is_error: bool = False


Part = Annotated[TextPart | ReasoningPart | ImagePart | FilePart | ToolCallPart, Field(discriminator="type")]


class TextInput(Write):
    type: Literal["text"]
    text: Annotated[str, Field(min_length=1, max_length=400_000)]


class ImageInput(Write):
    type: Literal["image"]
    file_id: str


class FileInput(Write):
    type: Literal["file"]
    file_id: str


PartInput = Annotated[TextInput | ImageInput | FileInput, Field(discriminator="type")]
PartInputs = Annotated[list[PartInput], Field(min_length=1, max_length=32)]
