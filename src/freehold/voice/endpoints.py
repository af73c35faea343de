"""Speech over HTTP."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile
from fastapi.responses import StreamingResponse

from freehold.access.dependencies import Member
from freehold.deps import ServicesDep
from freehold.gateway.dataplane.exchange import ClientLeft, Presence
from freehold.gateway.dataplane.plane import CLIENT_LEFT
from freehold.voice import schemas
from freehold.voice.service import MAX_SOUND_BYTES

router = APIRouter(prefix="/api/voice", tags=["voice"])

UNKEPT = {"Cache-Control": "no-store"}


@router.get("")
async def get_voice(subject: Member, services: ServicesDep) -> schemas.VoiceInfo:
    """What this server can do of speech."""
    del subject
    return await services.voice.info()


@router.post("/transcription", response_model=schemas.Transcript)
async def transcribe(
    subject: Member,
    services: ServicesDep,
    request: Request,
    file: Annotated[UploadFile, File()],
    language: Annotated[str | None, Form(pattern=r"^[a-z]{2,3}$")] = None,
    *,
    thread_id: Annotated[str | None, Query(min_length=36, max_length=36)] = None,
    in_house: bool = False,
) -> schemas.Transcript | Response:
    """Write down a recording (WebM, Ogg, MP4, MP3 or WAV), which is kept nowhere. `language`: ISO 639-1."""
    thread = await services.voice.thread(subject, thread_id, in_house=in_house)
    sound = await file.read(MAX_SOUND_BYTES + 1)
    try:
        with Presence(request.receive, services.gateway.ticker):
            return await services.voice.transcribe(
                subject, sound, file.content_type or "", language=language, thread=thread
            )
    except ClientLeft:
        return Response(status_code=CLIENT_LEFT)


@router.post("/speech", response_class=Response, responses={200: {"content": {"audio/mpeg": {}}}})
async def read_aloud(subject: Member, services: ServicesDep, request: Request, new: schemas.SpeechNew) -> Response:
    """Read a text aloud; the sound comes in pieces as it is made, and is kept nowhere."""
    thread = await services.voice.thread(subject, new.thread_id, in_house=new.in_house)
    try:
        with Presence(request.receive, services.gateway.ticker):
            kind, pieces = await services.voice.read_aloud(subject, new, thread)
    except ClientLeft:
        return Response(status_code=CLIENT_LEFT)
    return StreamingResponse(pieces, media_type=kind, headers=UNKEPT)
