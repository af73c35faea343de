"""The settings of speech: which models write down what is said, and read aloud what is written."""

from pydantic import Field

from freehold.settings.area import Area, StringList


class VoiceSettings(Area):
    """Speech in the chat. Without a model the browser's own speech is used, where it has any."""

    transcription_model: str | None = Field(
        default=None,
        max_length=500,
        description="`provider/model` or alias that writes down what is said, at an address with OpenAI's "
        "`/v1/audio/transcriptions`, for example a Whisper server.",
    )
    speech_model: str | None = Field(
        default=None,
        max_length=500,
        description="`provider/model` or alias that reads aloud, at an address with OpenAI's `/v1/audio/speech`.",
    )
    voices: StringList = Field(
        default=("alloy",),
        min_length=1,
        max_length=100,
        description="The voices that `speech_model` has, the usual one first.",
    )
    max_seconds: int = Field(default=300, ge=5, le=3600, description="Seconds that one dictation may take.")
