"""Counts what is asked often, without keeping what single people asked.

Of a question there is a keyed hash, and one of each person with it; its text is kept from the moment at which enough
different people asked the same, and never where personal data is recognised in it.
"""

import hashlib
import hmac
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import anyio.lowlevel
import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from freehold.db import Database
from freehold.errors import NotFound, StorageError
from freehold.gateway.cache.key import fold_text
from freehold.gateway.faq.models import KEY_BYTES, PERSON_BYTES, AskedBy, AskedQuestion
from freehold.gateway.faq.schemas import FrequentQuestion
from freehold.gateway.privacy.detectors import KINDS, holds
from freehold.kit import clock
from freehold.settings.cache import FaqSettings

LONGEST = 300
"""Characters; a longer text is hardly asked twice, and may tell a story of somebody."""

MOST_WAITING = 10_000
MOST_SHOWN = 100

_log = structlog.get_logger(__name__)


class FrequentQuestions:
    """One per process; `note` costs no time, `flush` writes down. `detect`: the site's own classes of data."""

    def __init__(
        self, database: Database, settings: FaqSettings, secret: bytes, detect: Callable[[str], frozenset[str]]
    ) -> None:
        self._database = database
        self._settings = settings
        self._secret = secret
        self._detect = detect
        self._waiting: Counter[tuple[str, str]] = Counter()  # by text and person

    def note(self, user_id: str, text: str) -> None:
        """Somebody asked this in a chat or over the API."""
        if self._settings.suggest and len(text) <= LONGEST and len(self._waiting) < MOST_WAITING:
            self._waiting[text, user_id] += 1

    async def flush(self) -> None:
        """Write down what was noted. Raises StorageError; what could not be written is forgotten."""
        waiting = await self._hashed()
        if not waiting:
            return
        insert: Any = sqlite_insert if self._database.dialect == "sqlite" else postgresql_insert
        now = clock.now()
        async with self._database.begin() as session:
            # always in the same order, so that two processes never wait for each other's rows
            for (key, person), (text, times) in sorted(waiting.items()):
                fresh = {"people": 0, "times": times, "text": None, "dismissed": False, "asked_at": now}
                again = {"times": AskedQuestion.times + times, "asked_at": now}
                statement = insert(AskedQuestion).values(key=key, **fresh)
                await session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=again))
                them = insert(AskedBy).values(key=key, person=person).on_conflict_do_nothing().returning(AskedBy.key)
                if await session.scalar(them) is not None:
                    await session.execute(
                        update(AskedQuestion).where(AskedQuestion.key == key).values(people=AskedQuestion.people + 1)
                    )
                if not holds(text, KINDS) and not self._detect(text):
                    await session.execute(
                        update(AskedQuestion)
                        .where(
                            AskedQuestion.key == key,
                            AskedQuestion.text.is_(None),
                            AskedQuestion.dismissed.is_(False),
                            AskedQuestion.people >= self._settings.min_people,
                        )
                        .values(text=text)
                    )

    async def _hashed(self) -> dict[tuple[bytes, bytes], tuple[str, int]]:
        """What waits, taken out: text and times by the hashes of the question and of who asked it."""
        waiting, self._waiting = self._waiting, Counter()
        found: dict[tuple[bytes, bytes], tuple[str, int]] = {}
        for number, ((text, user_id), times) in enumerate(waiting.items()):
            folded = fold_text(text)
            key = hmac.digest(self._secret, folded.encode("utf-8", "replace"), hashlib.sha256)
            person = hmac.digest(self._secret, key + user_id.encode(), hashlib.sha256)[:PERSON_BYTES]
            found[key, person] = " ".join(text.split()), times + found.get((key, person), ("", 0))[1]
            if number % 100 == 99:
                await anyio.lowlevel.checkpoint()  # thousands of them take a while
        return found

    async def shown(self) -> list[FrequentQuestion]:
        """Those that enough different people asked, the most asked first."""
        query = (
            select(AskedQuestion)
            .where(
                AskedQuestion.text.is_not(None),
                AskedQuestion.people >= self._settings.min_people,
                AskedQuestion.dismissed.is_(False),
            )
            .order_by(AskedQuestion.people.desc(), AskedQuestion.times.desc(), AskedQuestion.key)
            .limit(MOST_SHOWN)
        )
        async with self._database.read() as session:
            rows = await session.scalars(query)
        return [
            FrequentQuestion(
                key=row.key.hex(), text=row.text or "", people=row.people, times=row.times, asked_at=row.asked_at
            )
            for row in rows
        ]

    async def dismiss(self, name: str) -> None:
        """Show a question no more. Raises NotFound."""
        try:
            key = bytes.fromhex(name)
        except ValueError:
            key = b""
        async with self._database.begin() as session:
            row = await session.get(AskedQuestion, key) if len(key) == KEY_BYTES else None
            if row is None or row.text is None:
                raise NotFound
            row.dismissed, row.text = True, None

    async def sweep(self) -> None:
        """Forget what nobody asked for `keep_days`."""
        long_ago = clock.now() - timedelta(days=self._settings.keep_days)
        async with self._database.begin() as session:
            gone = select(AskedQuestion.key).where(AskedQuestion.asked_at < long_ago)
            await session.execute(delete(AskedBy).where(AskedBy.key.in_(gone)))
            await session.execute(delete(AskedQuestion).where(AskedQuestion.asked_at < long_ago))

    async def try_flush(self) -> None:
        """`flush`, in the background: a database that refuses costs the counts and nothing else."""
        try:
            await self.flush()
        except StorageError as error:
            _log.warning("frequent_questions_not_counted", code=error.code)
