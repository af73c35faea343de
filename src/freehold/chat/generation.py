"""Generations: answers that belong to the server. They are started, followed from any tab, stopped, and never lost."""

from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import anyio
import structlog
from anyio.abc import TaskGroup

from freehold.access.subject import Subject
from freehold.chat import endings, generation_rows, models, repository, schemas, sse, views
from freehold.chat.announce import Announcer
from freehold.chat.answer import Answer
from freehold.chat.attached import has_files, written_out
from freehold.chat.compaction.service import Compactions
from freehold.chat.drawing import Drawings, draws
from freehold.chat.endings import Ending
from freehold.chat.fold import fold
from freehold.chat.log import GenerationLost, LogStream, LogWriter, WriterStopped
from freehold.chat.memory.proposing import Proposals
from freehold.chat.memory.service import instructions_for
from freehold.chat.tailing import final_frame, poll_log, start_frame
from freehold.chat.titles import Titles, first_words, text_of
from freehold.chat.turn import build_request, missing_blanks
from freehold.chat.turns import Turn
from freehold.db import Database
from freehold.errors import ErrorBody, FreeholdError, NotFound, StorageError, TooManyAttempts
from freehold.files.service import Files
from freehold.gateway.call import Described, Gateway, Routed
from freehold.gateway.meter import CallRecord
from freehold.gateway.ready import Asking, Ready, ReadyAnswers, ReadyUse
from freehold.gateway.routing.policy import Thread
from freehold.kit.bus import MemoryBus
from freehold.kit.ids import new_id
from freehold.observability import metrics
from freehold.wire.request import ReasoningEffort

Json = dict[str, Any]

MAX_TAILS = 128  # streams that one person follows at a time, per process
STOP_SECONDS = 10.0  # how long a stop waits until the partial text is saved
SAVE_AGAIN_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0)  # then every 30 s

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Job:
    """A generation that this process writes."""

    subject: Subject
    generation: models.Generation
    stream: LogStream
    kept: list[Json]  # the parts before this generation
    earlier_run: Json | None
    reasoning_effort: ReasoningEffort | None
    ready: ReadyUse
    picture_name: str = "image"
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    ending: Literal["stopped", "interrupted"] | None = None  # why the scope was cancelled
    finished: anyio.Event = field(default_factory=anyio.Event)


