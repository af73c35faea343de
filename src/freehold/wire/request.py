"""The canonical chat request: what every dialect is parsed to and every provider builds its call from."""

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Image:
    """An image by value; `data` are the raw bytes of the file, `media_type` for example image/png."""

    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Audio:
    """Sound by value, for example audio/wav or audio/mpeg."""

    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Document:
    """A file by value that the model reads itself, for example application/pdf or text/plain."""

    data: bytes
    media_type: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class CachePoint:
    """A wish: what stands before this may be kept in the provider's prompt cache for so long. Others ignore it."""

    keep: Literal["5m", "1h"] = "5m"


@dataclass(frozen=True, slots=True)
class Reasoning:
    """Earlier reasoning of the assistant; `signature` is opaque and goes back to the provider that signed it."""

    text: str
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call the assistant made; `arguments` is the JSON text as the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool gave back: text, or parts in their order where it showed more than text."""

    call_id: str
    content: str | tuple[Text | Image | Document, ...]
    is_error: bool = False

    def text(self) -> str:
        """The text of the result, without images and documents."""
        if isinstance(self.content, str):
            return self.content
        return "\n\n".join(part.text for part in self.content if isinstance(part, Text))

    def told(self) -> str:
        """The text for dialects that have no mark for a failed call."""
        return f"Error: {self.text()}" if self.is_error else self.text()

    def media(self) -> tuple[Image | Document, ...]:
        """What the result has beside text."""
        if isinstance(self.content, str):
            return ()
        return tuple(part for part in self.content if not isinstance(part, Text))


Part = Text | Image | Audio | Document | Reasoning | ToolCall | ToolResult | CachePoint
Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class Message:
    """`name` tells several participants of one role apart; a wish, which only OpenAI's dialect carries."""

    role: Role
    parts: tuple[Part, ...]
    name: str | None = None

    def text(self) -> str:
        """All text parts joined, without reasoning: an answer's are pieces of one text, others are paragraphs."""
        between = "" if self.role == "assistant" else "\n\n"
        return between.join(part.text for part in self.parts if isinstance(part, Text))


@dataclass(frozen=True, slots=True)
class Tool:
    """A function the model may call; `parameters` is a JSON schema.

    `strict` wishes that arguments are held to the schema while they are written; providers without that ignore it.
    """

    name: str
    description: str
    parameters: dict[str, Any]
    strict: bool | None = None


@dataclass(frozen=True, slots=True)
class JsonSchema:
    """Asks for an answer that validates against `schema`. `strict` None: strict where the schema allows it."""

    name: str
    schema: dict[str, Any]
    description: str | None = None
    strict: bool | None = None


@dataclass(frozen=True, slots=True)
class JsonObject:
    """Asks for an answer that is one JSON object of any form."""


OLLAMA_MEMORY = frozenset(("num_ctx", "num_keep"))
"""Names of `extra` that say how Ollama lays out its memory: a wish, which others ignore."""

ReasoningEffort = Literal["off", "low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class Verbatim:
    """A field of the client's body without a canonical form, and what to do where it cannot be passed on."""

    field: str
    next_step: str | None = None


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One call of a chat model. `model` is the id the provider itself uses. None means the provider's default.

    `extra` holds sampling fields beside the canonical ones under their usual names (`top_k`, `min_p`, `logit_bias`,
    ...). `verbatim_only` lists the client's fields that have no canonical form: only a provider of the client's own
    dialect, which gets the body as it came, can answer; every other one says ModelCannot.
    """

    model: str
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    tool_choice: Literal["auto", "none", "required"] | str | None = None
    parallel_tool_calls: bool | None = None
    response_format: JsonSchema | JsonObject | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    reasoning_effort: ReasoningEffort | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    verbatim_only: tuple[Verbatim, ...] = ()
