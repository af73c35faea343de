"""The endpoints that ask a chat model: chat completions and messages, streamed or whole."""

from collections.abc import AsyncGenerator
from urllib.parse import quote, unquote

import orjson

from freehold.errors import FreeholdError, NotFound
from freehold.gateway.admission import Ticket
from freehold.gateway.cache import BYPASS, Lookup
from freehold.gateway.cache.question import question_of
from freehold.gateway.cache.service import wish
from freehold.gateway.call import Routed
from freehold.gateway.dataplane.answering import Asked
from freehold.gateway.dataplane.exchange import Header
from freehold.gateway.dataplane.plane import Call
from freehold.gateway.meter import CallRecord, estimate_tokens
from freehold.gateway.routing.pipeline.decision import header
from freehold.kit import clock
from freehold.kit.ids import new_id
from freehold.wire.dialect import AnswerHead
from freehold.wire.events import Finish, TextDelta, Usage

_CONSENT, _CACHE, _CONTROL = b"x-freehold-consent", b"x-freehold-cache", b"cache-control"
_NOTHING: frozenset[str] = frozenset()


async def ask(call: Call) -> None:
    """Answer one request; failures before the first byte are raised, later ones become the dialect's error frame."""
    exchange, services = call.exchange, call.services
    asked = Asked(
        call.dialect,
        await exchange.read_object(services.settings.limits.api_bytes),
        _consent(consent) if (consent := exchange.named.get(_CONSENT)) is not None else _NOTHING,
    )
    if asked.loads is not None:
        await exchange.answer(200, orjson.dumps(asked.loads))
        return
    began = clock.monotonic()
    if await _curated(call, asked, began):
        return
    found = await _cached(call, asked)
    if found.entry is not None:
        age = str(max(0, round(clock.time() - found.entry.made_at))).encode()
        more = [
            (b"x-freehold-cache", found.state.encode()),
            (b"age", age),
            (b"x-freehold-model", found.entry.model.encode()),
        ]
        more.append((b"x-freehold-cache-key", found.key.hex().encode()))
        await exchange.answer(200, found.entry.body, found.entry.media_type.encode(), more)
        tokens = found.entry.input_tokens, found.entry.output_tokens
        services.ready.account(
            call.subject, asked.model, model=found.entry.model, tokens=tokens, began=began, state=found.state
        )
        return
    with exchange.presence(services.gateway.ticker):
        items = call.answer(asked)
        try:
            await _pass_on(call, asked, items, found)
        finally:
            await items.aclose()


async def forget(call: Call) -> None:
    """Forget the cached answer that the rest of the path names, as `x-freehold-cache-key` told. Raises NotFound."""
    cache, name = call.services.answer_cache, call.exchange.path.removeprefix("/v1/cache/")
    try:
        key = bytes.fromhex(name)
    except ValueError:
        key = b""
    if not await cache.forget(cache.tenant(call.subject), key):
        raise NotFound("No answer that this key can get has that name.")
    await call.exchange.answer(204, b"")


async def _pass_on(call: Call, asked: Asked, items: AsyncGenerator[Routed | bytes], found: Lookup) -> None:
    exchange = call.exchange
    record: CallRecord | None = None
    ticket: Ticket | None = None
    keeps, kept = found.keeps, list[bytes]()
    try:
        async for item in items:
            if isinstance(item, Routed):
                record, ticket = item.record, item.ticket
                exchange.noted = record.noted
                continue
            if keeps and not asked.waits:
                kept.append(item)
            if asked.stream and item:
                if not exchange.status:
                    await exchange.begin(200, asked.media_type, _told(call, asked, record, ticket, found))
                await exchange.write(item)
            elif item:
                await exchange.answer(200, item, asked.media_type, _told(call, asked, record, ticket, found))
    except FreeholdError as error:
        if not exchange.status:
            raise
        await exchange.write(asked.error_frame(error))
        await exchange.end()
        return
    if asked.stream:
        await exchange.end()
    if keeps and record is not None and not asked.shortened:
        kind, tokens = asked.media_type.decode(), record.own_tokens
        call.services.answer_cache.keep(found, b"".join(kept), kind, record.model, tokens)


