"""The endpoints beside chat, which go on as they came: embeddings, images, speech."""

import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import orjson

from freehold.errors import ProviderProtocolError
from freehold.gateway.call import Routed
from freehold.gateway.dataplane.answering import WHOLE_ANSWER_S, broken
from freehold.gateway.dataplane.beside import Beside
from freehold.gateway.dataplane.plane import Call
from freehold.gateway.dataplane.sizing import measured
from freehold.gateway.meter import Meter, Size, request_tokens
from freehold.kit import clock
from freehold.providers.service import Resolved
from freehold.wire.anthropic_messages import count_reply, parse_count
from freehold.wire.events import Usage
from freehold.wire.openai_chat import usage_in


class Forwarded(Beside):
    """A request whose body is JSON."""

    def __init__(self, kind: str, body: dict[str, Any]) -> None:
        super().__init__(kind, body, Size(measured(body)[0]))
        self.body = body
        if kind == "openai_embeddings":
            self.operation = "embeddings"

    async def open(self, resolved: Resolved, meter: Meter) -> AsyncGenerator[bytes]:
        """The provider's answer, in pieces where it is no JSON. Raises ModelCannot where there is no such endpoint."""
        provider = self.taker(resolved)
        async with provider.relay(self.kind, self.body, resolved.model_id, first_byte_s=WHOLE_ANSWER_S) as reply:
            self.media_type = reply.headers.get("Content-Type", "application/json").encode("latin-1")
            if not self.media_type.startswith(b"application/json"):
                while chunk := await reply.next():
                    meter.began(clock.monotonic())
                    yield chunk
                meter.told(None, "stop")
                return
            content = await reply.read()
        try:
            answer = orjson.loads(content)
        except ValueError as error:
            raise broken(resolved, "sent an answer that is not JSON") from error
        if not isinstance(answer, dict):
            raise broken(resolved, "sent an answer that is not as its protocol says")
        meter.began(clock.monotonic())
        meter.told(usage_in(answer), "stop")
        yield content


class Counted(Forwarded):
    """Anthropic's count of a request's tokens: the provider's own where it counts, else our estimate."""

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__("anthropic_count_tokens", body)
        self._request = parse_count(body)

    async def open(self, resolved: Resolved, meter: Meter) -> AsyncGenerator[bytes]:
        """One JSON object."""
        if resolved.provider.speaks(self.kind):
            async with contextlib.aclosing(super().open(resolved, meter)) as pieces:
                async for piece in pieces:
                    yield piece
            return
        meter.began(clock.monotonic())
        meter.told(Usage(0, 0), "stop")
        yield orjson.dumps(count_reply(request_tokens(self._request)))


async def forward(call: Call, kind: str) -> None:
    """Answer one request of that kind."""
    body = await call.exchange.read_object(call.services.settings.limits.api_bytes)
    await _pass_on(call, Forwarded(kind, body))


async def count(call: Call) -> None:
    """Answer how many tokens a request of Anthropic's messages has."""
    body = await call.exchange.read_object(call.services.settings.limits.api_bytes)
    await _pass_on(call, Counted(body), booked=False)


async def embed(call: Call) -> None:
    """Ollama's embeddings, by way of OpenAI's."""
    body = await call.exchange.read_object(call.services.settings.limits.api_bytes)
    told = {name: body[name] for name in ("model", "input", "dimensions") if body.get(name) is not None}
    asked = Forwarded("openai_embeddings", told)
    pieces: list[bytes] = []
    with call.exchange.presence(call.services.gateway.ticker):
        async with contextlib.aclosing(call.answer(asked)) as items:
            async for item in items:
                if isinstance(item, Routed):
                    call.exchange.noted = item.record.noted
                else:
                    pieces.append(item)
    answer = orjson.loads(b"".join(pieces))
    try:
        vectors = [entry["embedding"] for entry in answer["data"]]
    except (KeyError, TypeError) as error:
        raise ProviderProtocolError(
            f"The provider of {asked.model} sent embeddings that are not as its protocol says.",
            provider=asked.model.partition("/")[0],
            provider_id=asked.model.partition("/")[0],
        ) from error
    counts = usage_in(answer)
    reply = {"model": asked.model, "embeddings": vectors, "prompt_eval_count": counts.input_tokens if counts else 0}
    await call.exchange.answer(200, orjson.dumps(reply))


async def _pass_on(call: Call, asked: Forwarded, *, booked: bool = True) -> None:
    exchange = call.exchange
    with exchange.presence(call.services.gateway.ticker):
        async with contextlib.aclosing(call.answer(asked, booked=booked)) as items:
            async for item in items:
                if isinstance(item, Routed):
                    exchange.noted = item.record.noted
                    continue
                if not exchange.status:
                    await exchange.begin(200, asked.media_type)
                await exchange.write(item)
        await exchange.end()
