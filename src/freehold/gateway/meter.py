"""What one call took: time to the first token, speed, tokens and cost; no I/O."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, astuple, dataclass, field, replace
from typing import Any

from freehold.access.subject import Subject
from freehold.gateway.privacy.passed import Passed
from freehold.kit import clock
from freehold.observability.request_id import current_request_id
from freehold.providers.base import ModelCard, Prices, ProviderConfig
from freehold.usage.record import Source, Status, UsageRecord
from freehold.wire.events import (
    Event,
    Finish,
    FinishReason,
    ImageOutput,
    ReasoningDelta,
    Stage,
    TextDelta,
    ToolCallDelta,
    ToolCallStart,
    Usage,
)
from freehold.wire.request import Audio, CachePoint, ChatRequest, Document, Image, Reasoning, Text, ToolCall, ToolResult

IMAGE_TOKENS = 800
"""What an image counts for in an estimate: about what the large providers charge for a picture of ordinary size."""

SOUND_BYTES_PER_SECOND = 16_000
SOUND_BYTES_PER_TOKEN, FILE_BYTES_PER_TOKEN = 500, 40
"""16 kB of compressed sound a second make about 32 tokens, a page of 60 kB about 1,500."""

LIKELY_OUTPUT = 512
"""What an answer without a limit counts for in a rate limit until it ended."""

MOST_OUTPUT = 4096
"""What an answer without a limit counts for in a budget until it ended, where nobody knows how long a model writes; and
the limit that such an answer gets when a budget has no room for a longer one.
"""

SLOWER = "slower"
"""The error of a try that another one overtook."""

OVERRULED, SECOND = "overruled", "second_opinion"
"""Of a try whose complete answer was not good enough, and of one that was only compared with another."""

_STATUS: dict[str | None, Status] = {SLOWER: "stopped", OVERRULED: "unused", SECOND: "unused"}

_SHORTEST_RATE_S = 0.01  # a speed measured over less says nothing


@dataclass(slots=True)
class Attempt:
    """One try at a model; `error` is the code of what made it fail, None for the one that answers."""

    model: str
    reason: str
    error: str | None = None
    duration_ms: float | None = None
    waited_ms: float | None = None  # before the next try


@dataclass(slots=True)
class CallRecord:
    """Where an answer was computed, how fast and for how much. Filled in as the call goes on, final when it ends.

    Times in milliseconds since the call began, cost in US dollars: 0 for self-hosted models, None when a price or a
    count is unknown. Tokens are those of all attempts, `own_tokens` those read and written by the one that answered.
    `usage_estimated`: the provider told no counts, these are ours.
    `alias`: the name that was asked for, where it stands for several deployments; `skipped`: those that were passed
    over, and why; `route`: how it was chosen, where there was a choice; `passed`: what was done at the border of the
    house; `ignored`: fields of the request that the model does not take; `cached`: what the cache has to do with it.
    """

    model: str
    model_id: str
    provider_id: str
    provider_name: str
    self_hosted: bool
    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_input_tokens: int | None = None
    usage_estimated: bool = False
    cost_usd: float | None = None
    first_token_ms: float | None = None
    duration_ms: float | None = None
    tokens_per_second: float | None = None
    finish_reason: str | None = None
    attempts: list[Attempt] = field(default_factory=list)
    alias: str | None = None
    skipped: list[dict[str, Any]] = field(default_factory=list)
    route: Mapping[str, Any] | None = None
    passed: Passed | None = None
    ignored: tuple[str, ...] = ()
    cached: Mapping[str, Any] | None = None
    own_tokens: tuple[int | None, int | None] = (None, None)

    @property
    def error(self) -> str | None:
        """The code of what made the call fail; None while an attempt has not failed."""
        if not self.attempts:
            return None
        for attempt in self.attempts:
            if attempt.error is None:
                return None
        return self.attempts[-1].error

    def as_dict(self) -> dict[str, Any]:
        """The stored form."""
        told = asdict(self)
        del told["own_tokens"]  # is not asked for once the call is over
        return told

    def noted(self) -> dict[str, Any]:
        """What the log says of the call; nothing of what was asked or answered."""
        return {
            "model": self.model,
            "alias": self.alias,
            "self_hosted": self.self_hosted,
            "finish_reason": self.finish_reason,
            "error": self.error,
            "attempts": len(self.attempts),
            "first_token_ms": self.first_token_ms,
            "duration_ms": self.duration_ms,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
        }


@dataclass(slots=True)
class Spent:
    """What one attempt took: its provider's counts (None: none are known), US dollars, whether the counts are ours."""

    usage: Usage | None
    cost_usd: float | None
    estimated: bool


