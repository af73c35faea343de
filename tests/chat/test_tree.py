"""The message tree: what is seen of it after branching, deleting and restoring."""

from hypothesis import given
from hypothesis import strategies as st

from freehold.chat import tree
from freehold.chat.models import Message
from freehold.kit.clock import now


def message(number: int, parent: int | None, *, deleted: bool = False) -> Message:
    return Message(
        id=f"{number:04}",
        parent_id=None if parent is None else f"{parent:04}",
        deleted_at=now() if deleted else None,
    )


@st.composite
def trees(draw: st.DrawFn) -> list[Message]:
    size = draw(st.integers(0, 25))
    parents = [draw(st.none() | st.integers(0, at - 1)) if at else None for at in range(size)]
    deleted = [draw(st.booleans()) and draw(st.booleans()) for _ in range(size)]
    nodes = [message(at, parents[at], deleted=deleted[at]) for at in range(size)]
    return draw(st.permutations(nodes))


@given(trees())
def test_what_is_visible_hangs_together(nodes: list[Message]) -> None:
    shown = tree.visible(nodes)
    ids = {node.id for node in shown}
    assert [node.id for node in shown] == sorted(ids)
    assert all(node.deleted_at is None and (node.parent_id is None or node.parent_id in ids) for node in shown)
    hidden = {node.id for node in nodes} - ids
    doomed = set().union(*(tree.subtree(nodes, node.id) for node in nodes if node.deleted_at is not None))
    assert hidden == doomed


@given(trees(), st.integers(0, 24), st.integers(0, 24))
def test_after_a_removal_the_leaf_is_a_leaf_that_is_there(nodes: list[Message], removed: int, leaf: int) -> None:
    shown = tree.visible(nodes)
    if not shown:
        return
    gone = shown[removed % len(shown)]
    before = tree.newest_leaf(shown, shown[leaf % len(shown)].id)
    gone.deleted_at = now()
    left = tree.visible(nodes)
    after = tree.leaf_after_removal(left, before, gone)
    ids = {node.id for node in left}
    if before in ids:
        assert after == before
    elif after is not None:
        assert after in ids
        assert after == tree.newest_leaf(left, after), "nothing hangs below it"
    else:
        assert not ids or gone.parent_id is None


def test_the_newest_branch_is_taken() -> None:
    nodes = [message(1, None), message(2, 1), message(3, 1), message(4, 2), message(5, None)]
    assert tree.newest_leaf(nodes, "0001") == "0003"
    assert tree.newest_leaf(nodes, "0002") == "0004"
    assert tree.newest_leaf(nodes, None) == "0005"
    assert tree.newest_leaf([], None) is None
