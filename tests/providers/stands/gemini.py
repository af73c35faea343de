"""`gemini` on the fake that speaks Gemini's wire format."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path

from tests.fakes.gemini import GeminiDialect
from tests.providers.stands import Stand, http_stand


def stand(tmp_path: Path) -> AbstractAsyncContextManager[Stand]:
    return http_stand("gemini", GeminiDialect(), tmp_path)
