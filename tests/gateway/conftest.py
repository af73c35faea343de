"""The gateway over the real directory of providers, a real database and a model server on a real socket."""

import pytest

from freehold.gateway.call import Gateway
from freehold.providers.service import Providers
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
def gateway(providers: Providers) -> Gateway:
    """Retries wait as short as they may."""
    return Gateway(providers, chance=lambda: 0.0)