@dataclass(slots=True)
class Size:
    """How large a request is: about how many tokens it has, and the longest answer that it allows (None: no end).

    `audio_seconds`: about how long the sound is that it brings to be written down. `left_out`: about how many tokens
    of earlier messages are not sent because a summary stands for them.
    """

    input_tokens: int
    output_limit: int | None = None
    audio_seconds: float = 0
    left_out: int = 0


def size_of(request: ChatRequest, left_out: int = 0) -> Size:
    """The size of a canonical request."""
    return Size(request_tokens(request), request.max_tokens, left_out=left_out)


class Meter:
    """Watches the events of one attempt and keeps the call's record; `started`, when the call began, and every `now`
    are monotonic seconds.

    `answering`: something of the answer was seen, so it cannot be asked for again without repeating it.
    `ended_at`: when the last of it came, where the call goes on after that.
    """

    def __init__(self, config: ProviderConfig, card: ModelCard, size: Size, started: float) -> None:
        self.record = CallRecord(
            model=f"{config.id}/{card.id}",
            model_id=card.id,
            provider_id=config.id,
            provider_name=config.name,
            self_hosted=config.self_hosted,
        )
        self._card = card
        self._size = size
        self._started = started
        self.answering = False
        self.ended_at: float | None = None
        self._first: float | None = None
        self._usage: Usage | None = None
        self._overtaken = False
        self._spent: Spent | None = None  # once it ended
        self._output_tokens = 0.0
        self._reasoning_tokens = 0.0

    def see(self, event: Event, now: float) -> None:
        """Count one event."""
        match event:
            case TextDelta(text):
                self._output_tokens += estimate_tokens(text)
            case ReasoningDelta(text):
                self._reasoning_tokens += estimate_tokens(text)
            case ToolCallDelta(arguments=text) | ToolCallStart(name=text):
                self._output_tokens += estimate_tokens(text)
            case ImageOutput():
                self._output_tokens += IMAGE_TOKENS
            case Usage():
                self._usage = event
                return
            case Finish(reason):
                self.record.finish_reason = reason
                return
            case Stage():
                return
        self.began(now)

    def began(self, now: float) -> None:
        """Something of an answer was seen that is passed through unread."""
        if self._first is None:
            self._first, self.answering = now, True
            self.record.first_token_ms = clock.milliseconds(now - self._started)

    def told(self, usage: Usage | None, reason: FinishReason | None, output_tokens: int = 0) -> None:
        """How an answer that was passed through ended: counts, reason (None: broken off), and the tokens seen of it."""
        if usage is not None and reason is None and output_tokens > usage.output_tokens:
            # counts that a provider tells as it goes on are old when an answer breaks off
            usage, self.record.usage_estimated = replace(usage, output_tokens=output_tokens), True
        self._usage = usage
        self.record.finish_reason = reason
        self._output_tokens = output_tokens

    def overtaken(self) -> None:
        """Another attempt was faster and this one is cancelled: its provider has read the request all the same."""
        self._overtaken = True

    def _estimate(self) -> None:
        """Count what the provider did not, once the attempt is over."""
        if self._usage is None and (self._first is not None or self._overtaken):
            output = round(self._output_tokens + self._reasoning_tokens)
            least = 0 if self._first is None else 1
            self._usage = Usage(
                self._size.input_tokens,
                max(least, output),
                0,
                round(self._reasoning_tokens),
                audio_seconds=self._size.audio_seconds,
            )
            self.record.usage_estimated = True

    @property
    def spent(self) -> Spent:
        """What this attempt took alone, known when it ended."""
        if self._spent is not None:
            return self._spent
        cost = 0.0 if self.record.self_hosted else cost_usd(self._card, self._usage)
        return Spent(self._usage, cost, self.record.usage_estimated)

    @property
    def left_out(self) -> tuple[int, float | None] | None:
        """The tokens that a summary left out of this attempt, and what they would have cost; None without one.

        So much of them as of what was sent is taken to come from the provider's cache.
        """
        tokens, usage = self._size.left_out, self._usage
        if not tokens or usage is None:
            return None
        if self.record.self_hosted:
            return tokens, 0.0
        cached = tokens * usage.cached_input_tokens // usage.input_tokens if usage.input_tokens else 0
        return tokens, cost_usd(self._card, Usage(tokens, 0, min(tokens, cached)))

    def traced(self) -> dict[str, Any]:
        """What a span says of this attempt once it is over, by the names of OpenTelemetry's conventions."""
        record, usage = self.record, self._usage
        return {
            "gen_ai.response.model": record.model_id,
            "gen_ai.response.finish_reasons": [record.finish_reason] if record.finish_reason else None,
            "gen_ai.usage.input_tokens": usage and usage.input_tokens,
            "gen_ai.usage.output_tokens": usage and usage.output_tokens,
            "gen_ai.usage.cache_read.input_tokens": (usage and usage.cached_input_tokens) or None,
            "gen_ai.usage.cache_write.input_tokens": (usage and usage.cache_write_tokens) or None,
            "gen_ai.usage.reasoning.output_tokens": (usage and usage.reasoning_tokens) or None,
            "freehold.usage.estimated": record.usage_estimated or None,
        }

    def finish(self, now: float, others: Iterable["Meter"] = ()) -> None:
        """Settle the record, however the call ended; `others` are those of its attempts that did not answer."""
        record = self.record
        record.duration_ms = clock.milliseconds(now - self._started)
        self._estimate()
        ended_at = self.ended_at or now
        if self._usage is not None and self._first is not None and ended_at - self._first >= _SHORTEST_RATE_S:
            record.tokens_per_second = round(self._usage.output_tokens / (ended_at - self._first), 1)
        self._spent = spent = self.spent
        usage, record.cost_usd = self._usage, spent.cost_usd
        if usage is not None:
            record.own_tokens = usage.input_tokens, usage.output_tokens
        for other in others:
            other._estimate()
            # an attempt without counts of its own is no reason to call the others' cost unknown
            record.cost_usd = other.spent.cost_usd if usage is None else _sum(record.cost_usd, other.spent.cost_usd)
            usage = _together(usage, other._usage)
        if usage is not None:
            record.input_tokens, record.output_tokens = usage.input_tokens, usage.output_tokens
            record.cached_input_tokens, record.reasoning_tokens = usage.cached_input_tokens, usage.reasoning_tokens


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other


