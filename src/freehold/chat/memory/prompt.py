"""Remembered facts as instructions to a model. Pure."""

from collections.abc import Sequence

ROOM = 6_000  # characters, about 1,500 tokens of English
HEAD = (
    "The user asked you to remember the following. Use it where it helps with what they ask now, and do not bring it "
    "up otherwise. What they say in this conversation goes before it."
)
HEAD_CHINESE = (
    "以下是用户要你记住的内容。对当前问题有帮助时才使用，否则不要主动提起；若与本次对话中的说法不一致，以本次对话为准。"
)


def as_instructions(facts: Sequence[str], *, chinese: bool) -> tuple[str, int]:
    """The instructions and how many facts are in them; `facts` come newest first, and the oldest have no room."""
    chosen: list[str] = []
    left = ROOM
    for fact in facts:
        line = f"- {' '.join(fact.split())}"
        left -= len(line) + 1
        if left < 0:
            break
        chosen.append(line)
    if not chosen:
        return "", 0
    return "\n".join((HEAD_CHINESE if chinese else HEAD, "", *reversed(chosen))), len(chosen)
