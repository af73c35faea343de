"""The arena over HTTP; everybody has their own rounds and ranking, administrators the site's ranking, too."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from freehold.access.dependencies import Admin, Member
from freehold.arena import schemas
from freehold.chat.endpoints.paths import RowId
from freehold.chat.sse import EventStreamResponse
from freehold.deps import ServicesDep
from freehold.kit.headers import content_disposition
from freehold.kit.pagination import CursorText

router = APIRouter(prefix="/api/arena", tags=["arena"])

STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events; `data:` is one ArenaEvent.",
        "model": schemas.ArenaEvent,
        "content": {"text/event-stream": {}},
    }
}


@router.post("/rounds", status_code=200, response_class=EventStreamResponse, responses=STREAM)
async def begin_round(subject: Member, services: ServicesDep, new: schemas.ArenaRoundNew) -> EventStreamResponse:
    """Ask two models that are drawn, and follow what they say as A and B. Leaving the stream ends both calls."""
    return EventStreamResponse(await services.arena.begin(subject, new))


@router.get("/rounds")
async def list_rounds(
    subject: Member,
    services: ServicesDep,
    cursor: CursorText | None = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> schemas.ArenaRoundPage:
    """One's own rounds, the newest first; the names of a round only when it is over."""
    return await services.arena.rounds(subject, cursor, limit)


@router.delete("/rounds", status_code=204)
async def delete_rounds(subject: Member, services: ServicesDep) -> None:
    """Remove all of one's own rounds with their votes."""
    await services.arena.remove_all(subject)


@router.get("/rounds/{round_id}")
async def get_round(subject: Member, services: ServicesDep, round_id: RowId) -> schemas.ArenaRoundInfo:
    """One round."""
    return await services.arena.one(subject, round_id)


@router.delete("/rounds/{round_id}", status_code=204)
async def delete_round(subject: Member, services: ServicesDep, round_id: RowId) -> None:
    """Remove a round with its vote."""
    await services.arena.remove(subject, round_id)


@router.post("/rounds/{round_id}/vote")
async def vote_on_round(
    subject: Member, services: ServicesDep, round_id: RowId, vote: schemas.ArenaVote
) -> schemas.ArenaRoundInfo:
    """Say which answer is better, once; the answer tells who gave which."""
    return await services.arena.vote(subject, round_id, vote)


@router.get("/ranking")
async def get_ranking(subject: Member, services: ServicesDep) -> schemas.ArenaRanking:
    """The models by one's own votes."""
    return await services.arena.ranking(subject.user_id)


@router.get("/ranking.csv", response_class=Response)
async def download_ranking(subject: Member, services: ServicesDep) -> Response:
    """The same as CSV."""
    return _csv(await services.arena.ranking_csv(subject.user_id))


@router.get("/site/ranking")
async def get_site_ranking(_subject: Admin, services: ServicesDep) -> schemas.ArenaRanking:
    """The models by everybody's votes."""
    return await services.arena.ranking(None)


@router.get("/site/ranking.csv", response_class=Response)
async def download_site_ranking(_subject: Admin, services: ServicesDep) -> Response:
    """The same as CSV."""
    return _csv(await services.arena.ranking_csv(None))


def _csv(content: bytes) -> Response:
    return Response(
        content,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": content_disposition("attachment", "arena.csv")},
    )
