"""The message tree as pure functions: what is visible, which branch a leaf ends, where to look after a deletion."""

from collections.abc import Iterable, Sequence

from freehold.chat.models import Message


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


def newest_leaf(shown: Sequence[Message], start: str | None) -> str | None:
    """The end of the branch reached from `start` (None: the root) by always taking the newest child."""
    newest: dict[str | None, str] = {}
    for node in shown:
        newest[node.parent_id] = max(newest.get(node.parent_id, ""), node.id)
    at = start
    while at in newest:
        at = newest[at]
    return at


def subtree(nodes: Iterable[Message], root_id: str) -> set[str]:
    """The ids of `root_id` and everything below it."""
    inside = {root_id}
    for node in sorted(nodes, key=lambda node: node.id):
        if node.parent_id in inside:
            inside.add(node.id)
    return inside


def leaf_after_removal(shown: Sequence[Message], leaf_id: str | None, removed: Message) -> str | None:
    """The leaf to show once `removed` and what hangs below it are out of `shown`.

    The leaf stays when it is still there; else it is the newest branch of the nearest place that is left.
    """
    if leaf_id is not None and any(node.id == leaf_id for node in shown):
        return leaf_id
    return newest_leaf(shown, removed.parent_id)
