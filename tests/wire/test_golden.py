"""What clients and providers get is what the golden files say; a change of one is a change of a wire format."""

from pathlib import Path

import pytest

from tests.wire import golden
from tests.wire.dialects import CLIENTS, PROVIDERS

MADE = golden.made()


def test_every_pair_has_its_files() -> None:
    pairs = len(CLIENTS) * len(PROVIDERS)
    assert len(MADE) == 3 * pairs
    written = {path for path in golden.FOLDER.rglob("*-to-*")}
    assert written == set(MADE), "run python -m tests.wire.golden, and delete what belongs to no pair"


@pytest.mark.parametrize("path", MADE, ids=lambda path: str(path.relative_to(golden.FOLDER)))
def test_pair(path: Path) -> None:
    assert MADE[path].decode() == path.read_text(encoding="utf-8")
