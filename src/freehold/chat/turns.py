"""Begins a turn: everything that must be in the database before a model is asked, in one transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.access.subject import Subject
from freehold.chat import generation_rows, models, repository, schemas, tree
from freehold.chat.titles import first_words, text_of
from freehold.db import Database
from freehold.errors import Conflict, InvalidRequest, TooManyAttempts
from freehold.files import repository as file_rows
from freehold.files.schemas import FileInfo
from freehold.files.service import info
from freehold.files.text import is_text
from freehold.kit.clock import now
from freehold.kit.ids import new_id
from freehold.wire.request import ReasoningEffort

Json = dict[str, Any]
AnyTurn = schemas.SendTurn | schemas.RegenerateTurn | schemas.ContinueTurn

MOST_OF_A_NAME = 80  # characters of a file's name that become a title
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
    replaced: str | None = None  # the id of the answer that went for this one
    rivals: tuple["Turn", ...] = ()  # the same question to other models


async def begin(
    database: Database,
    worker: str,
    subject: Subject,
    *,
    thread_id: str,
    turn: AnyTurn,
    idempotency_key: str | None,
    temporary_for: timedelta,
) -> Turn:
    """Commit the user's message, the message to be filled and the generation; or find those of an earlier request.

    Raises NotFound, Conflict (the message is being written, or the key belongs to another request), InvalidRequest.
    """
    asked: dict[str, Any] = {"thread_id": thread_id, "turn": turn, "idempotency_key": idempotency_key}
    asked["temporary_for"] = temporary_for
    try:
        return await _begin(database, worker, subject, **asked)
    except IntegrityError:
        # the same request arrived twice at the same moment: the other one made the thread or began the turn
        return await _begin(database, worker, subject, **asked)


async def _begin(
    database: Database,
    worker: str,
    subject: Subject,
    *,
    thread_id: str,
    turn: AnyTurn,
    idempotency_key: str | None,
    temporary_for: timedelta,
) -> Turn:
    owner_id = subject.user_id
    async with database.begin() as session:
        if isinstance(turn, schemas.SendTurn) and turn.first is not None:
            first = turn.first
            await repository.make_thread(
                session,
                owner_id,
                thread_id,
                project_id=first.project_id,
                in_house=first.in_house is True,
                expires_at=now() + temporary_for if first.temporary else None,
                parameters=stored_parameters(first.parameters),
            )
        thread = await repository.find_thread(session, owner_id, thread_id, lock=True)
        if idempotency_key is not None:
            earlier = await generation_rows.find_by_key(session, owner_id, idempotency_key)
            if earlier is not None:
                return await _repeat(session, thread, earlier, turn)
        if await generation_rows.running_of(session, owner_id) + len(_compared(turn)) >= MAX_RUNNING:
            raise TooManyAttempts(f"{MAX_RUNNING} answers are being written for you.", next_step=WAIT_OR_STOP)
        at = now()
        question: models.Message | None = None
        kept: list[Json] | None = None
        replaced: str | None = None
        if isinstance(turn, schemas.SendTurn):
            question, message = await _send(session, owner_id, thread, turn, at)
            if not thread.title:
                # `title_source` still waits for a better one
                thread.title = first_words(text_of(question.parts)) or _first_name(question.parts)
            model = turn.model
        elif isinstance(turn, schemas.RegenerateTurn):
            message, model = await _regenerate(session, owner_id, thread, turn, at)
            replaced = turn.message_id if turn.replace else None
        else:
            message, model = await _continue(session, owner_id, thread, turn)
            kept = message.parts
        common: dict[str, Any] = {"owner_id": owner_id, "worker": worker, "kind": turn.kind, "at": at}
        generation = _generation(session, message, model=model, idempotency_key=idempotency_key, **common)
        effort = None if isinstance(turn, schemas.ContinueTurn) else turn.reasoning_effort
        rivals: list[Turn] = []
        for other in _compared(turn):
            theirs = _answer_to(session, thread.id, message.parent_id, at)
            written = _generation(session, theirs, model=other, idempotency_key=None, **common)
            rivals.append(Turn(thread, None, theirs, written, effort, fresh=True))
        await session.flush()
        if kept is not None:
            # number 0 is never sent: it holds what the message was, for those who attach after the end
            await generation_rows.append(session, [(generation.id, 0, [{"type": "kept", "parts": kept}])])
        if not isinstance(turn, schemas.ContinueTurn) and turn.consent:
            thread.consent = {**(thread.consent or {}), **dict.fromkeys(turn.consent, True)}
        await _show(session, owner_id, thread, message, turn)
        _touch(thread, _onward(thread, turn) or model, at, temporary_for)
        if isinstance(turn, schemas.SendTurn):
            await repository.draft_was_sent(session, owner_id, "new" if turn.first else thread.id, idempotency_key)
    return Turn(thread, question, message, generation, effort, fresh=True, replaced=replaced, rivals=tuple(rivals))


def _touch(thread: models.Thread, model: str, at: datetime, temporary_for: timedelta) -> None:
    """The thread was used just now; the time of a temporary one begins anew."""
    thread.model = model
    thread.last_activity_at = thread.read_at = thread.updated_at = at
    if thread.expires_at is not None:
        thread.expires_at = at + temporary_for


def _compared(turn: AnyTurn) -> list[str]:
    """The models that answer beside the chosen one."""
    return turn.compare if isinstance(turn, schemas.SendTurn) else []


def _onward(thread: models.Thread, turn: AnyTurn) -> str | None:
    """The model with which the thread goes on; None: the one that answers.

    Who answers again because they answered before, perhaps one message alone, is no choice for the thread.
    """
    if isinstance(turn, schemas.SendTurn):
        return turn.onward
    named = turn.model if isinstance(turn, schemas.RegenerateTurn) else None
    return named or thread.model


def _generation(
    session: AsyncSession,
    message: models.Message,
    *,
    owner_id: str,
    worker: str,
    kind: str,
    model: str,
    idempotency_key: str | None,
    at: datetime,
) -> models.Generation:
    generation = models.Generation(
        id=new_id(),
        owner_id=owner_id,
        thread_id=message.thread_id,
        message_id=message.id,
        kind=kind,
        model=model,
        status="running",
        worker=worker,
        idempotency_key=idempotency_key,
        heartbeat_at=at,
        started_at=at,
    )
    session.add(generation)
    return generation


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
    return user, _answer_to(session, thread.id, user.id, at)


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
    if turn.replace:
        if target is question:
            raise InvalidRequest("Only an answer can be replaced.", fields=["replace"])
        target.deleted_at = at
    model = turn.model or await _model_of(session, owner_id, target) or thread.model
    if model is None:
        raise InvalidRequest("Name the model that should answer.", fields=["model"])
    return _answer_to(session, thread.id, question.id, at), model


async def _model_of(session: AsyncSession, owner_id: str, message: models.Message) -> str | None:
    """Who wrote a message, or was to write it and failed before it began."""
    if message.run:
        return message.run["model"]
    earlier = await generation_rows.latest_of(session, owner_id, message.id)
    return earlier.model if earlier else None


async def _continue(
    session: AsyncSession, owner_id: str, thread: models.Thread, turn: schemas.ContinueTurn
) -> tuple[models.Message, str]:
    branch = await repository.branch(session, owner_id, thread.id, turn.message_id)
    message = branch[-1]
    _refuse_streaming(message)
    cut_off = message.status == "complete" and (message.run or {}).get("finish_reason") == "length"
    if message.role != "assistant" or len(branch) < 2 or (message.status == "complete" and not cut_off):
        raise Conflict("This message is complete, there is nothing to continue.", next_step="Write a new message.")
    model = await _model_of(session, owner_id, message) or thread.model
    if model is None:
        raise InvalidRequest(
            "No model is known for this message.", next_step="Regenerate it with a model of your choice."
        )
    message.status = "streaming"
    message.error = None
    return message, model


def _answer_to(session: AsyncSession, thread_id: str, question_id: str | None, at: datetime) -> models.Message:
    message = models.Message(
        id=new_id(),
        thread_id=thread_id,
        parent_id=question_id,
        role="assistant",
        status="streaming",
        parts=[],
        created_at=at,
    )
    session.add(message)
    return message


async def _show(
    session: AsyncSession, owner_id: str, thread: models.Thread, message: models.Message, turn: AnyTurn
) -> None:
    """The branch shown from now on is the one being written; a continued message inside the shown branch keeps that.

    Answers that are compared go on standing side by side when one of them is written again.
    """
    if isinstance(turn, schemas.ContinueTurn) and thread.leaf_id is not None:
        shown = await repository.branch_ids(session, owner_id, thread.id, thread.leaf_id)
        if message.id in shown:
            return
    thread.leaf_id = message.id
    beyond = () if isinstance(turn, schemas.SendTurn) else {message.id}
    forks = await repository.forks(session, owner_id, thread.id)
    if forks:
        branch = await repository.branch(session, owner_id, thread.id, message.id)
        choices = tree.choose(thread.choices, branch, forks, beyond=beyond)
        compared = {branch[-2].id: tree.ALL} if _compared(turn) else {}
        thread.choices = {**choices, **compared}


def stored_parameters(told: schemas.Parameters | None) -> Json | None:
    """In the form that is stored: only what is set; None where nothing is."""
    return (told.model_dump(exclude_none=True) or None) if told else None


async def stored_parts(session: AsyncSession, owner_id: str, parts: list[schemas.PartInput]) -> list[Json]:
    """A client's parts in the form that is stored; files are looked up among the owner's. Raises NotFound."""
    stored: list[Json] = []
    for part in parts:
        if isinstance(part, schemas.TextInput):
            stored.append(schemas.TextPart(text=part.text).model_dump(mode="json"))
            continue
        file = await file_rows.find(session, owner_id, part.file_id)
        shown = shown_file(info(file))
        if shown.type != part.type:
            raise InvalidRequest(f"{file.name} is of another kind than `{part.type}`.", fields=["parts"])
        stored.append(shown.model_dump(mode="json"))
    return stored


def _first_name(parts: list[Json]) -> str:
    return next((part["name"][:MOST_OF_A_NAME] for part in parts if part["type"] == "file"), "")


def shown_file(file: FileInfo) -> schemas.ImagePart | schemas.FilePart:
    """The part that shows a file."""
    if is_text(file.media_type):
        return schemas.FilePart(file_id=file.id, name=file.name, media_type=file.media_type, size_bytes=file.size_bytes)
    return schemas.ImagePart(
        file_id=file.id, name=file.name, media_type=file.media_type, width=file.width, height=file.height
    )


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