def _consent(header: bytes) -> frozenset[str]:
    """Names of classes, percent-encoded or in UTF-8 as they are."""
    return frozenset(unquote(name) for part in header.decode(errors="replace").split(",") if (name := part.strip()))


def _header(call: Call, name: bytes) -> str | None:
    value = call.exchange.named.get(name)
    return None if value is None else value.decode("latin-1")


async def _curated(call: Call, asked: Asked, began: float) -> bool:
    """Whether an administrator's answer was there, and is given; else the question may be counted."""
    faq, exchange = call.services.faq, call.exchange
    mode = faq.settings.api
    if mode == "off" or (mode == "on_request" and _CACHE not in exchange.named) or not call.allowed(asked.model):
        return False
    wanted = wish(mode, _header(call, _CACHE), _header(call, _CONTROL))
    question = question_of(asked.body) if wanted.keeps else None
    faq.note(call.subject, question)
    curated = faq.find(call.subject, question) if wanted.looks else None
    if curated is None:
        return False
    options = asked.parsed.options
    read, written = asked.size.input_tokens, max(1, round(estimate_tokens(curated.answer)))
    head = AnswerHead(new_id(), asked.model, int(clock.time()), read)
    events = [TextDelta(curated.answer), Usage(0, 0), Finish("stop")]
    if asked.stream:
        encoder = asked.dialect.encoder(head, options)
        body = encoder.start() + b"".join(map(encoder.feed, events)) + encoder.finish()
    else:
        body = orjson.dumps(asked.dialect.fold(events, head, options))
    age = str(max(0, round(clock.time() - curated.as_of.timestamp()))).encode()
    more = [(b"x-freehold-cache", b"faq"), (b"age", age), (b"x-freehold-self-hosted", b"true")]
    await exchange.answer(200, body, asked.media_type, more)
    faq.count(curated.id)
    tokens = read, written
    call.services.ready.account(call.subject, asked.model, model=asked.model, tokens=tokens, began=began, state="faq")
    return True


async def _cached(call: Call, asked: Asked) -> Lookup:
    cache, exchange, grant = call.services.answer_cache, call.exchange, call.subject.grant
    if not cache.asked(exchange.named.get(_CACHE)) or (grant is not None and not grant.allows_model(asked.model)):
        return BYPASS
    return await cache.find(
        call.subject,
        asked.dialect.name,
        asked.body,
        _header(call, _CACHE),
        _header(call, _CONTROL),
    )


def _told(call: Call, asked: Asked, record: CallRecord | None, ticket: Ticket | None, found: Lookup) -> list[Header]:
    """What the answer's head says of how it was made, and of what is left under the limits."""
    more: list[Header] = []
    if ticket is not None and (headers := ticket.headers):
        more += [(name.encode(), value.encode()) for name, value in headers.items()]
    if asked.position is not None:
        more.append((b"x-freehold-queue", str(asked.position).encode()))
    if record is not None and not asked.waits:  # else another one may answer yet
        more.append((b"x-freehold-model", record.model.encode()))
        more.append((b"x-freehold-self-hosted", b"true" if record.self_hosted else b"false"))
        if record.route is not None:
            told = header(record.route, len(record.skipped), record.model)
            more.append((b"x-freehold-route", told.encode()))
        if record.passed is not None and not record.self_hosted and record.passed.hidden:
            told = ", ".join(f"{quote(kind, safe='')}={count}" for kind, count in record.passed.hidden.items())
            more.append((b"x-freehold-hidden", told.encode()))
        if record.ignored:
            more.append((b"x-freehold-ignored", ", ".join(record.ignored).encode()))
    if asked.shortened:
        more.append((b"x-freehold-answer-limit", str(asked.size.output_limit).encode()))
    if call.services.answer_cache.enabled:
        more.append((b"x-freehold-cache", found.state.encode()))
        if found.keeps:
            more.append((b"x-freehold-cache-key", found.key.hex().encode()))
    return more
