"""Calibrates an encoder with a file of pairs: every question is encoded once."""

from pathlib import Path

import anyio.to_thread

from freehold.access.subject import Subject
from freehold.errors import ConfigurationError
from freehold.gateway.cache.semantic import pairs
from freehold.gateway.cache.semantic.calibration import Scored, scored
from freehold.gateway.cache.semantic.encoder import Encoder
from freehold.gateway.cache.semantic.veto import Language, marks_of


async def score(encoder: Encoder, subject: Subject, path: Path, language: Language) -> list[Scored]:
    """The pairs of the file with what the encoder says. Raises ConfigurationError and what the encoder raises."""
    found = await anyio.to_thread.run_sync(pairs.read, path)
    other = [text for text in found.texts if (marks := marks_of(text)) is not None and marks.language != language]
    if other:
        raise ConfigurationError(
            f"{path}: {other[0]!r} is not in the language {language}.", next_step="Give a file for each language."
        )
    vectors = {text: await encoder.encode(subject, text) for text in found.texts}
    return scored(found, vectors, language)
