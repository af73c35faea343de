"""What the web app sends and gets for speech."""

from typing import Annotated

from pydantic import BaseModel, Field, StrictBool

from freehold.kit.storable import Write


class VoiceModel(BaseModel):
    """A model for speech, and whether what it hears or reads stays in the house."""

    name: str
    self_hosted: bool


class VoiceInfo(BaseModel):
    """What the server can do of speech; null: the browser has to. `voices`: those of `speech`, the usual one first."""

    transcription: VoiceModel | None
    speech: VoiceModel | None
    voices: list[str]
    max_seconds: int


class Transcript(BaseModel):
    text: str


class SpeechNew(Write):
    """A piece to be read aloud, as words and without markup. `thread_id` names the chat that it is from."""

    text: Annotated[str, Field(min_length=1, max_length=4_000)]
    voice: Annotated[str, Field(max_length=100)] | None = None
    speed: Annotated[float, Field(ge=0.25, le=4)] = 1.0
    thread_id: Annotated[str, Field(min_length=36, max_length=36)] | None = None
    in_house: StrictBool = False
