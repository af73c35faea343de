"""What of a branch is sent as it is, what a summary stands for, and what may be folded next; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from freehold.chat.compaction.models import Compaction
from freehold.chat.models import Message
from freehold.gateway.meter import IMAGE_TOKENS, estimate_tokens

FOLD_AT = 0.75
"""So much of the context is in use when a chat is folded."""

TAIL = 0.25
"""So much of the context the newest turns may have that stay as they are."""

HEAD = 0.125
"""A first turn that is larger than so much of the context is folded, too."""

GAIN = 0.1
"""Less than so much of the context is not worth a new summary, which ends what a provider's cache holds."""

LEAST = 2
"""Messages of a fold."""

FILE_BYTES_PER_TOKEN = 4
"""Of an attached text in UTF-8: four letters, or about one Chinese character and a half."""

USUAL_CONTEXT = 32_000
"""Tokens; of a model whose context nobody knows, when a person asks for the fold."""

TAIL_BY_HAND = 2_000
"""Tokens of the newest turns that stay, at most, when a person asks for the fold."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A branch as it is sent. `folded`: what the summary stands for; `cut`: what there was no room for."""

    fold: Compaction | None
    folded: tuple[Message, ...]
    cut: tuple[Message, ...]
    sent: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """What to fold: `earlier` is the fold that the new one takes the place of, `new` what it does not hold."""

    from_id: str
    to_id: str
    kept: tuple[str, ...]
    count: int
    tokens: int
    earlier: Compaction | None
    new: tuple[Message, ...]


def tokens_of(message: Message) -> int:
    """About how many tokens a message has when it is sent."""
    total = 4.0
    for part in message.parts:
        if part["type"] == "text":
            total += estimate_tokens(part["text"])
        elif part["type"] == "image":
            total += IMAGE_TOKENS
        elif part["type"] == "file":
            total += part["size_bytes"] / FILE_BYTES_PER_TOKEN
    return round(total)


def total(messages: Iterable[Message]) -> int:
    """The tokens of them all."""
    return sum(map(tokens_of, messages))


def room_of(context: int, longest_answer: int | None, usual: int) -> int:
    """The tokens that a request may have beside its answer."""
    return context - min(longest_answer or usual, usual, context // 4)


def active(branch: Sequence[Message], folds: Iterable[Compaction]) -> Compaction | None:
    """The fold that reaches farthest along the branch, the newest of such; one that holds the last question is none."""
    places = {message.id: at for at, message in enumerate(branch)}
    last = last_question(branch)
    found = [
        (places[fold.to_id], fold.id, fold)
        for fold in folds
        if places.get(fold.from_id, len(branch)) <= places.get(fold.to_id, -1) < last
    ]
    return max(found)[2] if found else None


def last_question(branch: Sequence[Message]) -> int:
    """Where the last message of the person stands; -1 without one."""
    return max((at for at, message in enumerate(branch) if message.role == "user"), default=-1)


def laid_out(branch: Sequence[Message], fold: Compaction | None, room: int | None) -> Layout:
    """The branch with its fold, and without the middle where all the rest does not fit into `room` tokens.

    Pinned messages and those that were pinned when it was folded are sent as they are.
    """
    folded = _stood_for(branch, fold)
    gone = {message.id for message in folded}
    rest = [message for message in branch if message.id not in gone]
    used = total(rest) + (fold.tokens_after if fold is not None else 0)
    if room is None or used <= room:
        return Layout(fold, folded, (), tuple(rest))
    head = _head(branch, room)
    last = last_question(rest)
    cut: list[Message] = []
    for at, message in enumerate(rest[: max(last, 0)]):
        # whole turns go, the oldest first
        if used <= room and message.role == "user":
            break
        if at >= head and not message.pinned:
            cut.append(message)
            used -= tokens_of(message)
    away = {message.id for message in cut}
    return Layout(fold, folded, tuple(cut), tuple(message for message in rest if message.id not in away))


def foldable(
    branch: Sequence[Message], fold: Compaction | None, context: int | None, *, by_hand: bool
) -> Segment | None:
    """What can be folded of the branch, or None: the head and the newest turns stay, and so does what is unfinished."""
    window = context or USUAL_CONTEXT
    places = {message.id: at for at, message in enumerate(branch)}
    start = places[fold.from_id] if fold is not None else _head(branch, window)
    end = _tail(branch, min(window * TAIL, TAIL_BY_HAND) if by_hand else window * TAIL)
    done = places[fold.to_id] + 1 if fold is not None else start
    for at in range(done, max(done, end)):
        if _unfinished(branch[at]):
            end = at
            break
    while end > done and branch[end].role != "user":
        end -= 1
    before = set(fold.kept) if fold is not None else set()
    inside = branch[start : max(start, end)]
    new = [one for one in inside if not one.pinned and (places[one.id] >= done or one.id in before)]
    if len(new) < LEAST or (not by_hand and total(new) < window * GAIN):
        return None
    held = [one for one in inside if not one.pinned]
    return Segment(
        from_id=inside[0].id,
        to_id=inside[-1].id,
        kept=tuple(one.id for one in inside if one.pinned),
        count=len(held),
        tokens=total(held),
        earlier=fold,
        new=tuple(new),
    )


def _stood_for(branch: Sequence[Message], fold: Compaction | None) -> tuple[Message, ...]:
    if fold is None:
        return ()
    places = {message.id: at for at, message in enumerate(branch)}
    kept = set(fold.kept)
    inside = branch[places[fold.from_id] : places[fold.to_id] + 1]
    return tuple(message for message in inside if not message.pinned and message.id not in kept)


def _head(branch: Sequence[Message], window: int) -> int:
    """Where the first turn ends; 0 where it is too large to be kept."""
    end = next((at for at, message in enumerate(branch) if at and message.role == "user"), len(branch))
    return end if total(branch[:end]) <= window * HEAD else 0


def _tail(branch: Sequence[Message], tokens: float) -> int:
    """Where the newest turns begin that fit into so many tokens; the last one always stays."""
    at = begin = max(0, last_question(branch))
    used = total(branch[begin:])
    while at > 0:
        at -= 1
        used += tokens_of(branch[at])
        if used > tokens:
            break
        if branch[at].role == "user":
            begin = at
    return begin


def _unfinished(message: Message) -> bool:
    if message.status == "streaming":
        return True
    return any(part["type"] == "tool_call" and part.get("result") is None for part in message.parts)
