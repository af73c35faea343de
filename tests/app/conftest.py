"""One running server for the tests that only ask it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.freehold_server import FreeholdServer, serving


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FreeholdServer]:
    folder: Path = tmp_path_factory.mktemp("server")
    with serving(folder / "data") as server:
        yield server
