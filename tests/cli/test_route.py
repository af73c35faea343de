"""freehold route, as an operator runs it."""

import json
import random
from pathlib import Path

import pytest

from tests.cli.test_model import freehold
from tests.gateway.routing.scorer.test_scorer import english

POLITE = " Take all the time that you need for this, and thank you very much for your kind help with it."


def write(path: Path, count: int, *, honest: bool = True) -> Path:
    """Labels of a local model that fails on every second prompt: the hard ones, or just any."""
    chance = random.Random(1)
    lines = []
    for at in range(count):
        hard = at % 2 == 1
        failed = hard if honest else chance.random() < 0.5
        prompt = english(hard, chance) + POLITE * chance.randint(0, 2)  # so that length tells nothing
        lines.append(json.dumps({"prompt": prompt, "local": 0 if failed else 1, "premium": 1}))
    path.write_text("\n".join([*lines, ""]))
    return path


async def test_labels_that_can_be_learned_from_are_worth_routing_by(tmp_path: Path) -> None:
    status, out, err = await freehold("route", "evaluate", str(write(tmp_path / "labels.jsonl", 120)))
    assert (status, err) == (0, "")
    assert out.startswith("120 prompts. APGR 0.7")
    assert "It beats both" in out
    assert "Saved of the premium cost: 5" in out


async def test_a_scorer_is_judged_on_other_labels(tmp_path: Path) -> None:
    taught, here = write(tmp_path / "a.jsonl", 120), write(tmp_path / "b.jsonl", 80, honest=False)
    status, out, _ = await freehold("route", "evaluate", str(here), "--trained-on", str(taught))
    assert status == 1
    assert "do not route by it" in out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "has 0 labels; a verdict needs 50"),
        (
            '{"prompt": "hello", "local": 1, "premium": 1}\n{"prompt": "hello", "local": 2, "premium": 1}',
            ":2 is no label",
        ),
        ("not JSON", ":1 is no label"),
        ('["prompt"]', ":1 is no label"),
    ],
)
async def test_a_file_that_is_no_set_of_labels_is_refused(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text(content)
    status, out, err = await freehold("route", "evaluate", str(path))
    assert (status, out) == (1, "")
    assert said in err


async def test_a_missing_file_is_named(tmp_path: Path) -> None:
    status, _, err = await freehold("route", "evaluate", str(tmp_path / "nothing.jsonl"))
    assert status == 1
    assert "nothing.jsonl cannot be read" in err
