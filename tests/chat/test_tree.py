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
    before = tree.leaf_below(shown, shown[leaf % len(shown)].id)
    gone.deleted_at = now()
    left = tree.visible(nodes)
    after = tree.leaf_after_removal(left, before, gone)
    ids = {node.id for node in left}
    if before in ids:
        assert after == before
    elif after is not None:
        assert after in ids
        assert after == tree.leaf_below(left, after), "nothing hangs below it"
    else:
        assert not ids or gone.parent_id is None


def test_the_newest_branch_is_taken() -> None:
    nodes = [message(1, None), message(2, 1), message(3, 1), message(4, 2), message(5, None)]
    assert tree.leaf_below(nodes, "0001") == "0003"
    assert tree.leaf_below(nodes, "0002") == "0004"
    assert tree.leaf_below(nodes, None) == "0005"
    assert tree.leaf_below([], None) is None


def test_a_branch_is_found_again_as_it_was_left() -> None:
    # 1 -> 2, 3 (versions); 2 -> 4, 5; 3 -> 6
    nodes = [message(1, None), *(message(at, 1) for at in (2, 3)), message(4, 2), message(5, 2), message(6, 3)]
    forks = tree.forks(nodes)
    assert forks == {"0001", "0002"}
    choices = tree.choose(None, tree.path_to(nodes, "0004"), forks)
    assert tree.leaf_below(nodes, None, choices) == "0004", "not the newest"
    choices = tree.choose(choices, tree.path_to(nodes, "0006"), forks)
    assert tree.leaf_below(nodes, "0001", choices) == "0006"
    assert tree.leaf_below(nodes, "0002", choices) == "0004", "as it was left, though another branch was looked at"
    without = [node for node in nodes if node.id != "0004"]
    assert tree.leaf_below(without, "0002", choices) == "0005", "what is gone is not chosen"


@given(trees(), st.lists(st.integers(0, 24), max_size=6))
def test_whatever_was_visited_last_is_what_is_shown(nodes: list[Message], visits: list[int]) -> None:
    shown = tree.visible(nodes)
    choices: tree.Choices = {}
    for visit in visits if shown else []:
        leaf = tree.leaf_below(shown, shown[visit % len(shown)].id, choices)
        path = tree.path_to(shown, leaf)
        choices = tree.choose(choices, path, tree.forks(shown))
        assert tree.leaf_below(shown, None, choices) == leaf
        assert all(tree.leaf_below(shown, node.id, choices) == leaf for node in path)
