"""Threads, messages, projects and drafts of one person, and the turns they take."""

from collections.abc import AsyncGenerator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.access.subject import Subject
from freehold.chat import forks, generation_rows, lessons, models, repository, schemas, tree, turns, views
from freehold.chat.announce import Announcer
from freehold.chat.attached import attached_to
from freehold.chat.compaction import repository as compactions
from freehold.chat.fold import fold, last_run
from freehold.chat.generation import Generations
from freehold.chat.jobs import BIN_DAYS
from freehold.db import Database
from freehold.errors import Conflict, InvalidRequest, ModelNotFound, NotFound, StorageError
from freehold.gateway.ready import ReadyAnswers
from freehold.kit.bus import MemoryBus
from freehold.kit.clock import now
from freehold.kit.ids import is_id, new_id
from freehold.kit.pagination import decode_cursor, encode_cursor, page_of

_log = structlog.get_logger(__name__)


class Chat:
    """What the endpoints of conversations call; every method acts for one subject and sees only that one's rows."""

    def __init__(
        self,
        *,
        database: Database,
        bus: MemoryBus,
        generations: Generations,
        ready: ReadyAnswers,
        temporary_for: timedelta,
    ) -> None:
        self._database = database
        self._announcer = Announcer(bus)
        self._generations = generations
        self._ready = ready
        self._temporary_for = temporary_for  # since the last turn of a temporary thread

    # --- threads ----------------------------------------------------------------------------------------------------

    async def threads(
        self,
        subject: Subject,
        *,
        state: str,
        pinned: bool | None,
        project_id: str | None,
        cursor: str | None,
        limit: int,
    ) -> schemas.ThreadPage:
        """A page of the thread list, newest activity first. Raises InvalidRequest for a foreign cursor."""
        after = decode_cursor(cursor, datetime, str) if cursor else None
        async with self._database.read() as session:
            rows = await repository.thread_page(
                session,
                subject.user_id,
                state=state,
                pinned=pinned,
                project_id=project_id,
                after=(after[0], after[1]) if after else None,
                limit=limit + 1,
            )
        shown, more = page_of(rows, limit)
        last = shown[-1][0] if shown else None
        return schemas.ThreadPage(
            items=[views.thread(row, generating=generating) for row, generating in shown],
            next_cursor=encode_cursor(last.last_activity_at, last.id) if more and last else None,
        )

    async def create_thread(self, subject: Subject, new: schemas.ThreadNew) -> schemas.Thread:
        """Make a thread. With the id of one that the subject has already, that one. Raises Conflict, NotFound."""
        chosen = own_id(new.id)
        try:
            async with self._database.begin() as session:
                row = await repository.make_thread(
                    session,
                    subject.user_id,
                    chosen,
                    project_id=new.project_id,
                    title=new.title,
                    model=new.model,
                    expires_at=now() + self._temporary_for if new.temporary else None,
                )
                shown = await self._view(session, row)
        except IntegrityError:
            raise Conflict("That id was taken at the same moment.", next_step="Send the request again.") from None
        self._announcer.thread(subject.user_id, shown)
        return shown

    async def thread(self, subject: Subject, thread_id: str) -> schemas.ThreadDetail:
        """A thread with its visible tree; answers under way with what their log holds now. Raises NotFound."""
        async with self._database.read() as session:
            # the generations first: one that ends meanwhile is then read from its message, which is never older
            running = {
                generation.message_id: generation
                for generation in await generation_rows.running_in(session, subject.user_id, thread_id)
            }
            row = await repository.find_thread(session, subject.user_id, thread_id)
            rows = tree.visible(await repository.message_rows(session, subject.user_id, thread_id))
            shown = []
            for message in rows:
                generation = running.get(message.id)
                if generation is None or message.status != "streaming":
                    shown.append(views.message(message))
                    continue
                log = await generation_rows.log_after(session, generation.id, 0)
                events = [event for _, event in log]
                shown.append(
                    views.message(
                        message,
                        generation_id=generation.id,
                        parts=fold(message.parts, events),
                        run=last_run(events),
                    )
                )
            folds = await compactions.of_thread(session, subject.user_id, thread_id)
            return schemas.ThreadDetail(
                thread=await self._view(session, row), messages=shown, folds=[views.fold(fold) for fold in folds]
            )

    async def change_thread(self, subject: Subject, thread_id: str, patch: schemas.ThreadPatch) -> schemas.Thread:
        """Change the named fields. Raises NotFound, InvalidRequest."""
        named = patch.model_fields_set
        async with self._database.begin() as session:
            row = await repository.find_thread(session, subject.user_id, thread_id, lock=True)
            if "project_id" in named and patch.project_id is not None:
                await repository.find_project(session, subject.user_id, patch.project_id)
            for name in ("title", "state", "pinned", "in_house", "folding"):
                if name in named and getattr(patch, name) is None:
                    raise InvalidRequest(f"{name} cannot be empty.", fields=[name])
            for name in named & {"title", "project_id", "model", "state", "pinned", "in_house", "folding"}:
                setattr(row, name, getattr(patch, name))
            if "state" in named:
                row.expires_at = None  # whatever is in the list or in the archive is kept
            if "parameters" in named:
                row.parameters = turns.stored_parameters(patch.parameters)
            if "title" in named:
                row.title_source = "user"
            if patch.leaf_id is not None:
                shown = tree.visible(await repository.messages(session, subject.user_id, thread_id))
                if not any(message.id == patch.leaf_id for message in shown):
                    raise InvalidRequest("leaf_id names no message of this thread.", fields=["leaf_id"])
                row.leaf_id = tree.leaf_below(shown, patch.leaf_id, row.choices)
                below = tree.subtree(shown, patch.leaf_id) - {patch.leaf_id}
                path = tree.path_to(shown, row.leaf_id)
                row.choices = tree.choose(row.choices, path, tree.forks(shown), beyond=below)
            if patch.read:
                row.read_at = max(now(), row.last_activity_at)
            row.updated_at = now()
            await session.flush()
            shown_thread = await self._view(session, row)
        self._announcer.thread(subject.user_id, shown_thread)
        return shown_thread

    async def fork_thread(self, subject: Subject, thread_id: str, fork: schemas.ForkNew) -> schemas.Thread:
        """Copy a part of a thread into a new one. With the id of a thread that is there, that one.

        Raises NotFound, Conflict.
        """
        chosen = own_id(fork.id)
        async with self._database.begin() as session:
            source = await repository.find_thread(session, subject.user_id, thread_id, lock=True)
            if await repository.id_is_free(session, models.Thread, subject.user_id, chosen) is None:
                shown = tree.visible(await repository.messages(session, subject.user_id, thread_id))
                nodes = forks.taken(shown, fork.message_id, fork.which)
                made = forks.copies(nodes, chosen)
                row = await repository.make_thread(
                    session,
                    subject.user_id,
                    chosen,
                    project_id=source.project_id,
                    model=source.model,
                    expires_at=now() + self._temporary_for if source.expires_at else None,
                )
                row.title, row.title_source = forks.numbered(source.title), source.title_source
                row.in_house, row.consent, row.folding = source.in_house, source.consent, source.folding
                row.parameters = source.parameters
                row.choices = forks.choices_of(source.choices, made)
                session.add_all(made.values())
                await session.flush()
                at = made.get(fork.message_id)
                row.leaf_id = tree.leaf_below(list(made.values()), at.id if at else None, row.choices)
            else:
                row = await repository.find_thread(session, subject.user_id, chosen)
            await session.flush()
            shown_thread = await self._view(session, row)
        self._announcer.thread(subject.user_id, shown_thread)
        return shown_thread

    async def delete_thread(self, subject: Subject, thread_id: str) -> None:
        """Put a thread into the bin; answers being written in it are stopped first. Raises NotFound."""
        async with self._database.read() as session:
            await repository.find_thread(session, subject.user_id, thread_id)
        await self._generations.halt_in(subject.user_id, thread_id)
        async with self._database.begin() as session:
            row = await repository.find_thread(session, subject.user_id, thread_id, lock=True)
            row.state, row.deleted_at = "deleted", now()
        # one that began between the two
        await self._generations.halt_in(subject.user_id, thread_id)
        self._announcer.thread_deleted(subject.user_id, thread_id)

    async def restore_thread(self, subject: Subject, thread_id: str) -> schemas.Thread:
        """Take a thread out of the bin, within 30 days. Raises NotFound."""
        since = now() - timedelta(days=BIN_DAYS)
        async with self._database.begin() as session:
            row = await repository.find_deleted_thread(session, subject.user_id, thread_id, since)
            row.state = "temp" if row.expires_at else "active"
            row.deleted_at, row.updated_at = None, now()
            await session.flush()
            shown = await self._view(session, row)
        self._announcer.thread(subject.user_id, shown)
        return shown

    async def _view(self, session: AsyncSession, row: models.Thread) -> schemas.Thread:
        return views.thread(row, generating=await repository.is_generating(session, row.owner_id, row.id))

    # --- turns ------------------------------------------------------------------------------------------------------

    async def take_turn(
        self,
        subject: Subject,
        thread_id: str,
        turn: turns.AnyTurn,
        idempotency_key: str | None = None,
    ) -> AsyncGenerator[bytes]:
        """Commit the turn, start its answer and follow it; a repeat of the same request follows the same answer.

        Raises NotFound, ModelNotFound, Conflict, InvalidRequest, TooManyAttempts before anything is written; what goes
        wrong later is in the stream.
        """
        await self._check_model(subject, turn, idempotency_key)
        if isinstance(turn, schemas.RegenerateTurn) and turn.replace:
            with suppress(NotFound):  # of a repeat it is gone already
                await self._halt_below(subject, turn.message_id)
        begun = await turns.begin(
            self._database,
            self._generations.worker,
            subject,
            thread_id=own_id(thread_id) if isinstance(turn, schemas.SendTurn) and turn.first else thread_id,
            turn=turn,
            idempotency_key=idempotency_key,
            temporary_for=self._temporary_for,
        )
        if begun.fresh:
            self._generations.launch(begun, subject)
            self._announce_turn(subject, begun)
        return await self._generations.attach(subject.user_id, begun.generation.id, 0)

    async def _check_model(self, subject: Subject, turn: turns.AnyTurn, idempotency_key: str | None) -> None:
        """Refuse a model that nobody offers; a repeat may name one that has gone since."""
        asked = [] if isinstance(turn, schemas.ContinueTurn) else [turn.model]
        if isinstance(turn, schemas.SendTurn):
            asked += [*turn.compare, turn.onward]
        try:
            for model in asked:
                if model is not None:
                    await self._generations.check_model(model)
        except ModelNotFound:
            if idempotency_key is None:
                raise
            async with self._database.read() as session:
                if await generation_rows.find_by_key(session, subject.user_id, idempotency_key) is None:
                    raise

    def _announce_turn(self, subject: Subject, begun: turns.Turn) -> None:
        if begun.replaced is not None:
            self._announcer.message_deleted(subject.user_id, begun.replaced)
        if begun.question is not None:
            self._announcer.message(subject.user_id, views.message(begun.question))
        written = (begun, *begun.rivals)
        for one in written:
            self._announcer.message(subject.user_id, views.message(one.message, generation_id=one.generation.id))
        self._announcer.thread(subject.user_id, views.thread(begun.thread, generating=True))
        for one in written:
            self._announcer.generation(subject.user_id, views.generation(one.generation))

    async def generation(self, subject: Subject, generation_id: str) -> schemas.Generation:
        """Raises NotFound."""
        async with self._database.read() as session:
            return views.generation(await generation_rows.find(session, subject.user_id, generation_id))

    # --- messages ---------------------------------------------------------------------------------------------------

    async def edit_message(self, subject: Subject, message_id: str, patch: schemas.MessagePatch) -> schemas.Message:
        """Replace the text and images of a message in place. Raises NotFound, Conflict while it is being written."""
        async with self._database.begin() as session:
            row = await repository.locked_message(session, subject.user_id, message_id)
            if row.status == "streaming":
                raise Conflict("This answer is still being written.", next_step=turns.WAIT_OR_STOP)
            written = await turns.stored_parts(session, subject.user_id, patch.parts)
            # what a client cannot write stays: reasoning, tool calls
            row.parts = [part for part in row.parts if part["type"] not in {"text", "image", "file"}] + written
            row.edited_at, row.translation = now(), None
            await session.flush()
            shown = views.message(row)
            unfolded = await compactions.drop_with(session, subject.user_id, row)
        self._announcer.message(subject.user_id, shown)
        if unfolded:
            self._announcer.fold(subject.user_id, shown.thread_id)
        return shown

    async def pin_message(self, subject: Subject, message_id: str, pinned: bool) -> schemas.Message:
        """Keep a message from being folded, or no more. Raises NotFound."""
        async with self._database.begin() as session:
            row = await repository.find_message(session, subject.user_id, message_id)
            row.pinned = pinned
            await session.flush()
            shown = views.message(row)
        self._announcer.message(subject.user_id, shown)
        return shown

    async def note_copied(self, subject: Subject, message_id: str) -> None:
        """The subject copied an answer, which routing learns from. Raises NotFound."""
        async with self._database.begin() as session:
            row = await repository.locked_message(session, subject.user_id, message_id)
            await lessons.copied(session, subject.user_id, row)

    async def rate_message(
        self, subject: Subject, message_id: str, feedback: schemas.FeedbackPut | None
    ) -> schemas.Message:
        """Keep what the subject thinks of an answer; None takes it back. Raises NotFound, InvalidRequest."""
        async with self._database.begin() as session:
            row = await repository.locked_message(session, subject.user_id, message_id)
            if row.role != "assistant":
                raise InvalidRequest("Only an answer can be rated.")
            if row.status == "streaming":
                raise Conflict("This answer is still being written.", next_step=turns.WAIT_OR_STOP)
            was_bad = row.feedback is not None and not row.feedback["good"]
            row.feedback = None
            if feedback is not None:
                generation = await generation_rows.latest_of(session, subject.user_id, message_id)
                run = row.run or {}
                kept = schemas.Feedback(
                    **feedback.model_dump(),
                    model=None if (run.get("cached") or {}).get("kind") == "faq" else run.get("model"),
                    alias=run.get("alias"),
                    generation_id=generation.id if generation else None,
                    at=now(),
                )
                row.feedback = kept.model_dump(mode="json")
            await lessons.rated(session, subject.user_id, row, None if feedback is None else feedback.good)
            await session.flush()
            shown = views.message(row)
        cached = (row.run or {}).get("cached")
        if cached and feedback is not None and not feedback.good and not was_bad:
            await self._forget(subject, cached)
        self._announcer.message(subject.user_id, shown)
        return shown

    async def _forget(self, subject: Subject, cached: dict[str, Any]) -> None:
        try:
            await self._ready.dislike(subject, cached)
        except StorageError as error:  # the rating is kept all the same
            _log.warning("bad_answer_not_forgotten", code=error.code)

    async def delete_message(self, subject: Subject, message_id: str) -> None:
        """Take a message and everything below it out of view; answers being written there are stopped first.

        Raises NotFound.
        """
        row = await self._halt_below(subject, message_id)
        async with self._database.begin() as session:
            thread = await repository.find_thread(session, subject.user_id, row.thread_id, lock=True)
            row = await repository.find_message(session, subject.user_id, message_id)
            row.deleted_at = now()
            await session.flush()
            shown = tree.visible(await repository.messages(session, subject.user_id, thread.id))
            thread.leaf_id = tree.leaf_after_removal(shown, thread.leaf_id, row, thread.choices)
            thread.updated_at = now()
            await session.flush()
            shown_thread = await self._view(session, thread)
        self._announcer.message_deleted(subject.user_id, message_id)
        self._announcer.thread(subject.user_id, shown_thread)

    async def _halt_below(self, subject: Subject, message_id: str) -> models.Message:
        """Stop what is being written in a message and below it. Raises NotFound."""
        async with self._database.read() as session:
            row = await repository.find_message(session, subject.user_id, message_id)
            below = tree.subtree(await repository.messages(session, subject.user_id, row.thread_id), message_id)
        await self._generations.halt_in(subject.user_id, row.thread_id, below)
        return row

    async def restore_message(self, subject: Subject, message_id: str) -> schemas.Message:
        """Undo a deletion; its branch is shown again. Raises NotFound."""
        async with self._database.begin() as session:
            row = await repository.find_message(session, subject.user_id, message_id, deleted=True)
            thread = await repository.find_thread(session, subject.user_id, row.thread_id, lock=True)
            row.deleted_at = None
            await session.flush()
            shown = tree.visible(await repository.messages(session, subject.user_id, thread.id))
            if any(message.id == row.id for message in shown):
                thread.leaf_id = tree.leaf_below(shown, row.id, thread.choices)
                path = tree.path_to(shown, row.id)
                thread.choices = tree.choose(thread.choices, path, tree.forks(shown), beyond={row.id})
            thread.updated_at = now()
            await session.flush()
            shown_thread = await self._view(session, thread)
        shown_message = views.message(row)
        self._announcer.message(subject.user_id, shown_message)
        self._announcer.thread(subject.user_id, shown_thread)
        return shown_message

    # --- projects ---------------------------------------------------------------------------------------------------

    async def projects(self, subject: Subject) -> list[schemas.Project]:
        """All projects of the subject, by name."""
        async with self._database.read() as session:
            rows = await repository.projects(session, subject.user_id)
        return [views.project(row, count) for row, count in rows]

    async def create_project(self, subject: Subject, new: schemas.ProjectNew) -> schemas.Project:
        """Make a project. With the id of one that the subject has already, that one. Raises Conflict."""
        chosen = own_id(new.id)
        try:
            async with self._database.begin() as session:
                existing = await repository.id_is_free(session, models.Project, subject.user_id, chosen)
                if existing is None:
                    at = now()
                    session.add(
                        models.Project(id=chosen, owner_id=subject.user_id, name=new.name, created_at=at, updated_at=at)
                    )
                    await session.flush()
                ((row, count),) = await repository.projects(session, subject.user_id, chosen)
        except IntegrityError:
            raise Conflict("That id was taken at the same moment.", next_step="Send the request again.") from None
        self._announcer.project(subject.user_id, chosen)
        return views.project(row, count)

    async def change_project(self, subject: Subject, project_id: str, patch: schemas.ProjectPatch) -> schemas.Project:
        """Rename a project. Raises NotFound."""
        async with self._database.begin() as session:
            row = await repository.find_project(session, subject.user_id, project_id)
            row.name, row.updated_at = patch.name, now()
            await session.flush()
            ((row, count),) = await repository.projects(session, subject.user_id, project_id)
        self._announcer.project(subject.user_id, project_id)
        return views.project(row, count)

    async def delete_project(self, subject: Subject, project_id: str) -> None:
        """Delete a project; its threads stay, outside of any. Raises NotFound."""
        async with self._database.begin() as session:
            await session.delete(await repository.find_project(session, subject.user_id, project_id))
        self._announcer.project(subject.user_id, project_id)

    # --- drafts -----------------------------------------------------------------------------------------------------

    async def draft(self, subject: Subject, scope: str) -> schemas.Draft:
        """What was typed and not sent in a thread, or in the empty chat (`new`). Raises NotFound."""
        async with self._database.read() as session:
            await self._check_scope(session, subject, scope)
            row = await repository.find_draft(session, subject.user_id, scope)
            if row is not None and await generation_rows.is_begun(session, subject.user_id, row.content.get("key")):
                row = None  # this was saved while its turn was taken: the requests crossed on the way
            return views.draft(scope, row, await attached_to(session, subject.user_id, row))

    async def put_draft(self, subject: Subject, scope: str, draft: schemas.DraftPut) -> schemas.Draft:
        """Keep a draft; an empty one is forgotten. Raises NotFound.

        One whose turn was taken, perhaps from another device, changes nothing; what is returned has no key then.
        """
        row = None
        async with self._database.begin() as session:
            await self._check_scope(session, subject, scope)
            taken = await generation_rows.is_begun(session, subject.user_id, draft.key)
            if not taken and (draft.text or draft.file_ids):
                content = draft.model_dump()
                row = await session.merge(
                    models.Draft(owner_id=subject.user_id, scope=scope, content=content, updated_at=now())
                )
            elif not taken:
                await repository.clear_draft(session, subject.user_id, scope)
            shown = views.draft(scope, row, await attached_to(session, subject.user_id, row))
        self._announcer.draft(subject.user_id, scope)
        return shown

    async def _check_scope(self, session: AsyncSession, subject: Subject, scope: str) -> None:
        if scope != "new":
            await repository.find_thread(session, subject.user_id, scope)


def own_id(chosen: str | None) -> str:
    """A client's UUIDv7, or a new one. Raises InvalidRequest."""
    if chosen is None:
        return new_id()
    if not is_id(chosen) or UUID(chosen).version != 7:
        raise InvalidRequest("id is not a UUIDv7 in its lower-case form.", fields=["id"])
    return chosen
