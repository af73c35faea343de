"""Cross-origin requests of browsers (https://fetch.spec.whatwg.org/#http-cors-protocol), from the origins of a setting.

Keys alone open anything here, and no cookie does, so credentials are never allowed.
"""

import re
from collections.abc import Iterable

from starlette.types import Message, Scope, Send

_METHODS = b"GET, POST, DELETE"
_MAX_AGE = b"600"
_EXPOSED = (
    b"x-request-id, retry-after, age, x-freehold-model, x-freehold-self-hosted, x-freehold-cache, "
    b"x-freehold-cache-key, x-freehold-queue, x-freehold-error, "
    b"x-freehold-answer-limit, x-freehold-ignored, x-ratelimit-limit-requests, x-ratelimit-remaining-requests, "
    b"x-ratelimit-reset-requests, x-ratelimit-limit-tokens, x-ratelimit-remaining-tokens, x-ratelimit-reset-tokens"
)
_NAMES = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+(\s*,\s*[!#$%&'*+\-.^_`|~0-9A-Za-z]+)*")


class Cors:
    """What pages of the allowed origins may do; `*` allows all."""

    def __init__(self, origins: Iterable[str]) -> None:
        self._origins = frozenset(origin.encode() for origin in origins)

    def _allowed(self, scope: Scope) -> bytes | None:
        """The origin that the request came from, if its pages may read the answer."""
        origin = next((value for name, value in scope["headers"] if name == b"origin"), None)
        return origin if origin is not None and (origin in self._origins or b"*" in self._origins) else None

    async def preflight(self, scope: Scope, send: Send) -> bool:
        """Answer a browser's question whether it may send a request; False when this is none, or is not allowed."""
        origin, headers = self._allowed(scope), dict(scope["headers"])
        if origin is None or b"access-control-request-method" not in headers:
            return False
        wanted = headers.get(b"access-control-request-headers", b"")
        answer = [
            (b"access-control-allow-origin", origin),
            (b"access-control-allow-methods", _METHODS),
            (b"access-control-max-age", _MAX_AGE),
            (b"vary", b"origin, access-control-request-headers"),
        ]
        if _NAMES.fullmatch(wanted):  # SDKs send many of their own, none of which does anything
            answer.append((b"access-control-allow-headers", wanted))
        await send({"type": "http.response.start", "status": 204, "headers": answer})
        await send({"type": "http.response.body", "body": b""})
        return True

    def onto(self, scope: Scope, send: Send) -> Send:
        """`send`, with what lets a page of an allowed origin read the answer."""
        origin = self._allowed(scope)
        more = [(b"vary", b"origin")]
        if origin is not None:
            more += [(b"access-control-allow-origin", origin), (b"access-control-expose-headers", _EXPOSED)]

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *more]}
            await send(message)

        return sending
