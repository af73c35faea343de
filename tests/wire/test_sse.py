"""The parsers of event streams and JSON lines: the same result however the network cuts the bytes."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from freehold.wire.sse import LineParser, LineTooLong, SseParser


def specified(text: str) -> list[str]:
    """The data of each event, step by step as WHATWG HTML, section 9.2.6 says it; plain rather than fast."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    events: list[str] = []
    data: list[str] = []
    for line in text.split("\n")[:-1]:
        if line == "":
            if data:
                events.append("\n".join(data))
            data = []
            continue
        field, _, value = line.partition(":")
        if field == "data":
            data.append(value.removeprefix(" "))
    return events


_FIELDS = (
    "data: ",
    "data:",
    "data",
    "event: delta",
    "id: 7",
    "retry: 10",
    ": ping",
    "data: a\n\n",
    'data: {"b":1}\n\n',
)
FRAGMENTS = st.sampled_from([*_FIELDS, "\n", "\r\n", "\r", "\n\n", "x", "{}", "世", "[DONE]", "\ufeff", " "])
STREAMS = st.lists(FRAGMENTS, max_size=40).map("".join)


def cut(stream: bytes, sizes: list[int]) -> list[bytes]:
    pieces: list[bytes] = []
    for size in sizes:
        pieces.append(stream[:size])
        stream = stream[size:]
    return [*pieces, stream]


def parse(parser: SseParser | LineParser, pieces: list[bytes], *, finish: bool = True) -> list[bytes]:
    found = [item for piece in pieces for item in parser.feed(piece)]
    return found + parser.finish() if finish else found


@given(STREAMS, st.lists(st.integers(0, 12), max_size=30))
@example("data: a\r\n\r\n", [9])
@example("data: a\r", [8])
@example("\ufeffdata: a\n\n", [1, 1])
@example("data: \n\ndata: b\n\n", [])
def test_events_are_those_of_the_specification(stream: str, sizes: list[int]) -> None:
    parsed = parse(SseParser(), cut(stream.encode(), sizes), finish=False)
    expected = [data.encode() for data in specified(stream)]
    if stream.endswith("\r"):  # the specification waits for what follows, an incremental parser does not have to
        assert parsed[: len(expected)] == expected or parsed == expected[: len(parsed)]
    else:
        assert parsed == expected


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=30), max_size=20), st.data())
def test_what_was_written_is_read_whatever_the_cuts(texts: list[str], data: st.DataObject) -> None:
    stream = b"".join(b"data: " + text.encode() + b"\n\n" for text in texts)
    sizes = data.draw(st.lists(st.integers(0, 40), max_size=30))
    assert parse(SseParser(), cut(stream, sizes)) == [text.encode() for text in texts]


def test_a_last_event_without_its_blank_line_is_taken() -> None:
    assert parse(SseParser(), [b"data: a\n\ndata: b"]) == [b"a", b"b"]
    assert parse(SseParser(), [b"data: a\n\ndata: b\n"]) == [b"a", b"b"]


def test_names_comments_and_ids_are_dropped() -> None:
    stream = b": keep-alive\n\nevent: message_start\nid: 1\ndata: {}\n\n"
    assert parse(SseParser(), [stream]) == [b"{}"]


@pytest.mark.parametrize("step", [1, 7, 1000, 5000])
@pytest.mark.parametrize("end", [b"", b"\n\n"])
def test_an_endless_event_is_refused(step: int, end: bytes) -> None:
    parser = SseParser(max_event_bytes=1000)
    with pytest.raises(LineTooLong):
        parse(parser, cut(b"data: " + b"x" * 4000 + end, [step] * (4000 // step)))


def test_many_data_lines_do_not_get_around_the_bound() -> None:
    with pytest.raises(LineTooLong):
        parse(SseParser(max_event_bytes=1000), [b"data: " + b"x" * 100 + b"\n"] * 20)


def test_an_event_of_exactly_the_bound_passes() -> None:
    line = b"x" * 990
    assert parse(SseParser(max_event_bytes=1000), [b"data: " + line + b"\n\n"]) == [line]


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), min_size=1, max_size=20), max_size=20),
    st.sampled_from(["\n", "\r\n"]),
    st.lists(st.integers(0, 25), max_size=30),
    st.booleans(),
)
def test_lines_are_the_same_whatever_the_cuts(lines: list[str], end: str, sizes: list[int], closed: bool) -> None:
    stream = end.join(lines) + (end if closed else "")
    assert parse(LineParser(), cut(stream.encode(), sizes)) == [line.encode() for line in lines]


@pytest.mark.parametrize("step", [1, 333, 4000])
def test_an_endless_line_is_refused(step: int) -> None:
    with pytest.raises(LineTooLong):
        parse(LineParser(max_line_bytes=1000), cut(b"x" * 4000, [step] * (4000 // step)))
