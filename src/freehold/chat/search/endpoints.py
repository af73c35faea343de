"""The search over one's own chats."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from freehold.access.dependencies import Member
from freehold.chat.search.schemas import SearchPage
from freehold.chat.search.service import Question
from freehold.deps import ServicesDep
from freehold.kit.moments import Moment
from freehold.kit.pagination import CursorText

router = APIRouter(prefix="/api/search", tags=["search"])


@router.get("")
async def search_chats(
    subject: Member,
    services: ServicesDep,
    *,
    q: Annotated[str, Query(min_length=1, max_length=200, description='Words; what stands in "quotes" in this order.')],
    kind: Annotated[Literal["title", "message"] | None, Query(description="Only titles, or only messages.")] = None,
    model: Annotated[str | None, Query(max_length=500, description="Answers that this model wrote.")] = None,
    project_id: Annotated[str | None, Query(max_length=36)] = None,
    role: Annotated[Literal["user", "assistant"] | None, Query(description="Who wrote it.")] = None,
    has_file: Annotated[bool | None, Query(description="Messages with, or without, a file.")] = None,
    since: Annotated[Moment | None, Query(alias="from")] = None,
    until: Annotated[Moment | None, Query(alias="to", description="Not this moment itself.")] = None,
    cursor: CursorText | None = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> SearchPage:
    """Find chats by their titles, and messages by their text and the names of their files.

    Every word must be there; a word is found by its beginning, Chinese and other unspaced text anywhere.
    """
    question = Question(
        q=q, kind=kind, model=model, project_id=project_id, role=role, has_file=has_file, since=since, until=until
    )
    return await services.search.search(subject, question, cursor, limit)
