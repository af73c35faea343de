"""Folds long chats: in the background after an answer, before a send that would not fit, or when it is asked for."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial

import anyio
import structlog
from anyio.abc import TaskGroup

from freehold.access.subject import Subject
from freehold.chat import models, views
from freehold.chat import repository as chat_rows
from freehold.chat.announce import Announcer
from freehold.chat.attached import written_out
from freehold.chat.compaction import plan, recall, repository, summary, wording
from freehold.chat.compaction.models import Compaction
from freehold.chat.compaction.plan import Layout, Segment
from freehold.chat.compaction.schemas import Fold, Folded
from freehold.chat.search.documents import text_of
from freehold.db import Database
from freehold.errors import CannotFold, FreeholdError
from freehold.files.service import Files
from freehold.gateway.call import Gateway
from freehold.gateway.meter import estimate_tokens
from freehold.gateway.routing.policy import Thread
from freehold.kit.bus import MemoryBus
from freehold.kit.clock import monotonic, now
from freehold.kit.ids import new_id
from freehold.providers.base import ModelCard
from freehold.wire.events import TextDelta
from freehold.wire.request import ChatRequest

AT_A_TIME = 1  # a small machine has answers to write
PIECE_SECONDS = 120.0  # for one piece of a chat
SEND_WAITS_SECONDS = 120.0  # then the middle is left out without a summary
REST_SECONDS = 300.0  # after a failure nothing is folded by itself in that chat for so long
USUAL_ANSWER = 4_096  # tokens kept free for the answer when the model's own limit is unknown

Stage = Callable[[str], Awaitable[None]]
"""Says what is being waited for."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A branch as it is sent: its messages, texts to put in front of some of them by their ids, and what to tell."""

    messages: tuple[models.Message, ...]
    before: dict[str, str]
    behind: tuple[str, ...]
    asked: str | None
    shown: Folded | None


@dataclass(slots=True)
class _Work:
    """A fold that is being written."""

    done: anyio.Event = field(default_factory=anyio.Event)
    made: Compaction | None = None
    failure: CannotFold | None = None


