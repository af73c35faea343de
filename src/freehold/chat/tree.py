"""The message tree as pure functions: what is visible, which branch a leaf ends, where to look after a deletion."""

from collections import Counter
from collections.abc import Container, Iterable, Sequence

from freehold.chat.models import Message

Choices = dict[str, str]
"""At each fork, by the id of the message above it (`ROOT` at the beginning), the child that was looked at last.

`ALL` where the children stand side by side because none of them was chosen yet.
"""

ROOT = "root"
ALL = "all"


def visible(nodes: Iterable[Message]) -> list[Message]:
    """The nodes that are neither deleted nor below a deleted one, in the order of their ids."""
    shown: set[str] = set()
    result: list[Message] = []
    # a parent is older than its children, so one pass in id order meets it first
    for node in sorted(nodes, key=lambda node: node.id):
        if node.deleted_at is None and (node.parent_id is None or node.parent_id in shown):
            shown.add(node.id)
            result.append(node)
    return result


def leaf_below(shown: Sequence[Message], start: str | None, choices: Choices | None = None) -> str | None:
    """The end of the branch reached from `start` (None: the root): at each fork the way that was taken last.

    A fork that was never visited, or whose choice is not shown any more, goes on with its newest child.
    """
    taken = set((choices or {}).values())
    newest: dict[str | None, tuple[bool, str]] = {}
    for node in shown:
        newest[node.parent_id] = max(newest.get(node.parent_id, (False, "")), (node.id in taken, node.id))
    at = start
    while at in newest:
        at = newest[at][1]
    return at


def path_to(nodes: Iterable[Message], leaf_id: str | None) -> list[Message]:
    """The messages from the root to `leaf_id`."""
    by_id = {node.id: node for node in nodes}
    path: list[Message] = []
    while leaf_id is not None and leaf_id in by_id:
        path.append(by_id[leaf_id])
        leaf_id = by_id[leaf_id].parent_id
    return path[::-1]


def choose(
    choices: Choices | None,
    path: Iterable[Message],
    forks: Container[str | None],
    *,
    beyond: Container[str] = (),
) -> Choices:
    """`choices` once `path` is looked at: at every fork that it passes, the way that it takes.

    Where the answers are compared it is passed by going to one of them or on from it, not by coming upon them: they
    stay side by side above the messages `beyond`.
    """
    before = choices or {}
    passed = {
        node.parent_id or ROOT: node.id
        for node in path
        if node.parent_id in forks and not (node.id in beyond and before.get(node.parent_id or ROOT) == ALL)
    }
    return {**before, **passed}


def forks(nodes: Iterable[Message]) -> set[str | None]:
    """The ids below which there is more than one message; None for the root."""
    children = Counter(node.parent_id for node in nodes)
    return {parent_id for parent_id, count in children.items() if count > 1}


def subtree(nodes: Iterable[Message], root_id: str) -> set[str]:
    """The ids of `root_id` and everything below it."""
    inside = {root_id}
    for node in sorted(nodes, key=lambda node: node.id):
        if node.parent_id in inside:
            inside.add(node.id)
    return inside


def leaf_after_removal(
    shown: Sequence[Message], leaf_id: str | None, removed: Message, choices: Choices | None = None
) -> str | None:
    """The leaf to show once `removed` and what hangs below it are out of `shown`.

    The leaf stays when it is still there; else it ends the branch that goes on from the nearest place that is left.
    """
    if leaf_id is not None and any(node.id == leaf_id for node in shown):
        return leaf_id
    return leaf_below(shown, removed.parent_id, choices)
