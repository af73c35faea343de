"""Files: upload an image or a text, get its bytes, delete it."""

from typing import Annotated, Literal

from fastapi import APIRouter, File, Path, UploadFile
from fastapi.responses import FileResponse

from freehold.access.dependencies import Member
from freehold.deps import ServicesDep
from freehold.errors import NotFound
from freehold.files.schemas import FileInfo
from freehold.files.service import chunks_of

router = APIRouter(prefix="/api/files", tags=["files"])

FileId = Annotated[str, Path(min_length=36, max_length=36, description="A UUID.")]

# what is served is an image or a text, as we found ourselves; should a browser see something else in it, nothing runs
HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, max-age=31536000, immutable",
}


@router.post("", status_code=201)
async def upload_file(subject: Member, services: ServicesDep, file: Annotated[UploadFile, File()]) -> FileInfo:
    """Keep a PNG, JPEG, WebP or GIF image of at most 50 MB, or a text of at most 1 MB.

    An image is stored upright and without its metadata; a text (UTF-8, UTF-16 with its mark, GB18030) as UTF-8.
    """
    return await services.files.store(subject.user_id, file.filename or "", chunks_of(file.read))


@router.get("/{file_id}", response_class=FileResponse)
async def get_file(
    subject: Member, services: ServicesDep, file_id: FileId, size: Literal["full", "thumb"] = "full"
) -> FileResponse:
    """The bytes; `size=thumb` gives an image with at most 512 pixels."""
    stored = await services.files.open(subject.user_id, file_id, size)
    if not await stored.exists():
        raise NotFound
    # Starlette writes the name in the form of RFC 6266
    return FileResponse(
        stored.path,
        media_type=stored.media_type,
        filename=stored.name,
        content_disposition_type="inline",
        headers=HEADERS,
    )


@router.delete("/{file_id}", status_code=204)
async def delete_file(subject: Member, services: ServicesDep, file_id: FileId) -> None:
    """Delete a file for good."""
    await services.files.remove(subject.user_id, file_id)
