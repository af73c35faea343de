"""Serves the built web app: hashed assets for ever, the page always fresh, everything precompressed by the build."""

import hashlib
import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import anyio.to_thread
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from freehold.errors import InvalidRequest, NotFound
from freehold.problems import problem

WEB_DIST = Path(__file__).parent / "web_dist"
RESERVED = ("/api", "/v1", "/ollama", "/healthz", "/readyz", "/metrics")
"""Never answered with the web app, so that a mistyped API address is an error and not a page."""

PROBES = "Ask /healthz whether the process is alive, and /readyz whether it can serve."

FRAME_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src data: blob:; font-src 'self' data:; media-src data: blob:; worker-src 'none'; connect-src 'none'; "
    "frame-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
"""For pages that draw what a model wrote: their own scripts only, no network, no origin."""

ARTIFACT_FRAME = "/artifact-frame"
ARTIFACT_HEADERS = {
    "Content-Security-Policy": (
        "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob:; "
        "style-src 'unsafe-inline'; img-src data: blob:; font-src data:; media-src data: blob:; worker-src blob:; "
        "connect-src 'none'; frame-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
    ),
    "Connection-Allowlist": "();webrtc=block",
}
"""For the page that becomes what a model wrote, scripts and all. The second header closes what no content security
policy reaches, such as WebRTC, in the engines that know it (Chromium)."""

PAGES = {ARTIFACT_FRAME: "frames/artifact.html"}
"""Pages of the build that are not named as their file."""

IMMUTABLE = "public, max-age=31536000, immutable"
FRESH = "no-cache"
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
    ".txt": "text/plain",
}
"""Fixed here, because the table of the machine may say something else."""

NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Freehold</title>
<h1>The web app is not built yet</h1>
<p>The server runs, and its API answers. This source tree only lacks the built web app.</p>
<p>Run <code>./start</code>, which builds it, or <code>npm ci &amp;&amp; npm run build</code> in the folder
<code>web</code>, then reload this page.</p>
</html>
"""


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file of the build with its precompressed forms."""

    path: Path
    media_type: str
    etag: str
    immutable: bool
    encodings: tuple[tuple[str, Path], ...]


class WebApp:
    """The ASGI app behind every address that no API route takes."""

    def __init__(self, folder: Path = WEB_DIST) -> None:
        self._folder = folder
        self._files: dict[str, StaticFile] = {}
        self._made: int | None = None  # when the build was made that `_files` is of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        response = await self._answer(scope)
        await response(scope, receive, send)

    async def _answer(self, scope: Scope) -> Response:
        path: str = scope["path"]
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if any(path == prefix or path.startswith(f"{prefix}/") for prefix in RESERVED):
            return problem(NotFound("There is nothing at this address."))
        if path == "/health":  # what many probes ask for by habit: a page would tell them that all is well
            return problem(NotFound("There is nothing at this address.", next_step=PROBES))
        if scope["method"] not in ("GET", "HEAD"):
            return problem(InvalidRequest("This address does not take that method."), 405)
        name = PAGES.get(path) or path.lstrip("/")
        page = name not in self._files and wants_page(path, headers)
        if page or not self._files:
            await anyio.to_thread.run_sync(self._look_again)
        found = self._files.get("index.html" if page else name)
        if found is None and page:
            return HTMLResponse(NOT_BUILT, 503, {"Cache-Control": "no-store"})
        if found is None:
            return problem(NotFound("There is nothing at this address."))
        return await respond(found, path, headers)

    def _look_again(self) -> None:
        """Read the build where it was made anew, as an update does it under a running server. Blocks."""
        try:
            made = (self._folder / "index.html").stat().st_mtime_ns
        except OSError:
            made = None
        if made != self._made:
            self._files, self._made = scan(self._folder), made


def wants_page(path: str, headers: dict[str, str]) -> bool:
    """Whether the app's router should see the address: a page was asked for, not a file of the build."""
    if path.startswith(("/assets/", "/frames/")) or path in PAGES:
        return False
    accept = headers.get("accept", "*/*")
    return "text/html" in accept or ("*/*" in accept and "." not in path.rpartition("/")[2])


def scan(folder: Path) -> dict[str, StaticFile]:
    """Every file of the build by its path; empty when there is no build. Blocks."""
    return dict(_entries(folder)) if (folder / "index.html").is_file() else {}


def _entries(folder: Path) -> Iterator[tuple[str, StaticFile]]:
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.suffix in (".br", ".gz"):
            continue
        name = path.relative_to(folder).as_posix()
        guess = TYPES.get(path.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        text = guess.startswith("text/") or guess in ("image/svg+xml", "application/json", "application/manifest+json")
        forms = tuple((encoding, path.with_name(path.name + end)) for encoding, end in ENCODINGS)
        yield (
            name,
            StaticFile(
                path=path,
                media_type=f"{guess}; charset=utf-8" if text else guess,
                etag=hashlib.sha256(path.read_bytes()).hexdigest()[:32],
                immutable=name.startswith("assets/"),
                encodings=tuple((encoding, form) for encoding, form in forms if form.is_file()),
            ),
        )


async def respond(file: StaticFile, path: str, request_headers: dict[str, str]) -> Response:
    """The file in the best encoding that the client takes, or 304 when it has it already."""
    encoding, chosen = best_encoding(file, request_headers.get("accept-encoding", ""))
    tag = f'"{file.etag}{"-" + encoding if encoding else ""}"'
    headers = {"ETag": tag, "Cache-Control": IMMUTABLE if file.immutable else FRESH}
    if file.encodings:
        headers["Vary"] = "Accept-Encoding"
    if path.startswith("/frames/"):
        headers["Content-Security-Policy"] = FRAME_POLICY
    if path == ARTIFACT_FRAME:
        headers |= ARTIFACT_HEADERS
    if path.startswith("/s/"):
        headers["X-Robots-Tag"] = "noindex, nofollow"  # a shared chat is for those who have its link
    if path.startswith(("/frames/", "/assets/")):
        # a sandboxed frame has no origin of its own, so even our own files are cross-origin to it; they are public
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        headers["Access-Control-Allow-Origin"] = "*"
    sent = {item.strip().removeprefix("W/") for item in request_headers.get("if-none-match", "").split(",")}
    if tag in sent or "*" in sent:
        return Response(status_code=304, headers=headers)
    if encoding:
        headers["Content-Encoding"] = encoding
    body = await anyio.to_thread.run_sync(chosen.read_bytes)
    return Response(body, headers=headers, media_type=file.media_type)


def best_encoding(file: StaticFile, accept: str) -> tuple[str | None, Path]:
    """The smallest form that `Accept-Encoding` allows (RFC 9110, section 12.5.3)."""
    accepted = _accepted(accept)
    for encoding, form in file.encodings:
        if encoding in accepted:
            return encoding, form
    return None, file.path


@lru_cache(64)
def _accepted(accept: str) -> frozenset[str]:
    taken = set()
    for item in accept.lower().split(","):
        name, _, parameters = item.partition(";")
        quality = parameters.strip().removeprefix("q=").strip()
        if quality.replace("0", "").replace(".", "") or not parameters:
            taken.add(name.strip())
    return frozenset(taken)
