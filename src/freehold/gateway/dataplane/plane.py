"""The ASGI callable of /v1 and /ollama: who calls, which endpoint, and every failure in the caller's own dialect."""

import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Protocol

import orjson
from starlette.types import Receive, Scope, Send

from freehold.access.credentials import credential
from freehold.access.hosts import AllowedHosts
from freehold.access.rights import require_address, require_scope
from freehold.access.subject import Subject
from freehold.deps import Services
from freehold.errors import FreeholdError, InvalidRequest, KeyMissing, NotFound
from freehold.gateway.attempts import Askable, Routed
from freehold.gateway.dataplane.cors import Cors
from freehold.gateway.dataplane.dialects import Dialect, dialect_for
from freehold.gateway.dataplane.exchange import ClientLeft, Exchange, Header
from freehold.gateway.dataplane.refusals import Refusals
from freehold.identity.keys.grant import Scope as KeyScope
from freehold.kit.clock import milliseconds
from freehold.observability import metrics
from freehold.observability.access_log import AccessLog
from freehold.settings import Settings

PREFIXES = ("/v1/", "/ollama/")
STRAYS = frozenset(
    ("/v1", "/ollama", "/chat/completions", "/completions", "/responses", "/embeddings", "/messages", "/models",
     "/images/generations", "/images/edits", "/audio/speech", "/audio/transcriptions", "/audio/translations")
)  # fmt: skip
"""What clients ask whose address lacks the /v1: they are told so in their own shape, not by the web app."""

MOST_SUBJECTS = 10_000
"""So many keys are remembered with whom they act for."""

CLIENT_LEFT = 499  # nginx's number for a client that closed the connection; it is only counted and logged

_log = logging.getLogger("freehold.access")


@dataclass(slots=True)
class Call:
    """What an endpoint gets: the exchange, the dialect of the answer, who calls, and the services."""

    exchange: Exchange
    dialect: Dialect
    subject: Subject
    services: Services

    def allowed(self, name: str) -> bool:
        """Whether the caller may use what the name of a model or an alias stands for."""
        grant = self.subject.grant
        return grant is None or grant.allows_model(name)

    def answer(self, asked: "AskedModel", *, booked: bool = True) -> AsyncGenerator[Routed | bytes]:
        """The pieces of the answer, from whatever the model's name stands for; see Gateway.answer."""
        exchange, tracing = self.exchange, self.services.gateway.tracing
        exchange.asked = asked.model
        if tracing is not None:
            tracing.arrived(exchange.header(b"traceparent"), exchange.header(b"tracestate"))
        return self.services.gateway.answer(self.subject, asked.model, asked, allowed=self.allowed, booked=booked)


