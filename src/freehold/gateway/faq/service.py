"""Curated answers: written and approved by administrators, found by the folded question, from memory."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import anyio
import structlog
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.access.subject import Subject
from freehold.db import Database
from freehold.errors import Conflict, InvalidRequest, NotFound, StorageError
from freehold.gateway.cache.key import fold_text
from freehold.gateway.cache.question import Question
from freehold.gateway.faq.counting import FrequentQuestions
from freehold.gateway.faq.models import FaqEntry
from freehold.gateway.faq.schemas import FaqInfo, FaqNew, FaqPatch, FaqState
from freehold.gateway.privacy.border import Border
from freehold.identity.people.models import Group
from freehold.kit import clock
from freehold.kit.crypto import SecretBox
from freehold.kit.ids import new_id
from freehold.observability import metrics
from freehold.settings.areas import Settings
from freehold.settings.cache import FaqSettings

LOOK_AGAIN_SECONDS = 5.0
"""How soon what another process changed acts here."""

MOST_ENTRIES = 2_000

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Curated:
    """An approved answer; `as_of` is when it was last edited."""

    id: str
    answer: str
    as_of: datetime


class Faq:
    """One per process: `start` before the first question, `run` in the background."""

    def __init__(self, database: Database, settings: FaqSettings, frequent: FrequentQuestions) -> None:
        self.settings = settings
        self.frequent = frequent
        self._database = database
        self._answers: dict[tuple[str, str | None], Curated] = {}  # by folded question and group
        self._seen: tuple[int, datetime | None] | None = None
        self._given: Counter[str] = Counter()

    @classmethod
    def opened(cls, settings: Settings, database: Database, secret_box: SecretBox, border: Border) -> "Faq":
        """As the settings want it; what the site's classes of data recognise is not suggested."""
        secret = secret_box.derive("frequent questions")
        assert secret is not None  # the newest key is always there

        def detect(text: str) -> frozenset[str]:
            return border.classes.within(text)

        return cls(database, settings.faq, FrequentQuestions(database, settings.faq, secret, detect))

    # --- answering --------------------------------------------------------------------------------------------------

    def find(self, subject: Subject, question: Question | None) -> Curated | None:
        """The approved answer for the subject: that of one of their groups, else everybody's."""
        if not self._answers or question is None or not question.plain:
            return None
        folded = fold_text(question.text)
        for group_id in (*(group.id for group in subject.groups), None):
            found = self._answers.get((folded, group_id))
            if found is not None:
                return found
        return None

    def count(self, entry_id: str) -> None:
        """It was given once more; written down with the next look at the database."""
        self._given[entry_id] += 1
        metrics.cache_lookups("faq").inc()

    def note(self, subject: Subject, question: Question | None) -> None:
        """Count a question, where that is wanted. Who works alone is not three people."""
        if question is not None and question.plain and not subject.single_user:
            self.frequent.note(subject.user_id, question.text)

    async def dislike(self, entry_id: str) -> None:
        """Somebody rated it bad; administrators see how often."""
        async with self._database.begin() as session:
            await session.execute(
                update(FaqEntry).where(FaqEntry.id == entry_id).values(disliked=FaqEntry.disliked + 1)
            )

    # --- life -------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Read what there is. Raises StorageError."""
        await self._reload()

    async def run(self) -> None:
        """Follow other processes, and write down what was counted; ends by cancellation."""
        while True:
            await anyio.sleep(LOOK_AGAIN_SECONDS)
            await self.catch_up()

    async def catch_up(self) -> None:
        """One round of `run`."""
        await self.frequent.try_flush()
        try:
            await self._write_given()
            await self._reload()
        except StorageError as error:
            _log.warning("faq_not_read", code=error.code)

    async def stop(self) -> None:
        """Write down what was counted last."""
        await self.frequent.try_flush()
        try:
            await self._write_given()
        except StorageError as error:
            _log.warning("faq_not_counted", code=error.code)

    async def _write_given(self) -> None:
        given, self._given = self._given, Counter()
        if not given:
            return
        async with self._database.begin() as session:
            for entry_id, times in sorted(given.items()):
                await session.execute(
                    update(FaqEntry).where(FaqEntry.id == entry_id).values(given=FaqEntry.given + times)
                )

    async def _reload(self) -> None:
        async with self._database.read() as session:
            query = select(func.count(), func.max(FaqEntry.updated_at)).select_from(FaqEntry)
            count, newest = (await session.execute(query)).one()
            if self._seen == (count, newest):
                return
            rows = list(await session.scalars(select(FaqEntry).where(FaqEntry.approved.is_(True))))
        answers: dict[tuple[str, str | None], Curated] = {}
        for number, row in enumerate(rows):
            for folded in folded_questions(row.question, row.phrasings):
                answers[folded, row.group_id] = Curated(row.id, row.answer, row.updated_at)
            if number % 100 == 99:
                await asyncio.sleep(0)
        self._answers, self._seen = answers, (count, newest)

    # --- administration ---------------------------------------------------------------------------------------------

    async def state(self) -> FaqState:
        """All entries, the newest first, and the frequent questions that none of them answers."""
        await self.frequent.try_flush()
        await self._write_given()
        async with self._database.read() as session:
            rows = list(await session.scalars(select(FaqEntry).order_by(FaqEntry.updated_at.desc(), FaqEntry.id)))
        known = {folded for row in rows for folded in folded_questions(row.question, row.phrasings)}
        return FaqState(
            entries=[_info(row) for row in rows],
            frequent=[one for one in await self.frequent.shown() if fold_text(one.text) not in known],
            suggests=self.settings.suggest,
            min_people=self.settings.min_people,
            chat=self.settings.chat,
        )

    async def add(self, subject: Subject, new: FaqNew) -> FaqInfo:
        """Make an entry. Raises Conflict, InvalidRequest."""
        now = clock.now()
        async with self._database.begin() as session:
            if (await session.scalar(select(func.count()).select_from(FaqEntry)) or 0) >= MOST_ENTRIES:
                raise Conflict(
                    f"There are {MOST_ENTRIES:,} curated answers, and no room for more.",
                    next_step="Remove those that nobody asks for.",
                )
            row = FaqEntry(id=new_id(), **new.model_dump(), given=0, disliked=0, created_at=now, updated_at=now)
            await _check(session, row)
            session.add(row)
            await session.flush()
        return await self._done("faq_added", subject, row)

    async def change(self, subject: Subject, entry_id: str, patch: FaqPatch) -> FaqInfo:
        """Edit, approve or withdraw. Raises NotFound, Conflict, InvalidRequest."""
        async with self._database.begin() as session:
            row = await session.get(FaqEntry, entry_id, with_for_update=True)
            if row is None:
                raise NotFound
            before = row.approved
            for name in patch.model_fields_set:
                value = getattr(patch, name)
                if value is not None or name == "group_id":
                    setattr(row, name, value)
            await _check(session, row)
            row.updated_at = clock.now()
            await session.flush()
        what = "faq_changed" if row.approved is before else "faq_approved" if row.approved else "faq_withdrawn"
        return await self._done(what, subject, row)

    async def remove(self, subject: Subject, entry_id: str) -> None:
        """Remove an entry. Raises NotFound."""
        async with self._database.begin() as session:
            row = await session.get(FaqEntry, entry_id)
            if row is None:
                raise NotFound
            await session.delete(row)
        await self._done("faq_removed", subject, row)

    async def _done(self, what: str, subject: Subject, row: FaqEntry) -> FaqInfo:
        self._seen = None
        await self._reload()
        _log.info(what, faq_id=row.id, group_id=row.group_id, approved=row.approved, actor_id=subject.user_id)
        return _info(row)


def folded_questions(question: str, phrasings: Iterable[str]) -> set[str]:
    """Every form under which an entry is found."""
    return {fold_text(" ".join(text.split())) for text in (question, *phrasings)}


async def _check(session: AsyncSession, row: FaqEntry) -> None:
    if row.group_id is not None and await session.get(Group, row.group_id) is None:
        raise InvalidRequest("That group does not exist any more.", fields=["group_id"])
    mine = folded_questions(row.question, row.phrasings)
    others = select(FaqEntry).where(FaqEntry.id != row.id, FaqEntry.group_id.is_not_distinct_from(row.group_id))
    for other in await session.scalars(others):
        if mine & folded_questions(other.question, other.phrasings):
            raise Conflict(
                f"There is an answer to this question already: {other.question}",
                next_step="Change that one, or take the phrasing out of it.",
                faq_id=other.id,
            )


def _info(row: FaqEntry) -> FaqInfo:
    return FaqInfo.model_validate(row, from_attributes=True)
