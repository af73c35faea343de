"""The gateway over the real directory of providers, a real database and a model server on a real socket."""

from collections.abc import Callable
from pathlib import Path

import pytest

from freehold.db import Database
from freehold.gateway.call import Gateway
from freehold.providers.service import Providers
from freehold.settings import Settings
from freehold.usage.service import UsageService
from tests.providers.service_parts import (
    bus,
    database,
    declared,
    make_settings,
    providers,
    server,
    start_providers,
    upstream,
)

__all__ = ["bus", "database", "declared", "make_settings", "providers", "server", "start_providers", "upstream"]


@pytest.fixture
async def usage(database: Database, make_settings: Callable[..., Settings], tmp_path: Path) -> UsageService:
    """Written by `usage.ledger.flush()`, not in the background."""
    return UsageService(database, make_settings(), tmp_path)


@pytest.fixture
def gateway(providers: Providers, usage: UsageService) -> Gateway:
    """Retries wait a tenth of their step."""
    return Gateway(providers, usage, chance=lambda: 0.1)