class AskedModel(Askable[bytes], Protocol):
    """What a client asks, with the name of the model it names."""

    @property
    def model(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method and path: its route as metrics name it, the scope its key needs, and what answers."""

    route: str
    scope: KeyScope
    answer: Callable[[Call], Awaitable[None]]


class DataPlane:
    """Serves the paths that begin with one of PREFIXES, with the `services` that it is given at the start."""

    services: Services

    def __init__(
        self,
        settings: Settings,
        endpoints: Mapping[tuple[str, str], Endpoint],
        below: Mapping[tuple[str, str], Endpoint],
    ) -> None:
        """`endpoints` by method and path, `below` by method and the beginning of a path."""
        self._hosts = AllowedHosts(settings)
        self._cors = Cors(settings.server.cors_origins) if settings.server.cors_origins else None
        self._secure = (settings.server.public_url or "").startswith("https://")
        self._access_log = AccessLog(settings.log.access)
        self._endpoints = endpoints
        self._below = below
        self._refusals = Refusals(lambda: self.services.usage.ledger)
        self._subjects: dict[str, Subject] = {}  # by the id of the key, each for one state of it

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; never raises but for cancellation."""
        if self._cors is not None:
            if scope["method"] == "OPTIONS" and await self._cors.preflight(scope, send):
                return
            send = self._cors.onto(scope, send)
        started = time.perf_counter()
        exchange = Exchange(scope, receive, send, self._secure)
        dialect = dialect_for(exchange)
        route, subject = "other", None
        metrics.in_flight.count += 1
        try:
            endpoint = self._find(exchange, scope["method"])
            route = endpoint.route
            subject = await self._subject(exchange, endpoint.scope)
            await endpoint.answer(Call(exchange, dialect, subject, self.services))
        except ClientLeft:
            exchange.status = exchange.status or CLIENT_LEFT
        except FreeholdError as error:
            if subject is not None and exchange.noted is dict:  # nobody was asked
                self._refusals.note(subject, exchange.asked, error)
            await refuse(exchange, dialect, error)
        except Exception:  # noqa: BLE001 - the last resort: the client gets a code, the log gets the details
            _log.exception("unexpected error", extra={"method": scope["method"], "path": exchange.path})
            await refuse(exchange, dialect, FreeholdError("Something went wrong on the server."))
        finally:
            metrics.in_flight.count -= 1
            self._note(exchange, route, subject, time.perf_counter() - started)

    async def _subject(self, exchange: Exchange, scope: KeyScope) -> Subject:
        """Who the request's key acts for. Raises KeyMissing and what else is wrong with the key."""
        secret = credential(exchange.headers, exchange.named)
        if secret is None:
            raise KeyMissing
        keys, address = self.services.keys, exchange.address or ""
        grant = keys.known(secret) or await keys.authenticate(secret)
        subject = self._subjects.get(grant.key_id)
        if subject is None or subject.grant is not grant:
            if len(self._subjects) >= MOST_SUBJECTS:
                self._subjects.clear()
            subject = self._subjects[grant.key_id] = Subject.of_key(grant)
        if scope not in grant.scopes:
            require_scope(subject, scope)
        if grant.networks:
            require_address(subject, address)
        keys.note_use(grant, address)
        return subject

    def _find(self, exchange: Exchange, method: str) -> Endpoint:
        if not self._hosts.allow(exchange.named.get(b"host")):
            raise InvalidRequest(
                "This server does not answer under that host name.",
                next_step="Use the server's own address, or add the host name to FREEHOLD_ALLOWED_HOSTS.",
            )
        endpoint = self._endpoints.get((method, exchange.path))
        if endpoint is not None:
            return endpoint
        for (taken, beginning), endpoint in self._below.items():
            if taken == method and exchange.path.startswith(beginning):
                return endpoint
        if exchange.path.rstrip("/") == "/ollama":
            raise NotFound(
                "Ollama's API of this server is below this address.",
                next_step="Ask /ollama/api/version whether it is there; clients want the address with /ollama.",
            )
        known = sorted({path for _, path in (*self._endpoints, *self._below) if path.startswith(exchange.path[:4])})
        raise NotFound(
            f"There is no {method} {exchange.path} here.",
            next_step="Look at the address that the client has: for OpenAI's clients it is this server's with /v1, for "
            f"Ollama's with /ollama, for Anthropic's without either. Here are: {', '.join(known) or 'none'}.",
        )

    def flush(self) -> None:
        """Write the lines of the access log that are waiting; the end of the server."""
        self._access_log.flush()

    def _note(self, exchange: Exchange, route: str, subject: Subject | None, seconds: float) -> None:
        method = exchange.scope["method"] if route != "other" else "other"
        metrics.count_request(method, route, exchange.status, seconds)
        self._access_log.add(
            time.time(),
            {
                "event": f"{method} {route} {exchange.status}",
                "request_id": exchange.id,
                "milliseconds": milliseconds(seconds),
                "client": exchange.address,
                "user_id": subject.user_id if subject else None,
                "key_id": subject.grant.key_id if subject and subject.grant else None,
                **exchange.noted(),
            },
        )


async def refuse(exchange: Exchange, dialect: Dialect, error: FreeholdError) -> None:
    """Answer with an error, unless an answer is under way already; then the connection just ends."""
    if exchange.status:
        return
    status, body = dialect.error_reply(error.body(), error.status)
    if "request_id" in body:  # Anthropic's shape has it in the body, too
        body["request_id"] = exchange.id
    wait = error.params.get("retry_after_s")
    more: list[Header] = [(b"x-freehold-error", error.code.encode())]
    if isinstance(wait, int | float):
        more.append((b"retry-after", str(max(1, ceil(wait))).encode()))
    await exchange.answer(status, orjson.dumps(body, default=str), more=more)
