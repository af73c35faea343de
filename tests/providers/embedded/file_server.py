"""A server of files over a real socket that can do what real ones do wrong."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Self

from aiohttp import web


@dataclass
class FileServer:
    """Serves `files` by path, with Range and If-Range. `cut_after`: bytes of a reply before the connection breaks."""

    files: dict[str, bytes] = field(default_factory=dict)
    pages: dict[str, tuple[str, str]] = field(default_factory=dict)  # path -> content type and body
    cut_after: int | None = None
    cuts: int = 0  # how many replies are still to be cut
    ranges: bool = True
    etag: str | None = '"v1"'
    pause_s: float = 0.0  # after each 64 kB
    status: int | None = None
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    url: str = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self.seen.append((request.path, dict(request.headers)))
        if self.status is not None:
            return web.Response(status=self.status)
        if request.path in self.pages:
            kind, page = self.pages[request.path]
            return web.Response(body=page.encode(), headers={"Content-Type": kind})
        if request.path not in self.files:
            return web.Response(status=404)
        return await self._send(request, self.files[request.path])

    async def _send(self, request: web.Request, data: bytes) -> web.StreamResponse:
        start = self._start(request)
        if start is not None and start >= len(data):
            return web.Response(status=416)
        headers = {"Content-Length": str(len(data) - (start or 0))}
        if self.etag:
            headers["ETag"] = self.etag
        if start is not None:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        reply = web.StreamResponse(status=200 if start is None else 206, headers=headers)
        await reply.prepare(request)
        body = data[start or 0 :]
        cut = self.cut_after if self.cuts > 0 else None
        with contextlib.suppress(ConnectionError):
            for position in range(0, len(body) if cut is None else min(cut, len(body)), 65536):
                end = position + 65536 if cut is None else min(position + 65536, cut)
                await reply.write(body[position:end])
                await asyncio.sleep(self.pause_s)
            if cut is not None:
                self.cuts -= 1
                assert request.transport is not None
                await asyncio.sleep(0.01)
                request.transport.close()
        return reply

    def _start(self, request: web.Request) -> int | None:
        wanted = request.headers.get("Range")
        if not wanted or not self.ranges or request.headers.get("If-Range", self.etag) != self.etag:
            return None
        return int(wanted.removeprefix("bytes=").removesuffix("-"))


@contextlib.asynccontextmanager
async def serving(**files: bytes) -> AsyncIterator[FileServer]:
    """A server with these files under /NAME."""
    async with FileServer({f"/{name}": data for name, data in files.items()}) as server:
        yield server
