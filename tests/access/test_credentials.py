"""The API key of a raw request: three headers, one key, and no guess between two."""

import timeit

import pytest

from freehold.access.credentials import credential
from freehold.errors import TwoCredentials


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ([], None),
        ([(b"authorization", b"Bearer fh_1")], "fh_1"),
        ([(b"authorization", b"bearer  fh_1 ")], "fh_1"),
        ([(b"x-api-key", b"fh_1")], "fh_1"),
        ([(b"api-key", b"fh_1")], "fh_1"),
        ([(b"authorization", b"Bearer fh_1"), (b"x-api-key", b"fh_1")], "fh_1"),
        ([(b"authorization", b"Basic dTpw"), (b"x-api-key", b"fh_1")], "fh_1"),
        ([(b"authorization", b"Basic dTpw")], None),
        ([(b"authorization", b"Bearer")], None),
        ([(b"authorization", b"Bearer "), (b"x-api-key", b"")], None),
        ([(b"authorization", b"fh_1")], None),
        ([(b"cookie", b"__Host-session=fh_1"), (b"x-goog-api-key", b"fh_1")], None),
        ([(b"x-api-key", b"\xff")], "\xff"),
    ],
)
def test_where_a_key_is_found(headers: list[tuple[bytes, bytes]], key: str | None) -> None:
    assert credential(headers, dict(headers)) == key


@pytest.mark.parametrize(
    "headers",
    [
        [(b"authorization", b"Bearer fh_1"), (b"x-api-key", b"fh_2")],
        [(b"authorization", b"Bearer fh_1"), (b"authorization", b"Bearer fh_2")],
        [(b"api-key", b"fh_1"), (b"x-api-key", b"fh_2")],
    ],
)
def test_two_keys_are_refused(headers: list[tuple[bytes, bytes]]) -> None:
    with pytest.raises(TwoCredentials) as refused:
        credential(headers, dict(headers))
    assert refused.value.status == 400
    assert "fh_" not in refused.value.message


def test_it_is_quick() -> None:
    headers = [(b"host", b"x"), (b"user-agent", b"y"), (b"content-type", b"application/json")] * 4
    headers.append((b"authorization", b"Bearer fh_12345678_" + b"x" * 43))
    assert min(timeit.repeat(lambda: credential(headers, dict(headers)), number=2_000, repeat=5)) / 2_000 < 50e-6
