"""Answers that are there before a model is asked: curated ones first, then those that were given before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from freehold.access.subject import Subject
from freehold.gateway.cache import BYPASS, AnswerCache, Lookup
from freehold.gateway.cache.question import question_of
from freehold.gateway.call import Gateway
from freehold.gateway.faq.service import Faq
from freehold.gateway.meter import CallRecord, estimate_tokens, request_tokens
from freehold.kit import clock
from freehold.observability.request_id import current_request_id
from freehold.usage.ledger import Ledger
from freehold.usage.record import Source, UsageRecord
from freehold.wire.request import ChatRequest, Message, Text

ReadyUse = Literal["look", "refresh", "never"]
"""`refresh`: the model is to be asked, and its answer kept; `never`: neither."""

CURATED = "FAQ"
"""Who wrote a curated answer, where exports and shared chats name a model."""

_MEDIA_TYPE = "text/markdown"


@dataclass(frozen=True, slots=True)
class Asking:
    """What a chat asks. `model` is the name that was asked for."""

    subject: Subject
    model: str
    request: ChatRequest
    in_house: bool

    def body(self) -> dict[str, Any] | None:
        """All that decides the answer, in the form that the cache takes; None where there is more than text."""
        if not all(isinstance(part, Text) for message in self.request.messages for part in message.parts):
            return None
        told = {"model": self.model, "messages": [_told(message) for message in self.request.messages]}
        more = {"reasoning_effort": self.request.reasoning_effort, "in_house": self.in_house, **self.request.extra}
        return told | {name: value for name, value in more.items() if value}


@dataclass(frozen=True, slots=True)
class Ready:
    """An answer that is given at once, with its account."""

    record: CallRecord
    text: str


class ReadyAnswers:
    """One per process. It accounts for what it gives: nobody was asked, nothing left the house, nothing was paid."""

    def __init__(self, cache: AnswerCache, faq: Faq, gateway: Gateway, ledger: Ledger) -> None:
        self._cache = cache
        self._faq = faq
        self._gateway = gateway
        self._ledger = ledger

    async def find(self, asking: Asking, use: ReadyUse) -> Ready | Lookup:
        """An answer to give, or what the model's is to be kept under."""
        body = asking.body() if use != "never" else None
        if body is None:
            return BYPASS
        began = clock.monotonic()
        if use == "look" and self._faq.settings.chat:
            question = question_of(body)
            if not asking.in_house:  # nothing of a chat with the lock is counted anywhere
                self._faq.note(asking.subject, question)
            curated = self._faq.find(asking.subject, question)
            if curated is not None:
                self._faq.count(curated.id)
                tokens = request_tokens(asking.request), max(1, round(estimate_tokens(curated.answer)))
                cached = _cached("faq", curated.id, curated.as_of)
                used = self.account(
                    asking.subject,
                    asking.model,
                    model=asking.model,
                    tokens=tokens,
                    began=began,
                    state="faq",
                    source="chat",
                )
                return Ready(_record(asking.model, used, cached, CURATED), curated.answer)
        found = await self._cache.find_for_chat(asking.subject, body, looks=use == "look")
        if found.entry is None:
            return found
        entry = found.entry
        tokens = entry.input_tokens, entry.output_tokens
        used = self.account(
            asking.subject,
            asking.model,
            model=entry.model,
            tokens=tokens,
            began=began,
            state=found.state,
            source="chat",
        )
        cached = _cached(
            "exact" if found.state == "hit" else "similar", found.key.hex(), datetime.fromtimestamp(entry.made_at, UTC)
        )
        return Ready(_record(entry.model, used, cached, entry.model.partition("/")[0]), entry.body.decode())

    def keep(self, found: Lookup, record: CallRecord | None, text: str | None) -> None:
        """Keep a model's answer for the next time, when it is whole; its account then says so. `text` None: not one."""
        if record is None or not text or record.finish_reason != "stop":
            return
        if self._cache.keep(found, text.encode(), _MEDIA_TYPE, record.model, record.own_tokens):
            record.cached = _cached("kept", found.key.hex(), clock.now())

    async def dislike(self, subject: Subject, cached: Mapping[str, Any]) -> None:
        """An answer was rated bad: it is given no more, or an administrator sees it. Raises StorageError."""
        if cached["kind"] == "faq":
            await self._faq.dislike(cached["key"])
        else:
            await self._cache.forget(self._cache.tenant(subject), bytes.fromhex(cached["key"]))

    def account(
        self,
        subject: Subject,
        requested: str,
        *,
        model: str,
        tokens: tuple[int | None, int | None],
        began: float,
        state: str,
        source: Source = "api",
    ) -> UsageRecord:
        """Write down what was given; `tokens`: read and written for the whole answer, which were saved now."""
        grant = subject.grant
        record = UsageRecord(
            at=clock.now(),
            user_id=subject.user_id,
            key_id=grant.key_id if grant else None,
            source=source,
            requested=requested,
            model=model,
            provider_id=model.partition("/")[0],
            self_hosted=True,
            status="ok",
            input_tokens=0,
            output_tokens=0,
            cost_usd=0.0,
            duration_ms=clock.milliseconds(clock.monotonic() - began),
            attempts=0,
            cache=state,
            request_id=current_request_id(),
        )
        self._gateway.baseline.of_hit(subject, record, *tokens)
        self._ledger.record(record)
        return record


def _told(message: Message) -> dict[str, Any]:
    return {"role": message.role, "content": "".join(part.text for part in message.parts if isinstance(part, Text))}


def _cached(kind: str, key: str, made_at: datetime) -> dict[str, Any]:
    return {"kind": kind, "key": key, "made_at": made_at}


def _record(model: str, used: UsageRecord, cached: dict[str, Any], provider_name: str) -> CallRecord:
    return CallRecord(
        model=model,
        model_id=CURATED if provider_name == CURATED else model.partition("/")[2] or model,
        provider_id=used.provider_id,
        provider_name=provider_name,
        self_hosted=True,
        input_tokens=0,
        output_tokens=0,
        cost_usd=0.0,
        duration_ms=used.duration_ms,
        finish_reason="stop",
        cached=cached,
    )
