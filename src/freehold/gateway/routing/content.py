"""What a request says and brings along, as far as choosing a model depends on it; pure."""

from dataclasses import dataclass

from freehold.settings.routing import Attachment
from freehold.wire.request import (
    Audio,
    ChatRequest,
    Document,
    Image,
    JsonSchema,
    Message,
    Reasoning,
    Text,
    ToolCall,
    ToolResult,
)


@dataclass(frozen=True, slots=True)
class Content:
    """`asked`: the last message of the person; `said`: every message but the instructions; `instructions`: those."""

    asked: str = ""
    said: str = ""
    instructions: str = ""
    attachments: frozenset[Attachment] = frozenset()
    tools: bool = False
    json_schema: bool = False


NOTHING = Content()


def content_of(request: ChatRequest) -> Content:
    """The content of a canonical request."""
    said: list[str] = []
    instructions: list[str] = []
    attachments: set[Attachment] = set()
    asked = ""
    for message in request.messages:
        texts = _texts(message, attachments)
        if message.role == "system":
            instructions += texts
            continue
        said += texts
        if message.role == "user":
            asked = "\n\n".join(texts)
    return Content(
        asked,
        "\n\n".join(said),
        "\n\n".join(instructions),
        frozenset(attachments),
        bool(request.tools),
        isinstance(request.response_format, JsonSchema),
    )


def _texts(message: Message, attachments: set[Attachment]) -> list[str]:
    texts: list[str] = []
    for part in message.parts:
        match part:
            case Text(text) | Reasoning(text) | ToolCall(arguments=text):
                texts.append(text)
            case ToolResult():
                texts.append(part.text())
                for shown in part.media():
                    attachments.add("image" if isinstance(shown, Image) else "file")
            case Image():
                attachments.add("image")
            case Audio():
                attachments.add("audio")
            case Document():
                attachments.add("file")
            case _:
                pass
    return texts
