"""Chats out and in over HTTP."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Query, UploadFile
from fastapi.responses import FileResponse, StreamingResponse

from freehold.access.dependencies import Member
from freehold.chat.endpoints.paths import RowId
from freehold.deps import ServicesDep
from freehold.files.service import chunks_of
from freehold.kit.headers import content_disposition
from freehold.kit.pagination import CursorText, Limit
from freehold.moving import schemas
from freehold.moving.page import PAGE_POLICY
from freehold.moving.service import Format, Scope
from freehold.moving.words import Language

router = APIRouter(prefix="/api", tags=["moving"])

MEDIA_TYPES: dict[Format, str] = {
    "markdown": "text/markdown; charset=utf-8",
    "json": "application/json",
    "html": "text/html; charset=utf-8",
}
CHAT_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The chat as a file.",
        "content": {
            "text/markdown": {"schema": {"type": "string"}},
            "application/json": {"schema": {"type": "object"}},
            "text/html": {"schema": {"type": "string"}},
        },
    }
}


@router.get("/threads/{thread_id}/export", response_class=StreamingResponse, responses=CHAT_FILE)
async def export_thread(
    subject: Member,
    services: ServicesDep,
    thread_id: RowId,
    *,
    form: Annotated[Format, Query(alias="format")],
    scope: Scope = "path",
    language: Language = "en",
    disposition: Literal["attachment", "inline"] = "attachment",
) -> StreamingResponse:
    """A chat as Markdown, as JSON with every branch, or as one web page with its images.

    `scope` chooses the branch that is shown or the whole tree; JSON is always whole. `inline` shows the page at once.
    """
    exported = await services.moving.export(subject, thread_id, form=form, scope=scope, language=language)
    headers = {"Content-Disposition": content_disposition(disposition, exported.name), "Cache-Control": "no-store"}
    if form == "html":
        headers["Content-Security-Policy"] = PAGE_POLICY
    return StreamingResponse(exported.chunks, media_type=MEDIA_TYPES[form], headers=headers)


@router.post("/exports", status_code=201)
async def begin_export(subject: Member, services: ServicesDep, new: schemas.ExportNew) -> schemas.ExportInfo:
    """Make an archive of some chats, or of everything: Markdown to read, JSON that can be imported, and files."""
    return await services.exports.begin(subject, new)


@router.get("/exports")
async def list_exports(subject: Member, services: ServicesDep) -> list[schemas.ExportInfo]:
    """The archives that are there or are being made, the newest first."""
    return await services.exports.shown(subject)


@router.get("/exports/{export_id}")
async def get_export(subject: Member, services: ServicesDep, export_id: RowId) -> schemas.ExportInfo:
    """One archive: how far it is."""
    return await services.exports.one(subject, export_id)


@router.get("/exports/{export_id}/content", response_class=FileResponse)
async def get_export_content(subject: Member, services: ServicesDep, export_id: RowId) -> FileResponse:
    """The zip. A download that broke off goes on with `Range` and `If-Range` (RFC 9110, section 14)."""
    path, name = await services.exports.content(subject, export_id)
    return FileResponse(
        path, media_type="application/zip", filename=name, headers={"Cache-Control": "private, no-cache"}
    )


@router.delete("/exports/{export_id}", status_code=204)
async def remove_export(subject: Member, services: ServicesDep, export_id: RowId) -> None:
    """Forget an archive; one that is being made is given up."""
    await services.exports.remove(subject, export_id)


@router.post("/imports", status_code=201)
async def begin_import(subject: Member, services: ServicesDep, new: schemas.ImportNew) -> schemas.ImportInfo:
    """Announce an export of ChatGPT, Claude, LobeChat, Open WebUI, LibreChat or Freehold; its bytes follow."""
    return await services.imports.begin(subject, new)


@router.get("/imports")
async def list_imports(subject: Member, services: ServicesDep) -> list[schemas.ImportInfo]:
    """The newest imports, with their progress and reports."""
    return await services.imports.shown(subject)


@router.post("/imports/{import_id}/content")
async def send_import(
    subject: Member,
    services: ServicesDep,
    import_id: RowId,
    file: Annotated[UploadFile, File(description="The next bytes, at most 50 MB.")],
    offset: Annotated[int, Query(ge=0, le=2**53)],
) -> schemas.ImportInfo:
    """The bytes from `offset` on. After a lost connection go on at `received_bytes`; with the last byte it begins."""
    return await services.imports.receive(subject, import_id, offset, chunks_of(file.read))


@router.get("/imports/{import_id}")
async def get_import(subject: Member, services: ServicesDep, import_id: RowId) -> schemas.ImportInfo:
    """One import."""
    return await services.imports.one(subject, import_id)


@router.get("/imports/{import_id}/notes")
async def list_import_notes(
    subject: Member,
    services: ServicesDep,
    import_id: RowId,
    cursor: CursorText | None = None,
    limit: Limit = 100,
) -> schemas.NotePage:
    """What was not taken, by conversation, in the order of the archive."""
    return await services.imports.notes(subject, import_id, cursor, limit)


@router.delete("/imports/{import_id}", status_code=204)
async def remove_import(subject: Member, services: ServicesDep, import_id: RowId) -> None:
    """Forget an import and its report; one under way ends. The chats it brought stay."""
    await services.imports.remove(subject, import_id)
