"""Rows as the schemas that clients get."""

from collections.abc import Sequence
from typing import Any

from freehold.chat import models, schemas
from freehold.chat.compaction.models import Compaction
from freehold.files.schemas import FileInfo

Json = dict[str, Any]


def thread(row: models.Thread, *, generating: bool) -> schemas.Thread:
    """`unread`: something happened since the thread was opened last; what is still being written does not count."""
    return schemas.Thread(
        id=row.id,
        title=row.title,
        title_source=row.title_source,  # type: ignore[arg-type]
        project_id=row.project_id,
        model=row.model,
        state=row.state,  # type: ignore[arg-type]
        expires_at=row.expires_at,
        pinned=row.pinned,
        in_house=row.in_house,
        folding=row.folding,  # type: ignore[arg-type]
        parameters=schemas.Parameters.model_validate(row.parameters or {}),
        leaf_id=row.leaf_id,
        choices=row.choices or {},
        generating=generating,
        unread=not generating and row.read_at is not None and row.last_activity_at > row.read_at,
        last_activity_at=row.last_activity_at,
        created_at=row.created_at,
    )


def message(
    row: models.Message,
    *,
    generation_id: str | None = None,
    parts: list[Json] | None = None,
    run: Json | None = None,
) -> schemas.Message:
    """`parts` and `run` replace those of the row while its generation runs."""
    return schemas.Message.model_validate(
        {
            "id": row.id,
            "thread_id": row.thread_id,
            "parent_id": row.parent_id,
            "role": row.role,
            "status": row.status,
            "parts": row.parts if parts is None else parts,
            "run": run or row.run,
            "error": row.error,
            "feedback": row.feedback,
            "translation": row.translation,
            "pinned": row.pinned,
            "generation_id": generation_id,
            "created_at": row.created_at,
            "edited_at": row.edited_at,
        }
    )


def generation(row: models.Generation) -> schemas.Generation:
    return schemas.Generation(
        id=row.id,
        thread_id=row.thread_id,
        message_id=row.message_id,
        kind=row.kind,  # type: ignore[arg-type]
        model=row.model,
        status=row.status,  # type: ignore[arg-type]
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def fold(row: Compaction) -> schemas.Fold:
    return schemas.Fold(
        id=row.id,
        from_id=row.from_id,
        to_id=row.to_id,
        kept=row.kept,
        messages=row.messages,
        summary=row.summary,
        facts=row.facts,
        model=row.model,
        tokens_before=row.tokens_before,
        tokens_after=row.tokens_after,
        created_at=row.created_at,
    )


def project(row: models.Project, threads: int) -> schemas.Project:
    return schemas.Project(id=row.id, name=row.name, threads=threads, created_at=row.created_at)


def draft(scope: str, row: models.Draft | None, files: Sequence[FileInfo] = ()) -> schemas.Draft:
    """An empty draft when nothing was typed."""
    content = row.content if row else {}
    return schemas.Draft(
        scope=scope,
        text=content.get("text", ""),
        file_ids=content.get("file_ids", []),
        files=list(files),
        key=content.get("key"),
        updated_at=row.updated_at if row else None,
    )
