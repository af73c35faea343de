"""Every dialect that clients speak and every one that providers speak, by name, for the tests that pair them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from freehold.providers import catalogue
from freehold.providers.anthropic import decode as anthropic_decode
from freehold.providers.anthropic import encode as anthropic_encode
from freehold.providers.gemini import decode as gemini_decode
from freehold.providers.gemini import encode as gemini_encode
from freehold.providers.ollama import dialect as ollama
from freehold.providers.openai_compatible import decode as openai_decode
from freehold.providers.openai_compatible import encode as openai_encode
from freehold.wire import anthropic_messages, ollama_chat, ollama_generate, openai_chat, openai_responses
from freehold.wire.dialect import AnswerHead
from freehold.wire.events import Event
from freehold.wire.request import ChatRequest
from freehold.wire.sse import LineParser, SseParser

HEAD = AnswerHead("0198", "smart", 1_790_000_000, input_tokens=12)


@dataclass(frozen=True)
class Client:
    """`module` has parse, StreamEncoder, fold and error_reply; `options` are those of a plain stream."""

    module: Any
    options: Any
    timed: bool = False

    def encoder(self, options: Any = None) -> Any:
        """An encoder, with a clock that stands still where it has one."""
        more = {"clock": lambda: 1_000} if self.timed else {}
        return self.module.StreamEncoder(HEAD, options or self.options, **more)

    def stream(self, events: Iterable[Event], options: Any = None) -> bytes:
        """The bytes that a client gets for a whole answer."""
        encoder = self.encoder(options)
        return encoder.start() + b"".join(encoder.feed(event) for event in events) + encoder.finish()

    def fold(self, events: Iterable[Event]) -> dict[str, Any]:
        return self.module.fold(events, HEAD, self.options)


CLIENTS = {
    "openai_chat": Client(openai_chat, openai_chat.ChatOptions(include_usage=True)),
    "anthropic_messages": Client(anthropic_messages, anthropic_messages.MessageOptions()),
    "openai_responses": Client(openai_responses, openai_responses.parse({"model": "m", "input": "Hi"}).options),
    "ollama_chat": Client(ollama_chat, ollama_chat.OllamaOptions("chat"), timed=True),
    "ollama_generate": Client(ollama_generate, ollama_generate.OllamaOptions("generate"), timed=True),
}


def sse(make_decoder: Callable[[], Any]) -> Callable[[bytes], list[Event]]:
    def read(data: bytes) -> list[Event]:
        parser, decoder = SseParser(), make_decoder()
        frames = [*parser.feed(data), *parser.finish()]
        return [event for frame in frames for event in decoder.feed(frame)] + decoder.finish()

    return read


def ndjson(data: bytes) -> list[Event]:
    lines, decoder = LineParser(), ollama.Decoder()
    return [event for line in [*lines.feed(data), *lines.finish()] for event in decoder.feed(line)]


@dataclass(frozen=True)
class ProviderDialect:
    """How a provider writes a request, and reads the bytes of an answer."""

    model: str
    encode: Callable[[ChatRequest], dict[str, Any]]
    read: Callable[[bytes], list[Event]]


PROVIDERS = {
    "openai_compatible": ProviderDialect(
        "gpt-4o",
        lambda request: openai_encode.encode(
            request, catalogue.vendors()["openai"].quirks, catalogue.card_for("openai", request.model)
        ),
        sse(openai_decode.StreamDecoder),
    ),
    "anthropic": ProviderDialect(
        "claude-sonnet-4-5",
        lambda request: anthropic_encode.encode(request, catalogue.card_for("anthropic", request.model)),
        sse(anthropic_decode.StreamDecoder),
    ),
    "gemini": ProviderDialect(
        "gemini-2.5-flash",
        lambda request: gemini_encode.encode(request, catalogue.card_for("gemini", request.model)),
        sse(gemini_decode.StreamDecoder),
    ),
    "ollama": ProviderDialect("qwen3:8b", lambda request: ollama.encode(request, {}, levels=False), ndjson),
}
