"""Cross-site writes are refused, and nothing else is."""

import pytest

from freehold.access.origin import own_origins, require_plain_body, require_same_origin, transport_of
from freehold.errors import CrossSiteRequest, UnsupportedMedia

OURS = own_origins("http", "127.0.0.1:3210", "https://chat.example.org/")


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"origin": "http://127.0.0.1:3210"},
        {"origin": "https://chat.example.org"},
    ],
)
def test_own_pages_and_typed_addresses_pass(headers: dict[str, str]) -> None:
    require_same_origin(headers, OURS)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1:3210"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:3211"},
        {"origin": "https://chat.example.org.evil.example"},
    ],
)
def test_other_pages_and_silent_clients_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(CrossSiteRequest):
        require_same_origin(headers, OURS)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_form_cannot_carry_a_write(kind: str) -> None:
    with pytest.raises(UnsupportedMedia):
        require_plain_body({"content-length": "2", "content-type": kind})


def test_json_uploads_and_empty_bodies_pass() -> None:
    require_plain_body({"content-length": "2", "content-type": "application/json; charset=utf-8"})
    require_plain_body({"content-length": "2", "content-type": "multipart/form-data; boundary=x"})
    require_plain_body({})
    require_plain_body({"content-length": "0"})


@pytest.mark.parametrize(
    ("scheme", "host", "expected"),
    [
        ("https", "chat.example.org", "https"),
        ("wss", "chat.example.org", "https"),
        ("http", "localhost:3210", "loopback"),
        ("http", "127.0.0.1:3210", "loopback"),
        ("http", "[::1]:3210", "loopback"),
        ("http", "[::1]", "loopback"),
        ("http", "192.168.1.5:3210", "plain"),
        ("http", "localhost.evil.example", "plain"),
        ("http", "", "plain"),
    ],
)
def test_how_safe_the_way_is(scheme: str, host: str, expected: str) -> None:
    assert transport_of(scheme, host) == expected
