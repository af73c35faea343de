"""No secret leaves in a log line, known or only looking like one; ordinary words stay."""

import pytest

from freehold.observability import redaction
from freehold.observability.redaction import REDACTED, redact, register_secrets


@pytest.mark.parametrize(
    "line",
    [
        "key sk-proj-{s} refused",
        "fh_abcdefgh_{s}",
        "Authorization: Bearer {s}",
        '{{"authorization": "Bearer {s}"}}',
        "Basic dXNlcjo{s}",
        "Cookie: __Host-session={s}; theme=dark",
        "set-cookie: session={s}; Path=/",
        "x-api-key: {s}",
        "POST /v1?api_key={s}&x=1",
        '{{"password": "{s}"}}',
        "postgresql://freehold:{s}@db:5432/chat",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.{s}",
        "AIzaSy{s}",
        "gsk_{s}",
        "token={s}",
    ],
)
def test_what_looks_like_a_secret_is_taken_out(line: str) -> None:
    secret = "aB3dE5fG7hI9jK1lM3nO5pQ7"
    cleaned = redact(line.format(s=secret))
    assert secret not in cleaned
    assert REDACTED in cleaned


def test_known_secrets_are_taken_out_wherever_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_known", set())
    monkeypatch.setattr(redaction, "_known_pattern", None)
    register_secrets(["correct horse", "correct horse battery", None, "", "abc"])
    assert redact("it was correct horse battery!") == f"it was {REDACTED}!"
    assert redact("correct horse abc") == f"{REDACTED} abc", "a short one would black out ordinary words"


@pytest.mark.parametrize(
    "line",
    [
        "GET /api/threads 200",
        "the task-force asked for 12 tokens per second",
        "session list for user 01a20700-ca21-707b-b642-2a408dfce3b4",
        "https://example.com:8443/path?x=1",
        "sk-short",
    ],
)
def test_ordinary_lines_stay_as_they_are(line: str) -> None:
    assert redact(line) == line
