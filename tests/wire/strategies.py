"""Answers as canonical events, made by hypothesis: any text, reasoning, calls in parallel, counts and reasons."""

import json

from hypothesis import strategies as st

from freehold.wire.events import (
    Event,
    Finish,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    ToolCallStart,
    Usage,
)

# Lone surrogates cannot be written as UTF-8; what becomes of them has a test of its own.
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
names = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_-]{0,20}", fullmatch=True)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
arguments = st.dictionaries(texts, values, max_size=3)


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    fresh, cached, written, kept, thought = (draw(st.integers(0, 10**6)) for _ in range(5))
    return Usage(fresh + cached + kept, written + thought, cached, thought, kept)


@st.composite
def calls(draw: st.DrawFn) -> list[Event]:
    """Calls one after another, their arguments in pieces."""
    events: list[Event] = []
    for index in range(draw(st.integers(0, 3))):
        events.append(ToolCallStart(index, f"call_{index}_{draw(st.integers(0, 99))}", draw(names)))
        text = json.dumps(draw(arguments), ensure_ascii=draw(st.booleans()))
        cut = draw(st.integers(0, len(text)))
        events += [ToolCallDelta(index, piece) for piece in (text[:cut], text[cut:]) if piece]
    return events


@st.composite
def answers(draw: st.DrawFn) -> list[Event]:
    """A whole answer in the order of the contract."""
    events: list[Event] = [ReasoningDelta(piece) for piece in draw(st.lists(texts, max_size=3))]
    events += [TextDelta(piece) for piece in draw(st.lists(texts, max_size=5))]
    called = draw(calls())
    events += called
    events.append(draw(usages()))
    reason = draw(st.sampled_from(["stop", "length", "content_filter"])) if not called else "tool_calls"
    return [*events, Finish(reason)]
