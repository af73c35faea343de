"""One attempt at answering a client's request: bytes for the client, passed through or by way of canonical events.

A provider that speaks the client's dialect gets the request as it came and its answer goes back as it is; for any
other the request is parsed, and the answer written anew. Either way the meter sees what a call took.
"""

import contextlib
import time
from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace
from typing import Any

import orjson

from freehold.errors import FreeholdError, ProviderProtocolError
from freehold.gateway.dataplane.contents import content_of_body, every_text
from freehold.gateway.dataplane.dialects import Dialect, Watch
from freehold.gateway.dataplane.exchange import EVENT_STREAM
from freehold.gateway.dataplane.hearing import FINISH, Hearing
from freehold.gateway.dataplane.sizing import LIMITS, measured, output_limit
from freehold.gateway.meter import Meter, Size
from freehold.gateway.privacy.asking import answered
from freehold.gateway.privacy.hiding import hidden
from freehold.gateway.privacy.masking import Mask
from freehold.gateway.routing.content import Content
from freehold.gateway.routing.deployment import ANYTHING, Need
from freehold.kit import clock
from freehold.kit.ids import new_id
from freehold.providers.service import Resolved
from freehold.wire.dialect import AnswerHead, Parsed
from freehold.wire.events import Event
from freehold.wire.fields import invalid, model_of, refuse_control
from freehold.wire.watching import FrameTooLong

WHOLE_ANSWER_S = 600.0
"""How long a provider may take for an answer that does not stream, whose first byte comes with its last."""

_SEEING = Need(images=True)
QUIET_S = 5.0
"""How long a request waits in a queue before its client is told."""


