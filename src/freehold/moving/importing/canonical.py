"""What every reader makes of a conversation, and the builder that keeps count of what it could not take. Pure.

The rule that the report rests on: of each conversation, `found` messages are the `sources` of its nodes and the
`messages` of its losses together. Whatever is not the one is the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from freehold.moving.importing.archive import Archive

Json = dict[str, Any]
Role = Literal["user", "assistant"]

Loss = Literal[
    "system_message",  # instructions to the model
    "hidden_message",  # what the product kept from the reader, or notes to itself
    "empty_message",
    "unreadable_message",
    "file_missing",  # named in a message, not in the archive
    "file_kind",  # neither image nor text
    "file_refused",  # an image that cannot be opened or is too large
    "content_kind",  # a piece of a message of a kind that Freehold has no form for
    "instructions",  # of a conversation: its prompt, parameters
    "conversation_empty",
    "conversation_unreadable",
    "conversation_too_large",
    "archive_part",  # a file of the archive that is no conversation
]
LONGEST_NAME = 200


@dataclass(slots=True)
class Node:
    """A message as Freehold will hold it; `sources` messages of the export are in it."""

    key: str
    parent: str | None
    role: Role
    parts: list[Json]
    created_at: float | None = None  # Unix seconds
    edited_at: float | None = None
    model: str | None = None
    status: str = "complete"
    run: Json | None = None
    error: Json | None = None
    pinned: bool = False  # this one and those below: of Freehold's own alone
    translation: Json | None = None
    rated: bool = False
    sources: int = 1


@dataclass(slots=True)
class Conversation:
    """One tree. `leaf` names the node that ends the branch that was looked at."""

    source_id: str
    title: str
    created_at: float | None = None
    updated_at: float | None = None
    project: str | None = None
    archived: bool = False
    pinned: bool = False
    in_house: bool = False  # of Freehold's own alone
    parameters: Json | None = None  # of Freehold's own alone
    model: str | None = None  # provider/model, of Freehold's own alone
    title_source: str | None = None  # of Freehold's own alone
    folding: str | None = None  # of Freehold's own alone
    choices: Json | None = None  # of Freehold's own alone
    found: int = 0
    leaf: str | None = None
    nodes: list[Node] = field(default_factory=list)
    lost: dict[str, Json] = field(default_factory=dict)

    def lose(self, code: Loss, name: str = "", *, messages: int = 0) -> None:
        """Note something that is not taken; `messages` of those found are in it."""
        entry = self.lost.setdefault(code, {"count": 0, "messages": 0, "names": []})
        entry["count"] += 1
        entry["messages"] += messages
        if name and len(entry["names"]) < 50:
            entry["names"].append(name[:LONGEST_NAME])


class Tree:
    """Builds the nodes of a conversation from messages that name their parent; parents come first.

    Answers that come in several messages, a call of a tool, its result and the words after it, become one, as long as
    nothing branches off between them. What hangs below a message that is not taken hangs below that one's parent.
    """

    def __init__(self, conversation: Conversation, archive: Archive, children: dict[str | None, int]) -> None:
        self.conversation = conversation
        self.archive = archive
        self._children = children
        self._stands_for: dict[str, str | None] = {}
        self._nodes: dict[str, Node] = {}

    def add(self, key: str, parent: str | None, role: Role, parts: list[Json], **fields: Any) -> Node:
        """A message; given back is the node that it is in."""
        while key in self._stands_for:  # two messages of one name
            key += "+"
        above = self._nodes.get(self.stand_in(parent) or "")
        if above is not None and role == above.role == "assistant" and self._children.get(parent, 1) == 1:
            _join(above, parts)
            above.sources += 1
            above.model = above.model or fields.get("model")
            self._stands_for[key] = above.key
            return above
        node = Node(key, above.key if above else None, role, [], **fields)
        _join(node, parts)
        self._nodes[key] = node
        self._stands_for[key] = key
        self.conversation.nodes.append(node)
        return node

    def skip(self, key: str, parent: str | None, code: Loss | None = None) -> None:
        """A message that is not taken, for the reason `code`; without one it is no message at all."""
        self._stands_for[key] = self.stand_in(parent)
        if code is not None:
            self.conversation.lose(code, messages=1)

    def stand_in(self, key: str | None) -> str | None:
        """The node that a message of the export is in, or the nearest above it."""
        return self._stands_for.get(key) if key is not None else None


def _join(node: Node, parts: list[Json]) -> None:
    """Append the parts; a tool's result goes to the call that waits for it."""
    for part in parts:
        if part["type"] != "tool_result":
            node.parts.append(part)
            continue
        waiting = [call for call in node.parts if call["type"] == "tool_call" and call["result"] is None]
        call = next((call for call in waiting if call["id"] == part["id"]), waiting[-1] if waiting else None)
        if call is None:
            call = tool_call(part["id"], part["name"], "")
            node.parts.append(call)
        call["result"], call["is_error"] = part["result"], part["is_error"]


def text_part(text: str) -> Json:
    return {"type": "text", "text": text}


def reasoning_part(text: str, seconds: float | None = None) -> Json:
    return {"type": "reasoning", "text": text, "seconds": seconds, "signature": None}


def tool_call(call_id: str, name: str, arguments: str) -> Json:
    return {"type": "tool_call", "id": call_id, "name": name, "arguments": arguments, "result": None, "is_error": False}


def tool_result(call_id: str, name: str, result: str, *, is_error: bool = False) -> Json:
    return {"type": "tool_result", "id": call_id, "name": name, "result": result, "is_error": is_error}


def attached_text(name: str, content: str) -> Json:
    """A text that was attached, as a part of the message it was attached to."""
    longest = max((len(run) for run in _backticks(content)), default=0)
    fence = "`" * max(3, longest + 1)
    return text_part(f"**{name}**\n\n{fence}\n{content}\n{fence}")


def _backticks(text: str) -> Iterable[str]:
    run = ""
    for character in text:
        if character == "`":
            run += character
        elif run:
            yield run
            run = ""
    if run:
        yield run


def seconds(value: Any) -> float | None:
    """A time in any of the forms that exports use: Unix seconds or milliseconds, RFC 3339; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value).timestamp()
        except (ValueError, OverflowError, OSError):
            return None
    if not isinstance(value, int | float) or not 0 < value < 1e15:
        return None
    return value / 1000 if value > 1e11 else float(value)


def string(value: Any) -> str:
    """The value when it is a text, else nothing."""
    return value if isinstance(value, str) else ""


def mapping(value: Any) -> Json:
    """The value when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def listing(value: Any) -> list[Any]:
    """The value when it is a list, else an empty one."""
    return value if isinstance(value, list) else []
