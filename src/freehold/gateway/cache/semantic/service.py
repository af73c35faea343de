"""Finds the answer to a question in other words: same scope, same marks, and a cosine above what was calibrated."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

import anyio
import orjson
import structlog
from sqlalchemy import delete, select

from freehold.access.subject import Subject
from freehold.db import Database
from freehold.errors import FreeholdError, StorageError
from freehold.gateway.cache.key import tenant_tag
from freehold.gateway.cache.models import CacheCalibration
from freehold.gateway.cache.question import question_of
from freehold.gateway.cache.semantic.calibration import Calibration
from freehold.gateway.cache.semantic.encoder import Encoder, Vector, cosine, packed, unpacked
from freehold.gateway.cache.semantic.veto import Language, marks_of
from freehold.gateway.cache.store import Store
from freehold.kit import clock

LOOK_AGAIN_SECONDS = 60.0
"""How soon a new calibration acts."""

SLOWEST_S = 2.0
"""An encoder that takes longer is not waited for; the model is asked."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question belongs. Only questions of one bucket are compared: tenant, everything else of the request
    (model, system prompt, parameters, versions of knowledge), marks, language and encoder are in its name.
    """

    bucket: bytes
    vector: Vector
    threshold: float


class Semantic:
    """One per process, for one encoder. Off for a language until that was calibrated."""

    def __init__(self, database: Database, store: Store, secret: bytes, encoder: Encoder) -> None:
        self.encoder = encoder
        self._database = database
        self._store = store
        self._secret = secret
        self._thresholds: dict[str, float] = {}

    async def place(self, subject: Subject, tenant: str, dialect: str, body: dict[str, Any]) -> Place | None:
        """Where the question of a request belongs; None where it may not be answered in other words."""
        question = question_of(body)
        marks = marks_of(question.text) if question is not None else None
        if question is None or marks is None or marks.language not in self._thresholds:
            return None
        told = [tenant, dialect, question.rest, marks.language, marks.must, self.encoder.name]
        name = orjson.dumps(told, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
        bucket = tenant_tag(self._secret, tenant) + hmac.digest(self._secret, name, hashlib.sha256)[:24]
        try:
            with anyio.fail_after(SLOWEST_S):
                vector = await self.encoder.encode(subject, question.text)
        except (FreeholdError, TimeoutError) as error:  # an answer is worth more than its saving
            _log.warning("question_not_encoded", encoder=self.encoder.name, error=str(error) or "it took too long")
            return None
        return Place(bucket, vector, self._thresholds[marks.language])

    async def near(self, place: Place) -> list[bytes]:
        """The keys of answers to the same question in other words, the nearest first. Raises StorageError."""
        found = [(cosine(place.vector, unpacked(stored)), key) for key, stored in await self._store.near(place.bucket)]
        return [key for likeness, key in sorted(found, reverse=True) if likeness >= place.threshold]

    async def keep(self, place: Place, key: bytes, expires_at: float) -> None:
        """Let an answer be found by its question in other words. Raises StorageError."""
        await self._store.put_near(place.bucket, key, packed(place.vector), expires_at)

    async def refresh(self) -> None:
        """Read what was calibrated. Raises StorageError."""
        async with self._database.read() as session:
            rows = await session.scalars(
                select(CacheCalibration).where(
                    CacheCalibration.encoder == self.encoder.name, CacheCalibration.threshold.is_not(None)
                )
            )
            self._thresholds = {row.language: row.threshold for row in rows if row.threshold is not None}

    async def run(self) -> None:
        """Follow calibrations for ever; ends by cancellation."""
        await self.encoder.prepare()
        while True:
            try:
                await self.refresh()
            except StorageError as error:
                _log.warning("calibrations_not_read", code=error.code)
            await anyio.sleep(LOOK_AGAIN_SECONDS)


async def store_calibration(database: Database, encoder: str, language: Language, found: Calibration) -> None:
    """Put a calibration in the place of the one before. Raises StorageError."""
    async with database.begin() as session:
        await session.execute(
            delete(CacheCalibration).where(CacheCalibration.encoder == encoder, CacheCalibration.language == language)
        )
        session.add(
            CacheCalibration(
                encoder=encoder,
                language=language,
                threshold=found.threshold,
                same=found.same,
                near=found.near,
                hits=found.hits,
                wrong=found.wrong,
                made_at=clock.now(),
            )
        )
