"""A model server on a real socket that says what a test tells it to, in the wire format of a real vendor.

    async with FakeUpstream(OpenAIDialect()) as fake:
        fake.script = Script(text=["Hel", "lo"], usage=Counts(3, 2))
        config = ProviderConfig(id="p", kind="openai_compatible", name="P", base_url=fake.url)

A `Script` is an answer and, if wanted, what goes wrong with it. Each dialect (tests/fakes/{openai,anthropic,gemini}.py)
turns scripts into the bytes its vendor documents; a new dialect is a subclass of `Dialect`.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self

from aiohttp import web

API_KEY = "test-key-which-is-right"


@dataclass(frozen=True)
class Counts:
    """Tokens as canonical `Usage` has them: `input` includes the cached, `output` the reasoning ones."""

    input: int = 11
    output: int = 7
    cached: int = 0
    reasoning: int = 0


@dataclass(frozen=True)
class Call:
    """A tool call of the answer; `pieces` are the JSON text of the arguments as it arrives."""

    id: str
    name: str
    pieces: tuple[str, ...] = ("{}",)


Fault = Literal[
    "silent",  # takes the request and never answers
    "stuck",  # sends headers, then nothing
    "stall",  # stops after the first half
    "cut",  # breaks the connection after the first half
    "short",  # ends the body properly after the first half, without the protocol's end
    "garbage",  # sends what is no JSON after the first half
    "html",  # status 200 and a web page
    "giant",  # a line of 3 MB
    "midway_error",  # an error object of the vendor after the first half
]


@dataclass(frozen=True)
class Script:
    """An answer: reasoning, then text, then tool calls, then usage and finish, with pauses and faults as wanted."""

    text: tuple[str, ...] = ("Hello", ", ", "world", ".")
    reasoning: tuple[str, ...] = ()
    signature: str | None = None
    calls: tuple[Call, ...] = ()
    usage: Counts | None = Counts()
    finish: Literal["stop", "length", "tool_calls", "content_filter"] = "stop"
    pause_s: float = 0.0  # before each frame
    drip: int | None = None  # bytes per write: frames arrive torn apart
    error: str | None = None  # a name of Dialect.ERRORS
    retry_after: int | None = None
    fault: Fault | None = None


@dataclass
class Recorded:
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    peer: Any = None  # address and port of the connection it came on


class Dialect:
    """One vendor's wire format."""

    prefix = ""  # path of the base URL
    content_type = "text/event-stream"
    # Names of errors every dialect knows: status and body of its own.
    ERRORS: ClassVar[dict[str, tuple[int, Any]]] = {}

    def routes(self, fake: "FakeUpstream") -> list[web.RouteDef]:
        raise NotImplementedError

    def frames(self, script: Script, body: Any) -> list[bytes]:
        """The answer as the pieces the vendor would send, each one event or line."""
        raise NotImplementedError

    def whole(self, script: Script, body: Any) -> Any:
        """The answer as one JSON object, for a request that asks for no stream; None: this vendor always streams."""
        del script, body

    def garbage(self) -> bytes:
        return b'data: {"this is": not JSON\n\n'

    def giant(self) -> Iterator[bytes]:
        """A line without end, in pieces."""
        yield b"data: "
        for _ in range(48):
            yield b"x" * 65536

    def midway_error(self) -> bytes:
        """An error object inside a stream that began well."""
        return b"data: " + json.dumps(self.ERRORS["overloaded"][1]).encode() + b"\n\n"

    def authorized(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") == f"Bearer {API_KEY}"

    def images(self, body: Any) -> list[bytes]:
        """The pictures of a recorded request."""
        raise NotImplementedError

    def schema(self, body: Any) -> Any:
        """The JSON schema that a recorded request asks for."""
        raise NotImplementedError


@dataclass
class FakeUpstream:
    """The running server. `script` holds until it is replaced; `requests` are all that came."""

    dialect: Dialect
    script: Script = field(default_factory=Script)
    check_keys: bool = True
    requests: list[Recorded] = field(default_factory=list)
    models: list[str] = field(default_factory=lambda: ["fake-large", "fake-small"])

    def __post_init__(self) -> None:
        self.url = ""
        self.busy = 0  # answers under way
        self.busiest = 0  # answers at the same time, at most
        self.last_left_at: float | None = None  # when a client closed an answer early (time.monotonic)
        self.connections = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.add_routes(self.dialect.routes(self))
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.host, self.port = host, port
        self.url = f"http://{host}:{port}{self.dialect.prefix}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def wait_idle(self, seconds: float) -> bool:
        """Whether no answer is under way any more within `seconds`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        return self.busy == 0

    async def wait_busy(self, seconds: float = 2.0) -> bool:
        """Whether an answer is under way within `seconds`."""
        until = time.monotonic() + seconds
        while not self.busy and time.monotonic() < until:
            await asyncio.sleep(0.002)
        return self.busy > 0

    # --- what the dialects' routes call -------------------------------------------------------------------------------

    async def record(self, request: web.Request) -> Recorded:
        raw = await request.read()
        recorded = Recorded(
            method=request.method,
            path=request.path,
            query=dict(request.query),
            headers=dict(request.headers),
            body=json.loads(raw) if raw else None,
            peer=request.transport.get_extra_info("peername") if request.transport else None,
        )
        self.requests.append(recorded)
        return recorded

    def refusal(self, request: web.Request) -> web.Response | None:
        """The reply for a wrong key or a scripted error; None when all is well."""
        name = self.script.error
        if name is None and self.check_keys and not self.dialect.authorized(request):
            name = "key"
        if name is None:
            return None
        status, body = self.dialect.ERRORS[name]
        headers = {} if self.script.retry_after is None else {"Retry-After": str(self.script.retry_after)}
        return web.json_response(body, status=status, headers=headers)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Handle one chat request: record it, then play the script with its faults."""
        recorded = await self.record(request)
        if (refused := self.refusal(request)) is not None:
            return refused
        async with self._answering():
            script = self.script
            if script.fault == "silent":
                await asyncio.sleep(3600)
            if script.fault == "html":
                return web.Response(text="<!doctype html><title>Welcome</title>", content_type="text/html")
            if not recorded.body.get("stream") and (whole := self.dialect.whole(script, recorded.body)) is not None:
                await asyncio.sleep(script.pause_s * len(script.text) + (3600 if script.fault == "stuck" else 0))
                return web.json_response(whole)
            response = web.StreamResponse(headers={"Content-Type": self.dialect.content_type})
            await response.prepare(request)
            if script.fault == "stuck":
                await asyncio.sleep(3600)
            frames = self.dialect.frames(script, recorded.body)
            for number, frame in enumerate(frames):
                if script.fault and number == len(frames) // 2 and await self._fail(request, response):
                    return response
                await asyncio.sleep(script.pause_s)
                await self._write(response, frame)
            await response.write_eof()
            return response

    async def _fail(self, request: web.Request, response: web.StreamResponse) -> bool:
        """Do what goes wrong in the middle; True when the answer ends here."""
        match self.script.fault:
            case "stall":
                await asyncio.sleep(3600)
            case "cut":
                if request.transport is not None:
                    request.transport.abort()
                return True
            case "short":
                await response.write_eof()
                return True
            case "garbage":
                await response.write(self.dialect.garbage())
            case "midway_error":
                await response.write(self.dialect.midway_error())
                await response.write_eof()
                return True
            case "giant":
                with contextlib.suppress(ConnectionError):
                    for piece in self.dialect.giant():
                        await response.write(piece)
                return True
        return False

    async def _write(self, response: web.StreamResponse, frame: bytes) -> None:
        step = self.script.drip
        if step is None:
            await response.write(frame)
            return
        for start in range(0, len(frame), step):
            await response.write(frame[start : start + step])
            await asyncio.sleep(0)

    @contextlib.asynccontextmanager
    async def _answering(self) -> AsyncIterator[None]:
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        self._idle.clear()
        try:
            yield
        except asyncio.CancelledError:
            self.last_left_at = time.monotonic()
            raise
        finally:
            self.busy -= 1
            if not self.busy:
                self._idle.set()


def sse(data: Any, event: str | None = None) -> bytes:
    """One server-sent event."""
    head = f"event: {event}\n" if event else ""
    return f"{head}data: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
