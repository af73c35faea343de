"""Copies of a part of a thread's tree, as a thread of their own."""

import re
from collections.abc import Sequence
from typing import Literal

from freehold.chat import tree
from freehold.chat.models import Message
from freehold.errors import NotFound
from freehold.kit.ids import new_id

Which = Literal["path", "branches", "onward"]
LONGEST = 200  # characters of a title that a person may give


def taken(shown: Sequence[Message], message_id: str, which: Which) -> list[Message]:
    """Which of the visible messages a fork at `message_id` takes, parents first; answers being written stay behind.

    `path` goes from the beginning to the message, `branches` is the whole tree, `onward` begins at the message, or at
    the question that it answers, and holds all that follows. Raises NotFound.
    """
    path = tree.path_to(shown, message_id)
    if not path:
        raise NotFound
    if which == "path":
        chosen = {node.id for node in path}
    elif which == "branches":
        chosen = {node.id for node in shown}
    else:
        chosen = tree.subtree(shown, message_id) | {node.id for node in path[-2:] if path[-1].role == "assistant"}
    return [node for node in shown if node.id in chosen and node.status != "streaming"]


def copies(nodes: Sequence[Message], thread_id: str) -> dict[str, Message]:
    """A new message for each of `nodes`, by the id of the old one; what hung on nothing of these begins the thread."""
    made: dict[str, Message] = {}
    for node in nodes:  # new ids grow, so that siblings keep their order
        parent = made.get(node.parent_id or "")
        made[node.id] = Message(
            id=new_id(),
            thread_id=thread_id,
            parent_id=parent.id if parent else None,
            role=node.role,
            status=node.status,
            parts=node.parts,
            pinned=node.pinned,
            run=node.run,
            error=node.error,
            translation=node.translation,
            created_at=node.created_at,
            edited_at=node.edited_at,
        )
    return made


def choices_of(choices: tree.Choices | None, made: dict[str, Message]) -> tree.Choices:
    """The remembered ways in terms of the copies."""
    new = {old: copy.id for old, copy in made.items()}
    return {
        new.get(above, above): new[child]
        for above, child in (choices or {}).items()
        if child in new and (above in new or above == tree.ROOT)
    }


def numbered(title: str) -> str:
    """`Tulips` becomes `Tulips (2)`, and that `Tulips (3)`; a chat without a title stays without."""
    if not title:
        return ""
    found = re.fullmatch(r"(.*) \((\d{1,6})\)", title, re.DOTALL)
    name, number = (found[1], int(found[2]) + 1) if found else (title, 2)
    end = f" ({number})"
    return name[: LONGEST - len(end)] + end