def _together(one: Usage | None, other: Usage | None) -> Usage | None:
    if one is None or other is None:
        return one or other
    return Usage(*(a + b for a, b in zip(astuple(one), astuple(other), strict=True)))


def usage_records(
    subject: Subject, requested: str, source: Source, meter: Meter, others: Iterable[tuple[Attempt, Meter]] = ()
) -> list[UsageRecord]:
    """What the ledger keeps of a call that ended; `requested` is the reference that was asked for.

    One record of whoever answered or was asked last, and one of each other attempt that took tokens: they were paid to
    its provider, whoever answered in the end.
    """
    record = meter.record
    error = record.error
    main = _usage_record(subject, requested, source, meter)
    main.status = "failed" if error else "ok" if record.finish_reason else "stopped"
    if source == "shadow" and main.status == "ok":
        main.status = "unused"
    main.error = error
    main.attempts = len(record.attempts)
    if error or main.attempts > 1:
        main.tried = [{"model": one.model, "error": one.error, "ms": one.duration_ms} for one in record.attempts]
    if record.route is not None:
        main.route = {**record.route, "out": record.skipped}
    if main.status != "failed" and meter.left_out is not None:
        main.compaction_tokens, main.compaction_usd = meter.left_out
    main.first_token_ms, main.tokens_per_second = record.first_token_ms, record.tokens_per_second
    found = [main]
    for attempt, other in others:
        if other.spent.usage is not None:
            one = _usage_record(subject, requested, source, other)
            one.status = _STATUS.get(attempt.error, "failed")
            one.error, one.duration_ms = attempt.error, attempt.duration_ms
            found.append(one)
    return found


def _usage_record(subject: Subject, requested: str, source: Source, meter: Meter) -> UsageRecord:
    record, spent = meter.record, meter.spent
    usage = spent.usage
    used = UsageRecord(
        at=clock.now(),
        user_id=subject.user_id,
        key_id=subject.grant.key_id if subject.grant else None,
        source=source,
        requested=requested,
        model=record.model,
        provider_id=record.provider_id,
        self_hosted=record.self_hosted,
        status="ok",
        estimated=spent.estimated,
        cost_usd=spent.cost_usd,
        duration_ms=record.duration_ms,
        request_id=current_request_id(),
    )
    if usage is not None:
        used.input_tokens, used.output_tokens = usage.input_tokens, usage.output_tokens
        used.cached_input_tokens, used.reasoning_tokens = usage.cached_input_tokens, usage.reasoning_tokens
        used.audio_seconds = usage.audio_seconds or None
    return used


