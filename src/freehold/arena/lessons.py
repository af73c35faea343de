"""A vote between a model in the house and one outside as a label for routing."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from freehold.arena.models import ArenaRound
from freehold.arena.ranking import Vote
from freehold.gateway.learning import labels

_QUALITY: Mapping[Vote, tuple[float, float]] = {
    "a": (1.0, 0.0),
    "b": (0.0, 1.0),
    "both_good": (1.0, 1.0),
    "both_bad": (0.0, 0.0),  # nothing is gained by going out
}
"""Of the answers A and B."""


async def voted(session: AsyncSession, row: ArenaRound) -> None:
    """Keep the label of a round that was voted on just now; its id is the round's, and it goes with that."""
    a, b = row.answer_a, row.answer_b
    if row.vote is None or a is None or b is None or a["self_hosted"] == b["self_hosted"]:
        return
    quality = _QUALITY[row.vote]  # type: ignore[index]
    local, premium = a, b
    if b["self_hosted"]:
        local, premium, quality = b, a, (quality[1], quality[0])
    await labels.put(
        session,
        "vote",
        user_id=row.owner_id,
        model=local["answered_by"],
        asked=row.prompt,
        quality=quality,
        rival=premium["answered_by"],
        label_id=row.id,
    )
