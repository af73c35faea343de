"""The dialects that clients speak to the data plane: how each is read, written, watched and told of failures."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from freehold.errors import ErrorBody
from freehold.gateway.dataplane.exchange import EVENT_STREAM, NDJSON, Exchange
from freehold.wire import anthropic_messages, ollama_chat, ollama_generate, openai_chat, openai_responses
from freehold.wire.dialect import AnswerHead, Parsed, StreamEncoder
from freehold.wire.events import Event, Usage


class Watch(Protocol):
    """Looks at the bytes of an answer that is passed on as it came; see wire/openai_chat/watch.py."""

    @property
    def usage(self) -> Usage | None: ...
    @property
    def finish_reason(self) -> str | None: ...
    @property
    def started(self) -> bool: ...
    @property
    def error(self) -> Any: ...
    @property
    def ended(self) -> bool: ...
    @property
    def estimated_tokens(self) -> int: ...
    def feed(self, chunk: bytes) -> bytes: ...
    def close(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Dialect:
    """One way of asking for an answer. `name` is what `Provider.speaks` is asked; the functions are those of `wire`."""

    name: str
    parse: Callable[[dict[str, Any]], Parsed[Any]]
    encoder: Callable[[AnswerHead, Any], StreamEncoder]
    fold: Callable[[Iterable[Event], AnswerHead, Any], dict[str, Any]]
    error_reply: Callable[[ErrorBody, int], tuple[int, dict[str, Any]]]
    error_frame: Callable[[ErrorBody, int], bytes]
    watch: Callable[[bool], Watch] | None = None
    usage_in: Callable[[dict[str, Any]], Usage | None] | None = None
    loaded: Callable[[AnswerHead, Any], dict[str, Any]] | None = None  # Ollama's answer where nothing is asked
    media_type: bytes = EVENT_STREAM
    streams: bool = False  # where the request does not say
    limit_field: str = "max_tokens"  # of the longest answer


_NOBODY = AnswerHead("", "", 0)  # the frame of an error names no answer

OPENAI = Dialect(
    name="openai_chat",
    parse=openai_chat.parse,
    encoder=openai_chat.StreamEncoder,
    fold=openai_chat.fold,
    error_reply=openai_chat.error_reply,
    error_frame=openai_chat.StreamEncoder(_NOBODY, openai_chat.ChatOptions()).error,
    watch=lambda hide_usage: openai_chat.OpenAIStreamWatch(hide_usage=hide_usage),
    usage_in=openai_chat.usage_in,
    limit_field="max_completion_tokens",
)
ANTHROPIC = Dialect(
    name="anthropic_messages",
    parse=anthropic_messages.parse,
    encoder=anthropic_messages.StreamEncoder,
    fold=anthropic_messages.fold,
    error_reply=anthropic_messages.error_reply,
    error_frame=anthropic_messages.StreamEncoder(_NOBODY, anthropic_messages.MessageOptions()).error,
    watch=lambda _hide_usage: anthropic_messages.AnthropicStreamWatch(),
    usage_in=anthropic_messages.usage_in,
)
RESPONSES = Dialect(
    name="openai_responses",
    parse=openai_responses.parse,
    encoder=openai_responses.StreamEncoder,
    fold=openai_responses.fold,
    error_reply=openai_responses.error_reply,
    error_frame=openai_chat.StreamEncoder(_NOBODY, openai_chat.ChatOptions()).error,
    limit_field="max_output_tokens",
)
OLLAMA = Dialect(
    name="ollama_chat",
    parse=ollama_chat.parse,
    encoder=ollama_chat.StreamEncoder,
    fold=ollama_chat.fold,
    error_reply=ollama_chat.error_reply,
    error_frame=ollama_chat.StreamEncoder(_NOBODY, ollama_chat.OllamaOptions()).error,
    loaded=ollama_chat.loaded,
    media_type=NDJSON,
    streams=True,
    limit_field="num_predict",
)
OLLAMA_GENERATE = replace(OLLAMA, name="ollama_generate", parse=ollama_generate.parse)


_BY_PATH = {
    "/v1/chat/completions": OPENAI,
    "/v1/messages": ANTHROPIC,
    "/v1/responses": RESPONSES,
    "/v1/embeddings": OPENAI,
}


def dialect_for(exchange: Exchange) -> Dialect:
    """The dialect in which a request is answered and refused: by its path, and on shared paths by its headers."""
    known = _BY_PATH.get(exchange.path)
    if known is not None:
        return known
    if exchange.path.startswith("/v1/messages") or exchange.path.endswith("/messages"):
        return ANTHROPIC
    if exchange.path.startswith("/ollama/"):
        return OLLAMA_GENERATE if exchange.path == "/ollama/api/generate" else OLLAMA
    if exchange.path.startswith("/v1/models") and exchange.header(b"anthropic-version") is not None:
        return ANTHROPIC
    return OPENAI