class Compactions:
    """One per process. Whatever is summarised is read by a model in the house alone, as titles are."""

    def __init__(self, database: Database, gateway: Gateway, files: Files, bus: MemoryBus, tasks: TaskGroup) -> None:
        """`tasks` is the app's task group: a fold goes on when the request that needed it has ended."""
        self._database = database
        self._gateway = gateway
        self._files = files
        self._announcer = Announcer(bus)
        self._tasks = tasks
        self._room = anyio.Semaphore(AT_A_TIME)
        self._works: dict[str, _Work] = {}
        self._rest_until: dict[str, float] = {}

    # --- what is sent -----------------------------------------------------------------------------------------------

    async def prepare(
        self, subject: Subject, thread: models.Thread, branch: Sequence[models.Message], card: ModelCard, stage: Stage
    ) -> Prepared:
        """The branch as a model with this card is sent it; a fold that it needs to fit is waited for."""
        room = _room(card)
        fold, layout = await self._laid_out(subject, thread.id, branch, room)
        if room is not None and _used(fold, branch) > room and await self._by_itself(subject, thread):
            segment = plan.foldable(branch, fold, card.context_tokens, by_hand=False)
            if segment is not None and self._rested(thread.id):
                await stage("folding")
                with anyio.move_on_after(SEND_WAITS_SECONDS):
                    await self._begin(subject, thread.id, segment, card.context_tokens).done.wait()
                fold, layout = await self._laid_out(subject, thread.id, branch, room)
        return await self._prepared(subject, branch, card, fold, layout)

    async def _laid_out(
        self, subject: Subject, thread_id: str, branch: Sequence[models.Message], room: int | None
    ) -> tuple[Compaction | None, Layout]:
        async with self._database.read() as session:
            fold = plan.active(branch, await repository.of_thread(session, subject.user_id, thread_id))
        return fold, plan.laid_out(branch, fold, room)

    async def _prepared(
        self,
        subject: Subject,
        branch: Sequence[models.Message],
        card: ModelCard,
        fold: Compaction | None,
        layout: Layout,
    ) -> Prepared:
        if fold is None and not layout.cut:
            return Prepared(tuple(branch), {}, (), None, None)
        room = _room(card)
        share = round((card.context_tokens or plan.USUAL_CONTEXT) * recall.SHARE)
        if layout.cut:  # some room for what the question is about
            layout = plan.laid_out(branch, fold, (room or 0) - share)
        question = branch[plan.last_question(branch)]
        asked = text_of(question.parts)
        left = share if room is None else min(share, room - _used_by(layout))
        async with self._database.read() as session:
            found = await recall.find(session, subject.user_id, (*layout.folded, *layout.cut), asked, left)
        before: dict[str, str] = {}
        if fold is not None:
            _put(before, layout, branch, fold.from_id, wording.summary_text(fold.summary, fold.facts, fold.messages))
        if layout.cut:
            _put(before, layout, branch, layout.cut[0].id, wording.cut_text(len(layout.cut), asked))
        if found:
            _put(before, layout, branch, question.id, wording.recalled_text(found, asked))
        sent = plan.total(layout.sent) + sum(round(estimate_tokens(text)) for text in before.values())
        whole = plan.total(plan.laid_out(branch, None, room).sent)
        shown = Folded(
            messages=len(layout.folded),
            tokens=max(0, whole - sent) if fold is not None else 0,
            recalled=len(found),
            cut=len(layout.cut),
        )
        behind = tuple(text_of(message.parts) for message in layout.folded)
        return Prepared(layout.sent, before, behind, asked, shown)

    # --- when -------------------------------------------------------------------------------------------------------

    async def after_answer(self, subject: Subject, thread_id: str, message_id: str, model: str) -> None:
        """Fold the branch that ends in an answer when most of the model's context is in use; never raises."""
        try:
            card = (await self._gateway.describe(model)).card
            if card.context_tokens is None or not self._rested(thread_id):
                return
            async with self._database.read() as session:
                thread = await chat_rows.find_thread(session, subject.user_id, thread_id)
                branch = await chat_rows.branch(session, subject.user_id, thread_id, message_id)
                fold = plan.active(branch, await repository.of_thread(session, subject.user_id, thread_id))
            counted = branch[-1].run or {}
            told = (counted.get("input_tokens") or 0) + (counted.get("output_tokens") or 0)
            if max(_used(fold, branch), told) < card.context_tokens * plan.FOLD_AT:
                return
            segment = plan.foldable(branch, fold, card.context_tokens, by_hand=False)
            if segment is not None and await self._by_itself(subject, thread):
                self._begin(subject, thread_id, segment, card.context_tokens)
        except FreeholdError as error:
            _log.info("chat_not_folded", thread_id=thread_id, code=error.code)
        except Exception:  # noqa: BLE001 - the answer is saved, and the server goes on
            _log.exception("fold_broke", thread_id=thread_id)

    async def fold_now(self, subject: Subject, thread_id: str) -> Fold:
        """Fold the branch that is shown, all but its newest turns. Raises NotFound, CannotFold."""
        async with self._database.read() as session:
            thread = await chat_rows.find_thread(session, subject.user_id, thread_id)
            branch: list[models.Message] = []
            if thread.leaf_id is not None:
                branch = await chat_rows.branch(session, subject.user_id, thread_id, thread.leaf_id)
            fold = plan.active(branch, await repository.of_thread(session, subject.user_id, thread_id))
        context = await self._context(thread.model)
        segment = plan.foldable(branch, fold, context, by_hand=True)
        if segment is None:
            raise CannotFold("There is not enough in this chat to fold yet.", why="too_short")
        work = self._begin(subject, thread_id, segment, context)
        await work.done.wait()
        if work.made is None:
            raise work.failure or CannotFold("The fold was interrupted.", why="failed")
        return views.fold(work.made)

    async def undo(self, subject: Subject, thread_id: str, fold_id: str) -> None:
        """Send the originals again; from now on this chat is folded only by hand. Raises NotFound."""
        async with self._database.begin() as session:
            thread = await chat_rows.find_thread(session, subject.user_id, thread_id, lock=True)
            fold = await repository.find(session, subject.user_id, thread_id, fold_id)
            await repository.remove(session, thread_id, [fold.id])
            thread.folding, thread.updated_at = "never", now()
            await session.flush()
            generating = await chat_rows.is_generating(session, subject.user_id, thread_id)
            shown = views.thread(thread, generating=generating)
        self._announcer.thread(subject.user_id, shown)
        self._announcer.fold(subject.user_id, thread_id)

    async def _context(self, model: str | None) -> int | None:
        if model is None:
            return None
        try:
            return (await self._gateway.describe(model)).card.context_tokens
        except FreeholdError:
            return None

    async def _by_itself(self, subject: Subject, thread: models.Thread) -> bool:
        async with self._database.read() as session:
            return await repository.folds_by_itself(session, subject.user_id, thread)

    def _rested(self, thread_id: str) -> bool:
        return self._rest_until.get(thread_id, 0.0) <= monotonic()

    # --- writing ----------------------------------------------------------------------------------------------------

    def _begin(self, subject: Subject, thread_id: str, segment: Segment, context: int | None) -> _Work:
        """Begin a fold, or find the one that is being written in this chat."""
        work = self._works.get(thread_id)
        if work is None:
            work = self._works[thread_id] = _Work()
            self._tasks.start_soon(partial(self._run, work, subject, thread_id, segment, context))
        return work

    async def _run(self, work: _Work, subject: Subject, thread_id: str, segment: Segment, context: int | None) -> None:
        try:
            work.made = await self._write(subject, thread_id, segment, context or plan.USUAL_CONTEXT)
            self._rest_until.pop(thread_id, None)
            self._announcer.fold(subject.user_id, thread_id)
        except CannotFold as failure:
            work.failure = failure
        except FreeholdError as failure:
            work.failure = CannotFold(f"The chat could not be folded: {failure}", why="failed")
        except Exception as failure:  # noqa: BLE001 - the server goes on; the chat is sent without a summary
            _log.exception("fold_broke", thread_id=thread_id)
            work.failure = CannotFold(f"Something inside Freehold broke: {type(failure).__name__}.", why="failed")
        finally:
            del self._works[thread_id]
            work.done.set()
        if work.failure is not None:
            _log.info("chat_not_folded", thread_id=thread_id, why=work.failure.params["why"])
            moment = monotonic()
            self._rest_until = {key: until for key, until in self._rest_until.items() if until > moment}
            self._rest_until[thread_id] = moment + REST_SECONDS

    async def _write(self, subject: Subject, thread_id: str, segment: Segment, context: int) -> Compaction:
        """Summarise and commit. Raises CannotFold, NotFound when the messages are gone meanwhile."""
        model = self._gateway.local_model(summary.COMFORTABLE)
        card = (await self._gateway.providers.resolve(model))[1] if model is not None else None
        if model is None or card is None or card.demonstration:
            raise CannotFold("No model in the house can write summaries.", why="no_model")
        old = segment.earlier
        said = await written_out(self._files, subject.user_id, segment.new)
        written = await summary.write(
            partial(self._ask, subject, model),
            [(message.role, text_of(message.parts)) for message in said],
            summary.Written(old.summary, old.facts) if old is not None else None,
            reader=context,
            own_context=card.context_tokens,
        )
        if written is None:
            raise CannotFold(f"{model} wrote no summary that can be used.", why="failed")
        sent = wording.summary_text(written.summary, written.facts, segment.count)
        made = Compaction(
            id=new_id(),
            thread_id=thread_id,
            from_id=segment.from_id,
            to_id=segment.to_id,
            kept=list(segment.kept),
            messages=segment.count,
            summary=written.summary,
            facts=written.facts,
            model=model,
            tokens_before=segment.tokens,
            tokens_after=round(estimate_tokens(sent)),
            created_at=now(),
        )
        if made.tokens_after >= made.tokens_before:
            raise CannotFold("The summary would be as long as the messages.", why="too_short")
        async with self._database.begin() as session:
            await chat_rows.find_thread(session, subject.user_id, thread_id, lock=True)
            rows = await chat_rows.branch(session, subject.user_id, thread_id, segment.to_id)
            edited = {row.id: row.edited_at for row in rows}
            if any(edited.get(one.id, one) != one.edited_at for one in segment.new):
                raise CannotFold("A message was changed meanwhile.", why="failed")
            if old is not None:
                await repository.find(session, subject.user_id, thread_id, old.id)
            session.add(made)
        return made

    async def _ask(self, subject: Subject, model: str, request: ChatRequest) -> str | None:
        """The reply of the model in the house, or None."""
        pieces: list[str] = []
        at_home = Thread(locked=True)  # whatever becomes of the model list meanwhile
        try:
            async with self._room:
                with anyio.move_on_after(PIECE_SECONDS) as deadline:
                    async with aclosing(
                        self._gateway.stream(subject, model, request, "summary", thread=at_home)
                    ) as items:
                        async for item in items:
                            if isinstance(item, TextDelta):
                                pieces.append(item.text)
        except FreeholdError as error:
            _log.info("summary_model_failed", model=model, code=error.code)
            return None
        return None if deadline.cancelled_caught else "".join(pieces)


def _room(card: ModelCard) -> int | None:
    context = card.context_tokens
    return plan.room_of(context, card.max_output_tokens, USUAL_ANSWER) if context else None


def _used(fold: Compaction | None, branch: Sequence[models.Message]) -> int:
    return _used_by(plan.laid_out(branch, fold, None))


def _used_by(layout: Layout) -> int:
    return plan.total(layout.sent) + (layout.fold.tokens_after if layout.fold is not None else 0)


def _put(before: dict[str, str], layout: Layout, branch: Sequence[models.Message], message_id: str, text: str) -> None:
    """Put a text in front of the first message from `message_id` on that is sent."""
    sent = {message.id for message in layout.sent}
    start = next(at for at, message in enumerate(branch) if message.id == message_id)
    at = next(message.id for message in branch[start:] if message.id in sent)
    before[at] = f"{before[at]}\n\n{text}" if at in before else text
