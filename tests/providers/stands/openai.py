"""`openai_compatible` on the fake that speaks OpenAI's wire format."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path

from tests.fakes.openai import OpenAIDialect
from tests.providers.stands import Stand, http_stand


def stand(tmp_path: Path) -> AbstractAsyncContextManager[Stand]:
    return http_stand("openai_compatible", OpenAIDialect(), tmp_path)
