"""A continued answer: its text joins what was kept, and its account is of the whole message."""

from typing import Any

import pytest

from freehold.chat import schemas
from freehold.chat.answer import Answer
from freehold.wire.events import TextDelta


@pytest.mark.parametrize(
    ("blanks", "deltas", "joined"),
    [
        (" ", ["  3", " more"], " 3 more"),
        (" ", ["3", " more"], "3 more"),
        ("\n\n", ["\n", "\n", "\n- a"], "\n- a"),
        ("\n", ["    indented"], "    indented"),
        ("", [" three"], " three"),
    ],
)
async def test_the_blanks_at_the_seam_come_once(blanks: str, deltas: list[str], joined: str) -> None:
    events: list[dict[str, Any]] = []

    async def append(event: dict[str, Any]) -> None:
        events.append(event)

    async def no_image(data: bytes, media_type: str) -> schemas.ImagePart:
        raise AssertionError

    answer = Answer(append, no_image)
    answer.skip(blanks)
    for delta in deltas:
        await answer.take(TextDelta(delta))
    assert "".join(event["delta"] for event in events if event["type"] == "text") == joined