class Generations:
    """One per process. `tasks` is the app's task group: answers end with the server, not with a request."""

    def __init__(
        self,
        *,
        database: Database,
        bus: MemoryBus,
        gateway: Gateway,
        ready: ReadyAnswers,
        files: Files,
        compactions: Compactions,
        tasks: TaskGroup,
    ) -> None:
        self.worker = new_id()
        self._database = database
        self._announcer = Announcer(bus)
        self._gateway = gateway
        self._ready = ready
        self._files = files
        self._compactions = compactions
        self._drawings = Drawings(gateway, files)
        self._tasks = tasks
        self._titles = Titles(database, gateway, self._announcer)
        self._proposals = Proposals(database, gateway, self._announcer)
        self._writer = LogWriter(database, self.worker)
        self._background = anyio.CancelScope()
        self._jobs: dict[str, Job] = {}
        self._tails: Counter[str] = Counter()
        self._stopping = anyio.Event()

    # --- life -------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """End what a dead process left behind, then serve."""
        await endings.end_orphans(self._database, self._announcer, self.worker, at_start=True)
        self._tasks.start_soon(self._run_background)

    async def stop(self) -> None:
        """Save every answer under way as interrupted."""
        self._stopping.set()
        for job in list(self._jobs.values()):
            self._cancel(job, "interrupted")
        with anyio.move_on_after(STOP_SECONDS):
            for job in list(self._jobs.values()):
                await job.finished.wait()
        self._background.cancel()

    async def _run_background(self) -> None:
        with self._background:
            async with anyio.create_task_group() as group:
                group.start_soon(self._writer.run)
                group.start_soon(endings.reap_for_ever, self._database, self._announcer, self.worker)

    async def check_model(self, ref: str) -> None:
        """Raises ModelNotFound, with near matches in `params`, for what no provider offers."""
        await self._gateway.describe(ref)

    # --- writing ----------------------------------------------------------------------------------------------------

    def launch(self, turn: Turn, subject: Subject) -> None:
        """Begin to write the answers of a turn that is committed."""
        for one in (turn, *turn.rivals):
            self._launch(one, subject)

    def _launch(self, turn: Turn, subject: Subject) -> None:
        job = Job(
            subject=subject,
            generation=turn.generation,
            stream=self._writer.open(turn.generation.id),
            kept=list(turn.message.parts),
            earlier_run=turn.message.run,
            reasoning_effort=turn.reasoning_effort,
            ready=_ready_use(turn),
        )
        # the model may be silent for long: it is not waited for when its words cannot be kept
        job.stream.on_failure = job.scope.cancel
        self._jobs[turn.generation.id] = job
        metrics.GENERATIONS_RUNNING.inc()
        if self._stopping.is_set():
            self._cancel(job, "interrupted")
        self._tasks.start_soon(self._run, job, name=f"generation {turn.generation.id}")

    async def _run(self, job: Job) -> None:
        """Write to the end, whatever the end is, and save it. Nothing may leave a row that says `running`."""
        answer = Answer(job.stream.append, self._image_keeper(job), job.earlier_run)
        error: ErrorBody | None = None
        ending: Ending = "complete"
        try:
            with job.scope:
                await self._write(job, answer)
            if job.scope.cancelled_caught:
                ending = job.ending or "interrupted"
        except GenerationLost:
            pass  # found out again, and dealt with, when it is saved
        except WriterStopped:
            ending = "interrupted"
        except FreeholdError as failure:
            ending, error = "failed", failure.body()
        except Exception as failure:  # noqa: BLE001 - whatever broke, what is written so far is saved with the reason
            _log.exception("generation_broke", generation_id=job.generation.id)
            broken = FreeholdError(
                f"Something inside Freehold broke while the answer was written: {type(failure).__name__}."
            )
            ending, error = "failed", broken.body()
        except BaseException:  # the whole server is being cancelled
            await self._save_last(job, answer, "interrupted", None)
            raise
        await self._save_last(job, answer, ending, error)

    async def _write(self, job: Job, answer: Answer) -> None:
        await answer.stage("choosing_model")
        generation = job.generation
        async with self._database.read() as session:
            branch = await repository.branch(session, generation.owner_id, generation.thread_id, generation.message_id)
            conversation = await repository.find_thread(session, generation.owner_id, generation.thread_id)
            instructions, facts = await instructions_for(session, conversation, branch)
        files = has_files(branch)
        branch = await written_out(self._files, generation.owner_id, branch)
        described = await self._gateway.describe(generation.model)
        if draws(described.card):
            await self._draw(job, answer, branch, conversation, described)
            return
        prepared = await self._compactions.prepare(
            job.subject, conversation, branch if job.kept else branch[:-1], described.card, answer.stage
        )
        parameters = schemas.Parameters.model_validate(conversation.parameters or {})
        if job.reasoning_effort is not None or job.kept:  # an answer that goes on does not think anew
            parameters = parameters.model_copy(update={"reasoning_effort": job.reasoning_effort})
        request = await build_request(
            prepared.messages,
            described.card,
            described.config,
            lambda file_id: self._files.model_image(generation.owner_id, file_id),
            before=prepared.before,
            sees_images=described.sees_images is not False,
            parameters=parameters,
            instructions=instructions,
        )
        answer.asked_with(prepared.shown)
        answer.memory = facts if instructions and instructions in request.messages[0].text() else 0
        answer.skip(missing_blanks(request, job.kept))
        asking = Asking(job.subject, generation.model, request, conversation.in_house)
        # what is said in a temporary chat or stands in a file is counted and kept nowhere
        found = await self._ready.find(asking, "never" if conversation.state == "temp" or files else job.ready)
        if isinstance(found, Ready):
            await answer.given(found.record, found.text)
            return
        before = next((one.run["model"] for one in reversed(branch[:-1]) if one.run and not _curated(one.run)), None)
        thread = Thread(
            conversation.in_house,
            before,
            frozenset(conversation.consent or ()),
            behind=prepared.behind,
            left_out=prepared.shown.tokens if prepared.shown is not None else 0,
            asked=prepared.asked,
            id=generation.thread_id,
            message_id=generation.message_id,
            may_leave=partial(self._may_leave, generation),
        )
        record: CallRecord | None = None
        async with aclosing(self._gateway.stream(job.subject, generation.model, request, thread=thread)) as items:
            async for item in items:
                if isinstance(item, Routed):
                    record = item.record
                    await answer.routed(record)
                else:
                    await answer.take(item)
        self._ready.keep(found, record, answer.text)

    async def _draw(
        self,
        job: Job,
        answer: Answer,
        branch: Sequence[models.Message],
        conversation: models.Thread,
        described: Described,
    ) -> None:
        """The pictures that the last question asks for."""
        question = next(one for one in reversed(branch) if one.role == "user")
        job.picture_name = first_words(text_of(question.parts)) or "image"
        thread = Thread(conversation.in_house, consent=frozenset(conversation.consent or ()))
        choice = schemas.Parameters.model_validate(conversation.parameters or {}).picture or schemas.Picture()
        asked: dict[str, Any] = {"question": question, "choice": choice, "thread": thread}
        items = self._drawings.draw(job.subject, job.generation.model, described, **asked)
        async with aclosing(items):
            async for item in items:
                if isinstance(item, Routed):
                    await answer.routed(item.record)
                    await answer.stage("drawing")
                else:
                    await answer.take(item)

    async def _may_leave(self, generation: models.Generation) -> bool:
        """Whether the thread is still there and not kept in the house by now. Raises StorageError."""
        async with self._database.read() as session:
            thread = await session.get(models.Thread, generation.thread_id)
            message = await session.get(models.Message, generation.message_id)
        if thread is None or message is None or thread.state == "deleted" or message.deleted_at is not None:
            return False
        return not thread.in_house

    def _image_keeper(self, job: Job) -> Any:
        async def keep(data: bytes, media_type: str) -> schemas.ImagePart:
            name = f"{job.picture_name}.{media_type.partition('/')[2]}"
            file = await self._files.store(job.generation.owner_id, name, data)
            return schemas.ImagePart(
                file_id=file.id, name=file.name, media_type=file.media_type, width=file.width, height=file.height
            )

        return keep

    async def _save_last(self, job: Job, answer: Answer, ending: Ending, error: ErrorBody | None) -> None:
        with anyio.CancelScope(shield=True):
            try:
                await self._save(job, answer, ending, error)
            finally:
                self._writer.close(job.stream)
                self._jobs.pop(job.generation.id, None)
                metrics.GENERATIONS_RUNNING.dec()
                metrics.GENERATIONS.labels(job.generation.model.partition("/")[0], ending).inc()
                job.stream.end()
                job.finished.set()

    async def _save(self, job: Job, answer: Answer, ending: Ending, error: ErrorBody | None) -> None:
        """Save the end. While the database refuses, the readers are told and it is tried again."""
        try:
            await job.stream.flush()
        except GenerationLost:
            job.stream.waiting.clear()
        except WriterStopped:
            pass  # what waits is saved with the end
        except FreeholdError as failure:
            # what waits is saved with the end, if the database takes it then
            ending, error = "failed", failure.body()
        tries = 0
        while True:
            try:
                saved = await self._end(job, answer, ending, error)
            except StorageError as failure:
                ending, error = "failed", failure.body()
                if tries == 0:
                    _log.error("generation_not_saved", generation_id=job.generation.id, code=failure.code)
                    job.stream.end(await self._unsaved_end(job, answer, failure))
                if self._stopping.is_set():
                    return  # the next start finds it and keeps what is in the log
                with anyio.move_on_after(SAVE_AGAIN_SECONDS[min(tries, len(SAVE_AGAIN_SECONDS) - 1)]):
                    await self._stopping.wait()
                tries += 1
                continue
            if saved is None:
                job.stream.end(await self._end_by_others(job))
            elif ending != "interrupted":
                for after in (self._titles.write, self._proposals.write):
                    self._tasks.start_soon(after, job.subject, saved.thread, saved.message)
            if saved is not None and ending == "complete":
                generation = job.generation
                self._tasks.start_soon(
                    self._compactions.after_answer,
                    job.subject,
                    generation.thread_id,
                    generation.message_id,
                    generation.model,
                )
            return

    async def _end(self, job: Job, answer: Answer, ending: Ending, error: ErrorBody | None) -> endings.Ended | None:
        """Commit what waits together with the end; None when somebody else ended this generation."""
        stream = job.stream
        waiting = list(stream.waiting)
        ended = await endings.end(
            self._database,
            job.generation,
            ending,
            worker=self.worker,
            parts=fold(job.kept, [*stream.events(), *waiting]),
            run=answer.run(),
            error=error,
            waiting=waiting,
            next_seq=stream.next_seq,
        )
        if ended is None:
            return None
        stream.take()
        stream.committed([*waiting, ended.event])
        endings.announce(self._announcer, job.generation.owner_id, ended)
        return ended

    async def _end_by_others(self, job: Job) -> bytes | None:
        """The last frame when another process ended this generation; None when it was deleted."""
        try:
            async with self._database.read() as session:
                generation = await generation_rows.find(session, job.generation.owner_id, job.generation.id)
                return await final_frame(session, generation)
        except FreeholdError:
            return None

    async def _unsaved_end(self, job: Job, answer: Answer, failure: StorageError) -> bytes | None:
        """The last frame for readers when the end cannot be saved now: all the text there is, and why it stopped."""
        try:
            async with self._database.read() as session:
                thread = await session.get(models.Thread, job.generation.thread_id)
                message = await session.get(models.Message, job.generation.message_id)
        except StorageError:
            return None
        if thread is None or message is None:
            return None
        message.status, message.run, message.error = "failed", answer.run(), failure.body().as_dict()
        parts = fold(job.kept, [*job.stream.events(), *job.stream.waiting])
        shown = schemas.FinishEvent(
            message=views.message(message, parts=parts), thread=views.thread(thread, generating=False)
        )
        return sse.frame(shown.model_dump(mode="json"))

    # --- following --------------------------------------------------------------------------------------------------

    async def attach(self, owner_id: str, generation_id: str, cursor: int) -> AsyncGenerator[bytes]:
        """Follow a generation from after event `cursor`: the frames of its stream, to the end.

        Raises NotFound and TooManyAttempts before the first frame.
        """
        if self._tails[owner_id] >= MAX_TAILS:
            raise TooManyAttempts(f"{MAX_TAILS} answers are being followed for you.", next_step="Close other tabs.")
        job = self._jobs.get(generation_id)  # before the rows are read: it may end meanwhile, its stream stays readable
        async with self._database.read() as session:
            first = await start_frame(session, owner_id, generation_id)
        return self._follow(owner_id, generation_id, first, cursor, job)

    async def _follow(
        self, owner_id: str, generation_id: str, first: bytes, cursor: int, job: Job | None
    ) -> AsyncGenerator[bytes]:
        self._tails[owner_id] += 1
        try:
            yield first
            if job is not None:
                frames = job.stream.tail(cursor)
            else:
                frames = poll_log(self._database, owner_id, generation_id, cursor)
            async with aclosing(frames):
                async for chunk in frames:
                    yield chunk
        finally:
            self._tails[owner_id] -= 1
            if not self._tails[owner_id]:
                del self._tails[owner_id]

    # --- stopping ---------------------------------------------------------------------------------------------------

    async def halt(self, owner_id: str, generation_id: str) -> schemas.Message:
        """Stop an answer and keep its text; the message as saved. Of an ended one too. Raises NotFound."""
        async with self._database.read() as session:
            generation = await generation_rows.find(session, owner_id, generation_id)
        await self._halt(generation)
        async with self._database.read() as session:
            message = await session.get(models.Message, generation.message_id)
        if message is None:
            raise NotFound
        return views.message(message)

    async def halt_in(self, owner_id: str, thread_id: str, message_ids: set[str] | None = None) -> None:
        """Stop every answer in a thread, or only those being written to `message_ids`."""
        async with self._database.read() as session:
            running = await generation_rows.running_in(session, owner_id, thread_id)
        for generation in running:
            if message_ids is None or generation.message_id in message_ids:
                await self._halt(generation)

    async def _halt(self, generation: models.Generation) -> None:
        job = self._jobs.get(generation.id)
        if job is not None:
            self._cancel(job, "stopped")
            with anyio.move_on_after(STOP_SECONDS):
                await job.finished.wait()
        elif generation.status == "running":
            # another process writes it; its writer finds out at its next commit and lets go
            ended = await endings.end_from_log(self._database, generation, "stopped")
            if ended is not None:
                endings.announce(self._announcer, generation.owner_id, ended)

    def _cancel(self, job: Job, ending: Literal["stopped", "interrupted"]) -> None:
        if job.ending is None:
            job.ending = ending
        job.scope.cancel()


def _ready_use(turn: Turn) -> ReadyUse:
    """A new question may be answered by what is there; answering again asks the model. Several are asked to compare."""
    if turn.generation.kind == "send" and turn.question is not None and not turn.rivals:
        return "look"
    return "refresh" if turn.generation.kind == "regenerate" else "never"


def _curated(run: Json) -> bool:
    """Whether no model wrote it."""
    return (run.get("cached") or {}).get("kind") == "faq"
