"""Finds a wheel in a Python package index: the Simple API as JSON (PEP 691), else as HTML (PEP 503)."""

import json
import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx2

from freehold.kit.http import AddressRefused, Door, OutboundHttp
from freehold.providers.embedded.download import SourceFailed

FILE_HOSTS = frozenset({Door("files.pythonhosted.org", 443)})
"""Where pypi.org's own files are; a mirror serves them from its own host."""

_MAX_PAGE_BYTES = 5_000_000
_ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"


async def wheel_url(http: OutboundHttp, index: str, package: str, version: str) -> str:
    """The address of the first wheel of exactly that version. Raises SourceFailed."""
    name = re.sub(r"[-_.]+", "-", package).lower()
    page = f"{index.rstrip('/')}/{name}/"
    host = urlsplit(index).hostname
    try:
        async with http.stream("GET", page, {"Accept": _ACCEPT}) as reply:
            if reply.status_code != 200:
                raise SourceFailed(f"the package index at {host} answered {reply.status_code}.")
            body = bytearray()
            async for chunk in reply.aiter_bytes():
                body += chunk
                if len(body) > _MAX_PAGE_BYTES:
                    raise SourceFailed(f"the package index at {host} sent a page without end.")
            base = str(reply.url)
    except (httpx2.HTTPError, AddressRefused, OSError) as exc:
        raise SourceFailed(f"the package index at {host} cannot be reached ({type(exc).__name__}).") from exc
    links = _json_links(bytes(body)) or _html_links(bytes(body))
    prefix = f"{name.replace('-', '_')}-{version}-"
    for file, url in links:
        if file.lower().startswith(prefix) and file.endswith(".whl"):
            return urljoin(base, url).partition("#")[0]
    raise SourceFailed(f"the package index at {host} does not have {package} {version}.")


def _json_links(body: bytes) -> list[tuple[str, str]]:
    try:
        files = json.loads(body)["files"]
        return [(str(file["filename"]), str(file["url"])) for file in files]
    except (ValueError, KeyError, TypeError):
        return []


def _html_links(body: bytes) -> list[tuple[str, str]]:
    parser = _Links()
    parser.feed(body.decode("utf-8", "replace"))
    return [(urlsplit(link).path.rpartition("/")[2], link) for link in parser.found]


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]
