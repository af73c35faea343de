"""`anthropic` on the fake that speaks Anthropic's wire format."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path

from tests.fakes.anthropic import AnthropicDialect
from tests.providers.stands import Stand, http_stand


def stand(tmp_path: Path) -> AbstractAsyncContextManager[Stand]:
    return http_stand("anthropic", AnthropicDialect(), tmp_path)