def most_tokens(size: Size) -> int:
    """What a request is taken to need before it is made: its own tokens and the answer it allows."""
    return size.input_tokens + (size.output_limit or LIKELY_OUTPUT)


def most_usd(card: ModelCard, size: Size) -> float | None:
    """What a call can cost: every token of the request fresh, the answer as long as it may be. None: unknown price.

    The longest answer is what the request allows or the model can write, whichever is less; MOST_OUTPUT tokens where
    neither is known. Only a model without such a card can overdraw a budget, by what it writes beyond that.
    """
    prices, most = card.prices, card.max_output_tokens
    longest = size.output_limit or most or MOST_OUTPUT
    if most is not None and longest > most:
        longest = most
    if card.kind == "embedding":
        longest = 0
    if size.audio_seconds:
        return cost_usd(card, Usage(size.input_tokens, longest, audio_seconds=size.audio_seconds))
    if prices.input is None or (prices.output is None and longest):
        return None
    return (size.input_tokens * prices.input + longest * (prices.output or 0.0)) / 1_000_000


def cost_usd(card: ModelCard, usage: Usage | None) -> float | None:
    """US dollars at the card's prices; None when a price is unknown of something that was used.

    Cached input, sound and images cost what other tokens do unless their own price is known.
    """
    if usage is None:
        return None
    prices = card.prices
    if usage.audio_seconds:
        if prices.audio_minute is not None:
            return usage.audio_seconds / 60 * prices.audio_minute
        if not usage.input_tokens:
            return None  # counted in seconds alone, and what a minute costs is unknown
    special_in = usage.cached_input_tokens + usage.cache_write_tokens + usage.audio_input_tokens
    special_out = usage.audio_output_tokens + usage.image_output_tokens
    fresh, answer = prices.input, prices.output
    if fresh is None and answer is None:
        return None
    if special_in or special_out:
        rest = max(0, usage.input_tokens - special_in), max(0, usage.output_tokens - special_out)
        return _special_usd(prices, usage, *rest)
    if (fresh is None and usage.input_tokens) or (answer is None and usage.output_tokens):
        return None
    return (usage.input_tokens * (fresh or 0.0) + usage.output_tokens * (answer or 0.0)) / 1_000_000


def _special_usd(prices: Prices, usage: Usage, read: int, written: int) -> float | None:
    """What a call costs of which only `read` and `written` tokens have the ordinary prices."""
    total = 0.0
    for count, price, ordinary in (
        (usage.cached_input_tokens, prices.cached_input, prices.input),
        (usage.cache_write_tokens, prices.cache_write, prices.input),
        (usage.audio_input_tokens, prices.audio_input, prices.input),
        (usage.audio_output_tokens, prices.audio_output, prices.output),
        (usage.image_output_tokens, prices.image_output, prices.output),
        (read, prices.input, None),
        (written, prices.output, None),
    ):
        if count:
            each = ordinary if price is None else price
            if each is None:
                return None
            total += count * each
    return total / 1_000_000


def estimate_tokens(text: str) -> float:
    """About how many tokens a text has: four ASCII characters each, other scripts about one and a half."""
    ascii_count = len(text) if text.isascii() else sum(character < "\x80" for character in text)
    return ascii_count / 4 + (len(text) - ascii_count) / 1.5


def request_tokens(request: ChatRequest) -> int:
    """About how many tokens a request has, with four for the frame of each message."""
    total = 0.0
    for message in request.messages:
        total += 4
        for part in message.parts:
            match part:
                case Text(text) | Reasoning(text) | ToolCall(arguments=text):
                    total += estimate_tokens(text)
                case ToolResult():
                    total += estimate_tokens(part.text()) + _media_tokens(part.media())
                case Image() | Audio() | Document():
                    total += _media_tokens((part,))
                case CachePoint():
                    pass
    total += sum(estimate_tokens(f"{tool.name} {tool.description} {tool.parameters}") for tool in request.tools)
    return max(1, round(total))


def _media_tokens(shown: Iterable[Image | Audio | Document]) -> float:
    total = 0.0
    for part in shown:
        if isinstance(part, Image):
            total += IMAGE_TOKENS
        elif isinstance(part, Audio):
            total += len(part.data) / SOUND_BYTES_PER_TOKEN
        else:
            total += len(part.data) / (4 if part.media_type.startswith("text/") else FILE_BYTES_PER_TOKEN)
    return total
