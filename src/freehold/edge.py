"""What every request meets before the app: id, log line, metrics, allowed hosts, size limits, security headers.

Plain ASGI, so that a stream whose client went away is cancelled at once.
"""

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from freehold.access.answer_headers import HEADERS, HSTS
from freehold.access.hosts import AllowedHosts
from freehold.errors import FreeholdError, InvalidRequest, PayloadTooLarge
from freehold.observability import metrics, request_id
from freehold.problems import problem, unexpected
from freehold.settings import Settings

_log = logging.getLogger("freehold.access")

MAX_HEADER_BYTES = 16_384
MULTIPART_OVERHEAD = 64_000
QUIET_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})


class Edge:
    """The outermost layer around the app."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.limits = settings.limits
        self.log_requests = settings.log.access
        self.hosts = AllowedHosts(settings)
        self.secure = (settings.server.public_url or "").startswith("https://")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        exchange = _Exchange(scope, send, request_id.begin(headers.get(request_id.HEADER)), self.secure)
        if scope["type"] == "http":
            await self._http(scope, receive, exchange, headers)
        elif self.hosts.allow(headers.get(b"host")):
            await self.app(scope, receive, exchange.send)
        else:
            # closing before the handshake is accepted answers 403
            await send({"type": "websocket.close", "code": 1008, "reason": "unknown host"})

    async def _http(self, scope: Scope, receive: Receive, exchange: "_Exchange", headers: dict[bytes, bytes]) -> None:
        metrics.in_flight.count += 1
        try:
            refusal = self._refusal(scope, headers)
            if refusal is not None:
                await problem(refusal)(scope, receive, exchange.send)
                return
            body = LimitedBody(receive, self._body_limit(headers))
            await self.app(scope, body.receive, exchange.send)
        except FreeholdError as error:  # from a layer between this one and the app, such as the body limit
            await exchange.refuse(problem(error), scope, receive)
        except Exception:  # noqa: BLE001 - the last resort: the client gets a code, the log gets the details
            _log.exception("unexpected error", extra={"method": scope["method"], "path": scope["path"]})
            await exchange.refuse(unexpected(), scope, receive)
        finally:
            metrics.in_flight.count -= 1
            exchange.finish(self.log_requests)

    def _refusal(self, scope: Scope, headers: dict[bytes, bytes]) -> FreeholdError | None:
        if not self.hosts.allow(headers.get(b"host")):
            return InvalidHost()
        if len(scope["raw_path"] or b"") + len(scope["query_string"]) > self.limits.url_bytes:
            return UrlTooLong(f"The address is longer than {self.limits.url_bytes} bytes.")
        if b"%00" in (scope["raw_path"] or b"") + scope["query_string"]:
            return InvalidRequest("The address holds the character NUL.", next_step="Correct the address.")
        if sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADER_BYTES:
            return HeadersTooLarge(f"The headers are larger than {MAX_HEADER_BYTES} bytes.")
        length = headers.get(b"content-length")
        if length is not None and (not length.isdigit() or int(length) > self._body_limit(headers)):
            return too_large(self._body_limit(headers))
        return None

    def _body_limit(self, headers: dict[bytes, bytes]) -> int:
        if headers.get(b"content-type", b"").lower().startswith(b"multipart/form-data"):
            return self.limits.file_bytes + MULTIPART_OVERHEAD
        return self.limits.json_bytes


class InvalidHost(InvalidRequest):
    """The Host header names a machine that this server was not told it is."""

    code, status = "unknown_host", 400
    default_next_step = "Use the server's own address, or add the host name to FREEHOLD_ALLOWED_HOSTS."

    def __init__(self) -> None:
        super().__init__("This server does not answer under that host name.")


class HeadersTooLarge(InvalidRequest):
    code, status = "headers_too_large", 431
    default_next_step = "Delete this site's cookies and try again."


class UrlTooLong(InvalidRequest):
    code, status = "url_too_long", 414
    default_next_step = "Send what is long in the body of the request."


def too_large(limit: int) -> PayloadTooLarge:
    """The refusal that names the limit, in megabytes as people write them."""
    return PayloadTooLarge(f"The request is larger than {limit / 1_000_000:g} MB.", limit_bytes=limit)


class LimitedBody:
    """Counts the body as it arrives: a length that was not announced, or was announced wrongly, is limited as well."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._seen = 0

    async def receive(self) -> Message:
        """The next message; raises PayloadTooLarge past the limit."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._seen += len(message.get("body", b""))
            if self._seen > self._limit:
                raise too_large(self._limit)
        return message


class _Exchange:
    """One request and its answer: completes the headers and knows what to log."""

    def __init__(self, scope: Scope, send: Send, identifier: str, secure: bool) -> None:
        self._scope = scope
        self._send = send
        self._id = identifier
        self._secure = secure or scope["scheme"] in ("https", "wss")
        self._started = time.perf_counter()
        self._first_byte: float | None = None
        self._status = 0

    async def send(self, message: Message) -> None:
        """Pass a message on; the first one gets the headers of every answer."""
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            self._first_byte = time.perf_counter()
            self._status = message["status"]
            present = {name.lower() for name, _ in message["headers"]}
            headers = list(message["headers"])
            for name, value in HEADERS.items():
                if name.encode() not in present:
                    headers.append((name.encode(), value.encode()))
            if self._secure and b"strict-transport-security" not in present:
                headers.append((b"strict-transport-security", HSTS.encode()))
            if request_id.HEADER not in present:
                headers.append((request_id.HEADER, self._id.encode()))
            message = {**message, "headers": headers}
        await self._send(message)

    async def refuse(self, response: ASGIApp, scope: Scope, receive: Receive) -> None:
        """Answer with an error unless an answer is under way already; then the connection just ends."""
        if self._first_byte is None:
            await response(scope, receive, self.send)

    def finish(self, log: bool) -> None:
        """Count and log the request."""
        now = time.perf_counter()
        scope = self._scope
        route = route_of(scope)
        status = self._status or 499  # the client left before the first byte
        method = scope["method"] if scope["method"] in _METHODS else "other"
        metrics.count_request(method, route, status, (self._first_byte or now) - self._started)
        if not log or scope["path"] in QUIET_PATHS:
            return
        client = scope.get("client")
        subject = scope.get("state", {}).get("subject")
        _log.info(
            "%s %s %s",
            scope["method"],
            scope["path"],
            status,
            extra={
                "milliseconds": round((now - self._started) * 1000, 1),
                "client": client[0] if client else None,
                "user_id": getattr(subject, "user_id", None),
            },
        )


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def route_of(scope: Scope) -> str:
    """The route's template, so that ids and invented paths never become labels."""
    route = scope.get("route")
    path = getattr(route, "path", None)
    if path:
        return str(path)
    return "/assets" if scope["path"].startswith("/assets/") else "other"
