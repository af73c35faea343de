"""Begins a turn: everything that must be in the database before a model is asked, in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.access.subject import Subject
from freehold.chat import generation_rows, models, repository, schemas
from freehold.db import Database
from freehold.errors import Conflict, InvalidRequest, TooManyAttempts
from freehold.files import repository as file_rows
from freehold.kit.clock import now
from freehold.kit.ids import new_id
from freehold.wire.request import ReasoningEffort

Json = dict[str, Any]
AnyTurn = schemas.SendTurn | schemas.RegenerateTurn | schemas.ContinueTurn

MAX_RUNNING = 128  # answers being written for one person
WAIT_OR_STOP = "Wait until the answer is written, or stop it first."


@dataclass(frozen=True, slots=True)
class Turn:
    """Rows of a turn as they were committed. `fresh` is False when the request is a repeat of an earlier one."""

    thread: models.Thread
    question: models.Message | None  # the user's new message, when one was sent
    message: models.Message
    generation: models.Generation
    reasoning_effort: ReasoningEffort | None
    fresh: bool


async def begin(
    database: Database,
    worker: str,
    subject: Subject,
    *,
    thread_id: str,
    turn: AnyTurn,
    idempotency_key: str | None,
) -> Turn:
    """Commit the user's message, the message to be filled and the generation; or find those of an earlier request.

    Raises NotFound, Conflict (the message is being written, or the key belongs to another request), InvalidRequest.
    """
    try:
        return await _begin(database, worker, subject, thread_id=thread_id, turn=turn, idempotency_key=idempotency_key)
    except IntegrityError:
        # the same request arrived twice at the same moment: the other one made the thread or began the turn
        return await _begin(database, worker, subject, thread_id=thread_id, turn=turn, idempotency_key=idempotency_key)


async def _begin(
    database: Database,
    worker: str,
    subject: Subject,
    *,
    thread_id: str,
    turn: AnyTurn,
    idempotency_key: str | None,
) -> Turn:
    owner_id = subject.user_id
    async with database.begin() as session:
        if isinstance(turn, schemas.SendTurn) and turn.first is not None:
            await repository.make_thread(session, owner_id, thread_id, project_id=turn.first.project_id)
        thread = await repository.find_thread(session, owner_id, thread_id, lock=True)
        if idempotency_key is not None:
            earlier = await generation_rows.find_by_key(session, owner_id, idempotency_key)
            if earlier is not None:
                return await _repeat(session, thread, earlier, turn)
        if await generation_rows.running_of(session, owner_id) >= MAX_RUNNING:
            raise TooManyAttempts(f"{MAX_RUNNING} answers are being written for you.", next_step=WAIT_OR_STOP)
        at = now()
        question: models.Message | None = None
        kept: list[Json] | None = None
        if isinstance(turn, schemas.SendTurn):
            question, message = await _send(session, owner_id, thread, turn, at)
            model = turn.model
        elif isinstance(turn, schemas.RegenerateTurn):
            message, model = await _regenerate(session, owner_id, thread, turn, at)
        else:
            message, model = await _continue(session, owner_id, thread, turn)
            kept = message.parts
        generation = models.Generation(
            id=new_id(),
            owner_id=owner_id,
            thread_id=thread.id,
            message_id=message.id,
            kind=turn.kind,
            model=model,
            status="running",
            worker=worker,
            idempotency_key=idempotency_key,
            heartbeat_at=at,
            started_at=at,
        )
        session.add(generation)
        await session.flush()
        if kept is not None:
            # number 0 is never sent: it holds what the message was, for those who attach after the end
            await generation_rows.append(session, [(generation.id, 0, [{"type": "kept", "parts": kept}])])
        thread.leaf_id = await _leaf(session, owner_id, thread, message, turn)
        thread.model = model
        thread.last_activity_at = thread.read_at = thread.updated_at = at
        if isinstance(turn, schemas.SendTurn):
            await repository.draft_was_sent(session, owner_id, "new" if turn.first else thread.id, idempotency_key)
    effort = None if isinstance(turn, schemas.ContinueTurn) else turn.reasoning_effort
    return Turn(thread, question, message, generation, effort, fresh=True)


async def _send(
    session: AsyncSession, owner_id: str, thread: models.Thread, turn: schemas.SendTurn, at: datetime
) -> tuple[models.Message, models.Message]:
    if turn.parent_id is not None:
        branch = await repository.branch(session, owner_id, thread.id, turn.parent_id)
        _refuse_streaming(branch[-1])
    user = models.Message(
        id=new_id(),
        thread_id=thread.id,
        parent_id=turn.parent_id,
        role="user",
        status="complete",
        parts=await stored_parts(session, owner_id, turn.parts),
        created_at=at,
    )
    session.add(user)
    return user, _answer_to(session, user, at)


async def _regenerate(
    session: AsyncSession, owner_id: str, thread: models.Thread, turn: schemas.RegenerateTurn, at: datetime
) -> tuple[models.Message, str]:
    branch = await repository.branch(session, owner_id, thread.id, turn.message_id)
    target = branch[-1]
    _refuse_streaming(target)
    question = target
    if target.role == "assistant":
        if len(branch) < 2:
            raise InvalidRequest("There is no message that this one answers.")
        question = branch[-2]
    model = turn.model or (target.run or {}).get("model") or thread.model
    if model is None:
        raise InvalidRequest("Name the model that should answer.", fields=["model"])
    return _answer_to(session, question, at), model


async def _continue(
    session: AsyncSession, owner_id: str, thread: models.Thread, turn: schemas.ContinueTurn
) -> tuple[models.Message, str]:
    branch = await repository.branch(session, owner_id, thread.id, turn.message_id)
    message = branch[-1]
    _refuse_streaming(message)
    cut_off = message.status == "complete" and (message.run or {}).get("finish_reason") == "length"
    if message.role != "assistant" or len(branch) < 2 or (message.status == "complete" and not cut_off):
        raise Conflict("This message is complete, there is nothing to continue.", next_step="Write a new message.")
    model = (message.run or {}).get("model") or thread.model
    if model is None:
        raise InvalidRequest(
            "No model is known for this message.", next_step="Regenerate it with a model of your choice."
        )
    message.status = "streaming"
    message.error = None
    return message, model


def _answer_to(session: AsyncSession, question: models.Message, at: datetime) -> models.Message:
    message = models.Message(
        id=new_id(),
        thread_id=question.thread_id,
        parent_id=question.id,
        role="assistant",
        status="streaming",
        parts=[],
        created_at=at,
    )
    session.add(message)
    return message


async def _leaf(
    session: AsyncSession,
    owner_id: str,
    thread: models.Thread,
    message: models.Message,
    turn: AnyTurn,
) -> str:
    """The branch shown from now on: the one being written; a continued message inside the shown branch keeps that."""
    if isinstance(turn, schemas.ContinueTurn) and thread.leaf_id is not None:
        shown = await repository.branch_ids(session, owner_id, thread.id, thread.leaf_id)
        if message.id in shown:
            return thread.leaf_id
    return message.id


async def stored_parts(session: AsyncSession, owner_id: str, parts: list[schemas.PartInput]) -> list[Json]:
    """A client's parts in the form that is stored; images are looked up among the owner's files. Raises NotFound."""
    stored: list[Json] = []
    for part in parts:
        if isinstance(part, schemas.TextInput):
            stored.append(schemas.TextPart(text=part.text).model_dump(mode="json"))
            continue
        file = await file_rows.find(session, owner_id, part.file_id)
        image = schemas.ImagePart(
            file_id=file.id, name=file.name, media_type=file.media_type, width=file.width, height=file.height
        )
        stored.append(image.model_dump(mode="json"))
    return stored


async def _repeat(
    session: AsyncSession,
    thread: models.Thread,
    earlier: models.Generation,
    turn: AnyTurn,
) -> Turn:
    """The turn that an earlier request with this key began. Raises Conflict when it asked for something else."""
    message = await generation_rows.message_of(session, earlier)
    same = earlier.thread_id == thread.id and earlier.kind == turn.kind
    if same and isinstance(turn, schemas.SendTurn):
        question = await session.get(models.Message, message.parent_id)
        same = (
            question is not None
            and question.parent_id == turn.parent_id
            and (question.edited_at is not None or _same_content(question.parts, turn.parts))
        )
    elif same and isinstance(turn, schemas.RegenerateTurn):
        same = turn.model in (None, earlier.model)
    elif same and isinstance(turn, schemas.ContinueTurn):
        same = turn.message_id == message.id
    if not same:
        raise Conflict("This Idempotency-Key was used for another request.", next_step="Use a new key for each turn.")
    return Turn(thread, None, message, earlier, None, fresh=False)


def _same_content(stored: list[Json], sent: list[schemas.PartInput]) -> bool:
    def content(part: Json) -> tuple[str, str]:
        return part["type"], part.get("text") or part.get("file_id") or ""

    return [content(part) for part in stored] == [content(part.model_dump()) for part in sent]


def _refuse_streaming(message: models.Message) -> None:
    if message.status == "streaming":
        raise Conflict("This answer is still being written.", next_step=WAIT_OR_STOP)
