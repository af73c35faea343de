"""The log means one thing: however it is cut, merged or joined in the middle, the same parts come out."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from freehold.chat.fold import fold, last_run, merge

Json = dict[str, Any]

TEXT = st.text(alphabet="ab \n\u4f60\U0001f600", max_size=4)
EVENTS = st.lists(
    st.one_of(
        st.builds(lambda delta: {"type": "text", "delta": delta}, TEXT),
        st.builds(lambda delta: {"type": "reasoning", "delta": delta}, TEXT),
        st.builds(lambda delta, seconds: {"type": "reasoning", "delta": delta, "seconds": seconds}, TEXT, st.just(1.5)),
        st.builds(lambda delta: {"type": "reasoning", "delta": delta, "signature": "s", "seconds": 0.5}, TEXT),
        st.just({"type": "image", "part": {"type": "image", "file_id": "f"}}),
        st.just({"type": "stage", "stage": "writing"}),
        st.just({"type": "run", "run": {"model": "a/b"}}),
    ),
    max_size=25,
)


def merged(events: list[Json]) -> list[Json]:
    """The events as the log coalesces them before a commit."""
    result: list[Json] = []
    for event in events:
        if not result or not merge(result[-1], event):
            result.append(dict(event))
    return result


@given(EVENTS, EVENTS)
def test_any_cut_gives_the_same_parts(first: list[Json], second: list[Json]) -> None:
    assert fold(fold([], first), second) == fold([], first + second)


@given(EVENTS, EVENTS)
def test_merging_before_the_commit_changes_nothing(kept: list[Json], events: list[Json]) -> None:
    before = fold([], kept)
    assert fold(before, merged(events)) == fold(before, events)


@given(EVENTS, EVENTS)
def test_a_continued_answer_keeps_what_it_had(kept: list[Json], events: list[Json]) -> None:
    parts = fold([], kept)
    copy = [dict(part) for part in parts]
    longer = fold(parts, events)
    assert parts == copy, "folding changes nothing that it was given"

    def text(of: list[Json]) -> str:
        return "".join(part["text"] for part in of if part["type"] == "text")

    assert text(longer) == text(parts) + "".join(event["delta"] for event in events if event["type"] == "text")


def test_reasoning_is_closed_by_its_seconds() -> None:
    events: list[Json] = [
        {"type": "reasoning", "delta": "Let "},
        {"type": "reasoning", "delta": "me see"},
        {"type": "reasoning", "delta": "", "seconds": 2.5},
        {"type": "text", "delta": "Yes"},
        {"type": "reasoning", "delta": "Again"},
    ]
    assert fold([], events) == [
        {"type": "reasoning", "text": "Let me see", "seconds": 2.5, "signature": None},
        {"type": "text", "text": "Yes"},
        {"type": "reasoning", "text": "Again", "seconds": None, "signature": None},
    ]


def test_the_last_run_is_the_one_that_answers() -> None:
    runs: list[Json] = [{"type": "run", "run": {"model": name}} for name in ("a/b", "c/d")]
    assert last_run(runs) == {"model": "c/d"}
    assert last_run([]) is None
