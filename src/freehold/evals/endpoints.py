"""Test sets over HTTP; everybody has their own."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from freehold.access.dependencies import Member
from freehold.chat.endpoints.paths import RowId
from freehold.deps import ServicesDep
from freehold.evals import schemas
from freehold.kit.headers import content_disposition
from freehold.kit.pagination import CursorText

router = APIRouter(prefix="/api/evals", tags=["test sets"])


@router.get("/sets")
async def list_sets(subject: Member, services: ServicesDep) -> schemas.EvalSetList:
    """One's own test sets with their last run, the newest first."""
    return await services.evals.sets(subject)


@router.post("/sets", status_code=201)
async def write_set(subject: Member, services: ServicesDep, new: schemas.EvalSetNew) -> schemas.EvalSetDetail:
    """Make a set of pasted lines, or of CSV."""
    return await services.evals.write(subject, new)


@router.get("/history")
async def list_asked(
    subject: Member, services: ServicesDep, days: Annotated[int, Query(ge=1, le=90)] = 7
) -> schemas.History:
    """What one asked in so many days and could ask again."""
    return await services.evals.asked(subject, days)


@router.post("/sets/from-history", status_code=201)
async def set_from_history(
    subject: Member, services: ServicesDep, wish: schemas.EvalFromHistory
) -> schemas.EvalSetDetail:
    """Make a set of one's own questions; the answers got then are what is expected."""
    return await services.evals.from_history(subject, wish)


@router.get("/sets/{set_id}")
async def get_set(subject: Member, services: ServicesDep, set_id: RowId) -> schemas.EvalSetDetail:
    """A set with its questions and runs."""
    return await services.evals.one_set(subject, set_id)


@router.delete("/sets/{set_id}", status_code=204)
async def delete_set(subject: Member, services: ServicesDep, set_id: RowId) -> None:
    """Remove a set with its runs; one under way ends."""
    await services.evals.remove_set(subject, set_id)


@router.post("/sets/{set_id}/runs", status_code=201)
async def start_run(
    subject: Member, services: ServicesDep, set_id: RowId, wish: schemas.EvalRunNew
) -> schemas.EvalRunInfo:
    """Ask these models every question, in the background, within one's budgets and limits."""
    return await services.evals.start(subject, set_id, wish)


@router.get("/runs/{run_id}")
async def get_report(subject: Member, services: ServicesDep, run_id: RowId) -> schemas.EvalReport:
    """How far a run is, and what it came to so far."""
    return await services.evals.report(subject, run_id)


@router.get("/runs/{run_id}/answers")
async def list_answers(
    subject: Member,
    services: ServicesDep,
    run_id: RowId,
    cursor: CursorText | None = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> schemas.EvalAnswerPage:
    """Question by question what each model said."""
    return await services.evals.answers(subject, run_id, cursor, limit)


@router.get("/runs/{run_id}/answers.csv", response_class=Response)
async def download_answers(subject: Member, services: ServicesDep, run_id: RowId) -> Response:
    """Every answer of a run as CSV."""
    name, content = await services.evals.as_csv(subject, run_id)
    return Response(
        content,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": content_disposition("attachment", f"{name}.csv")},
    )


@router.post("/runs/{run_id}/mark")
async def mark_answer(
    subject: Member, services: ServicesDep, run_id: RowId, mark: schemas.EvalMark
) -> schemas.EvalAnswerInfo:
    """Say whether an answer passes that nobody judges but its reader (rule `look`)."""
    return await services.evals.mark(subject, run_id, mark)


@router.post("/runs/{run_id}/cancel")
async def cancel_run(subject: Member, services: ServicesDep, run_id: RowId) -> schemas.EvalRunInfo:
    """End a run; the answers that there are stay."""
    return await services.evals.cancel(subject, run_id)


@router.post("/runs/{run_id}/resume")
async def resume_run(subject: Member, services: ServicesDep, run_id: RowId) -> schemas.EvalRunInfo:
    """Go on with a run that was cancelled, or that a budget stopped."""
    return await services.evals.resume(subject, run_id)


@router.delete("/runs/{run_id}", status_code=204)
async def delete_run(subject: Member, services: ServicesDep, run_id: RowId) -> None:
    """Remove a run with its answers; one under way ends."""
    await services.evals.remove_run(subject, run_id)
