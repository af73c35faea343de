"""The contract between Freehold and anything that answers: provider, model card, check report."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from freehold.wire.events import Event
from freehold.wire.request import ChatRequest

if TYPE_CHECKING:
    from freehold.providers.catalogue import Vendor
    from freehold.providers.upstream import Form, Reply

Ability = Literal["vision", "tools", "reasoning", "json_schema", "audio", "image_output", "embeddings"]
Origin = Literal["builtin", "file", "environment", "database"]
PriceSource = Literal["file", "entered", "catalogue", "unknown"]
"""Who says what a model costs: freehold.yaml, an administrator, the provider's list or ours, nobody."""


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars per million tokens. None: unknown (never treated as free).

    Those after `output` are of parts that cost something else; without a price of their own they cost what `input` or
    `output` does. `audio_minute` is of a minute of sound, for models that count no tokens.
    """

    input: float | None = None
    output: float | None = None
    cached_input: float | None = None
    cache_write: float | None = None
    audio_input: float | None = None
    audio_output: float | None = None
    image_output: float | None = None
    audio_minute: float | None = None


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What is known of a model; everything but `id` may be unknown."""

    id: str
    name: str | None = None
    kind: Literal["chat", "embedding", "image", "audio", "other"] = "chat"
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    abilities: frozenset[Ability] = frozenset()
    prices: Prices = Prices()
    knowledge_cutoff: date | None = None
    size_bytes: int | None = None
    description: str | None = None
    demonstration: bool = False
    installed: bool = True
    license: str | None = None
    languages: tuple[str, ...] = ()  # BCP 47; empty: not known


@dataclass(frozen=True, slots=True)
class ProviderConfig:
    """One configured provider. `kind` names a vendor of the catalogue or a provider folder.

    `api_key` is plain here and only here: it never reaches a log, a response or the database unencrypted.
    `models` are declared ids (patterns with * allowed); empty means: discover. `more_keys` take turns with `api_key`.
    """

    id: str
    kind: str
    name: str
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    more_keys: tuple[str, ...] = field(default=(), repr=False)
    self_hosted: bool = False
    enabled: bool = True
    models: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    origin: Origin = "database"

    @property
    def key_count(self) -> int:
        """How many keys there are to ask with; a provider without any is asked in one way, too."""
        return 1 + len(self.more_keys)

    def with_key(self, index: int) -> "ProviderConfig":
        """The same provider, asked with its key number `index` alone."""
        key = self.more_keys[index - 1] if index else self.api_key
        return replace(self, api_key=key, more_keys=()) if self.more_keys else self


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The outcome of trying credentials: it answered, how fast, and what it offers."""

    latency_ms: float
    models: tuple[ModelCard, ...]
    tried_model: str | None = None
    streamed: bool | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole answer, folded from the events of a stream."""

    text: str
    reasoning: str
    tool_calls: tuple[tuple[str, str, str], ...]  # id, name, JSON arguments
    usage: Any
    finish_reason: str


@dataclass(frozen=True, slots=True)
class Progress:
    """A download or pull under way; bytes. `total` is None until known."""

    status: str
    completed: int = 0
    total: int | None = None


class Provider(ABC):
    """Something that answers chat requests. One instance per configured provider, shared by all requests."""

    def __init__(self, config: ProviderConfig) -> None:
        self.config = config

    @abstractmethod
    def stream(self, request: ChatRequest) -> AsyncGenerator[Event]:
        """Answer as canonical events. Closing the generator cancels the upstream call at once.

        Raises a `freehold.errors.ProviderError` subclass, whose params hold `provider` and `provider_id`.
        """

    @abstractmethod
    async def list_models(self) -> list[ModelCard]:
        """The models this provider offers now, asked from it. Raises ProviderError."""

    @abstractmethod
    async def check(self) -> CheckReport:
        """Try address and key with the cheapest real call. Raises ProviderError with the reason."""

    @property
    def address(self) -> str | None:
        """The address of its API, where it has one."""
        return self.config.base_url

    def ignores(self, request: ChatRequest) -> tuple[str, ...]:
        """Fields of the request that this model does not take, so that it answers without them."""
        del request
        return ()

    @classmethod
    def fixes_sampling(cls, vendor: "Vendor", model: str) -> bool:
        """Whether that model of the vendor takes neither temperature nor top_p, however it is asked."""
        del vendor, model
        return False

    def speaks(self, dialect: str) -> bool:
        """Whether the provider's own API is of that client dialect, so that a request can go out as it came in."""
        del dialect
        return False

    def relay(
        self, dialect: str, body: dict[str, Any], model: str, *, first_byte_s: float | None = None
    ) -> AbstractAsyncContextManager["Reply"]:
        """Send a client's request on, for `model`; the reply has a good status. Raises ProviderError, as `stream` does.

        `first_byte_s`: how long the reply may take to begin, where that is not the provider's usual time. Leaving the
        block cancels the upstream call unless its reply was read to the end.
        """
        raise NotImplementedError(f"{self.config.kind} does not speak {dialect}")

    def relay_form(
        self, dialect: str, form: "Form", model: str, *, first_byte_s: float | None = None
    ) -> AbstractAsyncContextManager["Reply"]:
        """As `relay`, for a request that is a form with files; its field `model` is the client's."""
        raise NotImplementedError(f"{self.config.kind} does not speak {dialect}")

    # Optional model management (Ollama, embedded): providers that can, say so in `manages_models`.
    manages_models: bool = False

    def pull(self, model: str) -> AsyncGenerator[Progress]:
        """Fetch a model with progress; closing the generator cancels, a later pull resumes."""
        raise NotImplementedError(f"{self.config.kind} does not manage models")

    async def delete_model(self, model: str) -> None:
        """Remove an installed model from the provider's disk."""
        raise NotImplementedError(f"{self.config.kind} does not manage models")

    async def aclose(self) -> None:  # noqa: B027 - most providers hold nothing
        """Release connections and child processes."""
