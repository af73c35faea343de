"""The endpoints that ask a chat model: chat completions and messages, streamed or whole."""

import contextlib
from collections.abc import AsyncGenerator

import orjson

from freehold.errors import FreeholdError, NotFound
from freehold.gateway.admission import Ticket
from freehold.gateway.cache import BYPASS, Lookup
from freehold.gateway.cache.store import Entry
from freehold.gateway.call import Routed
from freehold.gateway.dataplane.answering import Asked
from freehold.gateway.dataplane.exchange import Header
from freehold.gateway.dataplane.plane import Call
from freehold.gateway.meter import CallRecord
from freehold.kit import clock
from freehold.usage.record import UsageRecord


async def ask(call: Call) -> None:
    """Answer one request; failures before the first byte are raised, later ones become the dialect's error frame."""
    exchange, services = call.exchange, call.services
    asked = Asked(call.dialect, await exchange.read_object(services.settings.limits.api_bytes))
    if asked.loads is not None:
        await exchange.answer(200, orjson.dumps(asked.loads))
        return
    found = await _cached(call, asked)
    if found.entry is not None:
        age = str(max(0, round(clock.time() - found.entry.made_at))).encode()
        more = [(b"x-freehold-cache", b"hit"), (b"age", age), (b"x-freehold-model", found.entry.model.encode())]
        more.append((b"x-freehold-cache-key", found.key.hex().encode()))
        await exchange.answer(200, found.entry.body, found.entry.media_type.encode(), more)
        services.usage.ledger.record(_given_again(call, asked, found.entry))
        return
    with exchange.presence(services.gateway.ticker):
        async with contextlib.aclosing(call.answer(asked)) as items:
            await _pass_on(call, asked, items, found)


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
    kept: list[bytes] = []
    try:
        async for item in items:
            if isinstance(item, Routed):
                record, ticket = item.record, item.ticket
                exchange.noted = record.noted
                continue
            if found.keeps and not asked.waits:
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
    if found.keeps and record is not None and not asked.shortened:
        call.services.answer_cache.keep(found, b"".join(kept), asked.media_type.decode(), record.model)


async def _cached(call: Call, asked: Asked) -> Lookup:
    cache, exchange, grant = call.services.answer_cache, call.exchange, call.subject.grant
    header = exchange.header(b"x-freehold-cache")
    if not cache.asked(header) or (grant is not None and not grant.allows_model(asked.model)):
        return BYPASS
    control = exchange.header(b"cache-control")
    return await cache.find(
        cache.tenant(call.subject),
        asked.dialect.name,
        asked.body,
        header.decode("latin-1") if header else None,
        control.decode("latin-1") if control else None,
    )


def _given_again(call: Call, asked: Asked, entry: Entry) -> UsageRecord:
    """What the ledger keeps of an answer from the cache: nobody was asked, nothing left the house, nothing was paid."""
    grant = call.subject.grant
    return UsageRecord(
        at=clock.now(),
        user_id=call.subject.user_id,
        key_id=grant.key_id if grant else None,
        source="api",
        requested=asked.model,
        model=entry.model,
        provider_id=entry.model.partition("/")[0],
        self_hosted=True,
        status="ok",
        input_tokens=0,
        output_tokens=0,
        cost_usd=0.0,
        attempts=0,
        cache="hit",
    )


def _told(call: Call, asked: Asked, record: CallRecord | None, ticket: Ticket | None, found: Lookup) -> list[Header]:
    """What the answer's head says of how it was made, and of what is left under the limits."""
    more: list[Header] = []
    if ticket is not None:
        more += [(name.encode(), value.encode()) for name, value in ticket.headers.items()]
    if asked.position is not None:
        more.append((b"x-freehold-queue", str(asked.position).encode()))
    if record is not None and not asked.waits:  # else another one may answer yet
        more.append((b"x-freehold-model", record.model.encode()))
        more.append((b"x-freehold-self-hosted", b"true" if record.self_hosted else b"false"))
        if record.ignored:
            more.append((b"x-freehold-ignored", ", ".join(record.ignored).encode()))
    if asked.shortened:
        more.append((b"x-freehold-answer-limit", str(asked.size.output_limit).encode()))
    if call.services.answer_cache.enabled:
        more.append((b"x-freehold-cache", found.state.encode()))
        if found.keeps:
            more.append((b"x-freehold-cache-key", found.key.hex().encode()))
    return more
