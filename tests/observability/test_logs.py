"""One line per event, with the request id, from every logger, without secrets."""

import json
import logging
import sys
import warnings
from collections.abc import Iterator

import pytest

from freehold.observability import logs, request_id


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(False)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_json_lines_from_every_kind_of_logger(capsys: pytest.CaptureFixture[str]) -> None:
    import structlog

    logs.configure("info", "json")
    request_id.begin(b"request-1234")
    logging.getLogger("freehold.x").info("hello %s", "you", extra={"user_id": "u1"})
    structlog.get_logger("freehold.y").warning("provider_shadowed", name="n", message="m", count=3)
    logging.getLogger("uvicorn.error").error("oh")
    logging.getLogger("freehold.x").debug("not shown")
    warnings.warn("careful", stacklevel=1)
    found = lines(capsys)
    assert [line["event"] for line in found[:3]] == ["hello you", "provider_shadowed", "oh"]
    assert found[0]["user_id"] == "u1"
    assert (found[1]["name"], found[1]["message"], found[1]["count"]) == ("n", "m", 3)
    assert {line["request_id"] for line in found} == {"request-1234"}
    assert "careful" in str(found[3]["event"])


def test_a_traceback_is_on_the_same_line_and_redacted(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json")
    key = "sk-proj-aB3dE5fG7hI9jK1lM3nO5pQ7"
    try:
        raise ValueError(f"key {key}\nis wrong")
    except ValueError:
        logging.getLogger("freehold.x").exception("failed with %s", key)
    (line,) = lines(capsys)
    assert "ValueError" in str(line["traceback"])
    assert key not in json.dumps(line)


def test_the_console_form_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("debug", "console")
    logging.getLogger("freehold.x").debug("saved", extra={"rows": 3})
    assert capsys.readouterr().err.rstrip().endswith("saved rows=3")


def test_a_closed_standard_error_disturbs_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    logs.configure("info", "json")
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    logging.getLogger("freehold.x").info("nobody reads this")


@pytest.mark.parametrize("sent", [b"abcdefgh", b"a" * 100, b"0af7651916cd43dd8448eb211c80319c"])
def test_a_proxys_request_id_is_kept(sent: bytes) -> None:
    assert request_id.begin(sent) == sent.decode()


@pytest.mark.parametrize("sent", [None, b"", b"short", b"a" * 101, b"line\nbreak", "ünïcödé".encode(), b"a b c d e f"])
def test_any_other_request_id_is_replaced(sent: bytes | None) -> None:
    made = request_id.begin(sent)
    assert made == request_id.current_request_id()
    assert request_id.begin(made.encode()) == made, "what was made here is taken when a proxy sends it back"
    assert request_id.begin(sent) != made