class Asked:
    """A client's request in its own dialect. Raises InvalidRequest when what every dialect needs is wrong."""

    operation = "chat"

    def __init__(self, dialect: Dialect, body: dict[str, Any], consent: frozenset[str] = frozenset()) -> None:
        """`consent`: the classes of data that may leave the house this time."""
        refuse_control(body)
        self.consent = consent
        self.dialect = dialect
        self.body = body
        self.model = model_of(body)
        self.stream = bool(body.get("stream", dialect.streams))
        self._size: Size | None = None
        self._need = ANYTHING
        self.patience_s: float | None = None if self.stream else WHOLE_ANSWER_S
        self.shortened = False
        self.position: int | None = None  # in a queue, when it came there
        self.waits = False  # the piece that came last is about the queue
        self._came_ns = time.monotonic_ns()
        self._parsed: Parsed[Any] | None = None
        self._mask: Mask | None = None
        self._hears = False
        self.heard: list[Event] | None = None  # the events of an answer that waits to be judged

    @property
    def size(self) -> Size:
        """How large it is, a guess from the bytes; measured when somebody wants to know."""
        return self._size or self._measured()

    @property
    def need(self) -> Need:
        """What it needs, guessed as `size` is."""
        if self._size is None:
            self._measured()
        return self._need

    def _measured(self) -> Size:
        if self.dialect.watch is not None and not isinstance(self.body.get("messages"), list):
            raise invalid("messages", "must be a list")  # a provider may take it for an empty one, and answer
        tokens, images = measured(self.body)
        self._size = size = Size(tokens, output_limit(self.body))
        self._need = _SEEING if images else ANYTHING
        return size

    @property
    def parsed(self) -> Parsed[Any]:
        """The canonical form, made when it is needed first."""
        if self._parsed is None:
            self._parsed = self.dialect.parse(self.body)
        return self._parsed

    def content(self) -> Content:
        """What it says and brings along."""
        return content_of_body(self.body)

    def judging(self) -> Hearing | None:
        """How its answers are read; None where it wants several, or is only understood by who speaks its dialect."""
        try:
            request = self.parsed.request
        except FreeholdError:
            return None
        if request.verbatim_only or self.body.get("n") not in (None, 1):
            return None
        self._hears = True
        return Hearing(self, request)

    def texts(self) -> Iterator[str]:
        """Every text that would be sent."""
        return every_text(self.body)

    def hide(self, mask: Mask) -> bool:
        """Send stand-ins to whoever is outside; the answer is then written anew. Raises InvalidRequest."""
        hidden(self.parsed.request, mask)  # so that it is known now what is hidden
        self._mask = mask
        return True

    @property
    def loads(self) -> dict[str, Any] | None:
        """The answer to a request that only wants its model loaded, as Ollama's clients send it; None for any other."""
        if self.dialect.loaded is None or not self.parsed.options.load:
            return None
        return self.dialect.loaded(AnswerHead("", self.model, int(time.time())), self.parsed.options)

    def meter(self, resolved: Resolved, started: float) -> Meter:
        """A meter that estimates from the body what a provider does not count."""
        return Meter(resolved.config, resolved.card, self.size, started)

    def shorten(self, output_tokens: int) -> bool:
        """Set the body's own field for it, where none is set."""
        size = self.size
        if size.output_limit is not None:
            return False
        name = self.dialect.limit_field
        if name == "num_predict":
            self.body = {**self.body, "options": {**(self.body.get("options") or {}), name: output_tokens}}
        else:  # a null by another of its names says the same as none
            told = {known: value for known, value in self.body.items() if known not in LIMITS}
            self.body = {**told, name: output_tokens}
        self._size, self.shortened, self._parsed = replace(size, output_limit=output_tokens), True, None
        return True

    def queued(self, position: int) -> bytes | None:
        """A comment in a stream of events, so that nobody takes a long wait for a lost connection.

        Nothing for QUIET_S, because the head of the answer, and with it the status 200, goes out with the first.
        """
        self.position = self.position or position
        if self.media_type != EVENT_STREAM or time.monotonic_ns() - self._came_ns < QUIET_S * 1e9:
            return None
        self.waits = True
        return b": queued %d\n\n" % position

    @property
    def media_type(self) -> bytes:
        """Of the answer."""
        return self.dialect.media_type if self.stream else b"application/json"

    def error_frame(self, error: FreeholdError) -> bytes:
        """What tells the client in the middle of a stream that the answer broke off."""
        return self.dialect.error_frame(error.body(), error.status)

    def open(self, resolved: Resolved, meter: Meter) -> AsyncGenerator[bytes]:
        """The answer of one deployment. An empty piece says that it has begun, where the bytes come at the end."""
        self.waits, self.heard = False, None
        as_it_came = self._mask is None or resolved.config.self_hosted
        if as_it_came and self.dialect.watch is not None and resolved.provider.speaks(self.dialect.name):
            return self._streamed(resolved, meter) if self.stream else self._whole(resolved, meter)
        return self._written(resolved, meter)

    # --- passed through ---------------------------------------------------------------------------------------------

    async def _streamed(self, resolved: Resolved, meter: Meter) -> AsyncGenerator[bytes]:
        assert self.dialect.watch is not None
        options = self.body.get("stream_options")
        asked_for_usage = isinstance(options, dict) and bool(options.get("include_usage"))
        watch = self.dialect.watch(not asked_for_usage)
        early: list[bytes] | None = []  # what comes before an answer, while somebody else may still be asked for one
        try:
            async with resolved.provider.relay(self.dialect.name, self.body, resolved.model_id) as reply:
                if reply.is_json:
                    raise broken(resolved, "answered without a stream, although one was asked for")
                while chunk := await reply.next():
                    piece = watch.feed(chunk)
                    if watch.error is not None:
                        raise _failed(resolved, watch)
                    if watch.started and not meter.answering:
                        meter.began(clock.monotonic())
                    if early is not None:
                        early.append(piece)
                        piece = b""
                        if meter.answering:
                            piece, early = b"".join(early), None
                    if piece or early is not None:
                        yield piece
        except FrameTooLong as error:
            raise broken(resolved, "sent a line without end, so the answer was broken off") from error
        finally:
            reason = FINISH.get(watch.finish_reason or "", "stop") if watch.ended else None
            usage = watch.usage
            meter.told(usage, reason, 0 if usage is not None and reason is not None else watch.estimated_tokens)
        if not watch.ended:
            raise broken(resolved, "ended the answer without saying that it is complete")
        if rest := b"".join(early or ()) + watch.close():
            yield rest

    async def _whole(self, resolved: Resolved, meter: Meter) -> AsyncGenerator[bytes]:
        assert self.dialect.usage_in is not None
        relay = resolved.provider.relay(self.dialect.name, self.body, resolved.model_id, first_byte_s=WHOLE_ANSWER_S)
        async with relay as reply:
            content = await reply.read()
        try:
            answer = orjson.loads(content)
        except ValueError as error:
            raise broken(resolved, "sent an answer that is not JSON") from error
        if not isinstance(answer, dict) or answer.get("error"):
            raise broken(resolved, "sent an answer that is not as its protocol says")
        meter.began(clock.monotonic())
        meter.told(self.dialect.usage_in(answer), "stop")
        yield content

    # --- by way of canonical events ---------------------------------------------------------------------------------

    async def _written(self, resolved: Resolved, meter: Meter) -> AsyncGenerator[bytes]:
        parsed = self.parsed
        request = replace(parsed.request, model=resolved.model_id)
        meter.record.ignored = resolved.provider.ignores(request)
        head = AnswerHead(new_id(), self.model, int(time.time()), self.size.input_tokens, self._came_ns)
        encoder = self.dialect.encoder(head, parsed.options)
        events: list[Event] = []
        begun = False
        async with contextlib.aclosing(answered(resolved, request, self._mask)) as stream:
            async for event in stream:
                meter.see(event, clock.monotonic())
                if self._hears or not self.stream:
                    events.append(event)
                if not self.stream:
                    if meter.answering and not begun:
                        begun = True
                        yield b""
                    continue
                piece = encoder.feed(event)
                if not begun and meter.answering:
                    begun, piece = True, encoder.start() + piece
                if piece and begun:
                    yield piece
        if meter.record.finish_reason is None:
            raise broken(resolved, "ended the answer without saying that it is complete")
        if self._hears:
            self.heard = events
        if not self.stream:
            yield orjson.dumps(self.dialect.fold(events, head, parsed.options))
            return
        yield (b"" if begun else encoder.start()) + encoder.finish()


def broken(resolved: Resolved, what: str) -> ProviderProtocolError:
    """The error for an answer that is not as it should be; `what` completes "<provider> ..."."""
    name = resolved.config.name
    return ProviderProtocolError(f"{name} {what}.", provider=name, provider_id=resolved.config.id)


def _failed(resolved: Resolved, watch: Watch) -> ProviderProtocolError:
    told = watch.error.get("message") if isinstance(watch.error, dict) else watch.error
    return broken(resolved, f"reports in the middle of the answer: {str(told)[:500]}")
