"""The table of `python -m bench.routing` for the cascade, on a small set with answers and one without."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from bench.routing.cascade import Outcome, Panel, Row, outcome, read

PANEL = Panel("small", "local", ("second",), "premium")


def rows(folder: Path, *lines: dict[str, Any], panel: Panel = PANEL) -> list[Row]:
    with gzip.open(folder / "small.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    return list(read(folder, panel))


def line(scores: tuple[float, float, float], **answers: str) -> dict[str, Any]:
    named = dict(zip(("local", "second", "premium"), scores, strict=True))
    return {"prompt": "How many?", "score": named, "out_chars": {"premium": 10}, "answer": answers}


def test_recorded_answers_are_compared(tmp_path: Path) -> None:
    found = rows(
        tmp_path,
        line((1, 1, 1), local="So there are 1,200 of them.", second="一千二百"),
        line((0, 0, 1), local="The answer is 7.", second="The answer is 8."),
        line((0, 0, 1), local="The answer is 7.", second="7"),
        line((1, 1, 1), local="#### 3", second="\\boxed{3}"),
    )
    assert [row.alike for row in found] == [1, None, 0, 1]
    assert outcome(found, alike=True) == outcome(found, alike=False)
    end = outcome(found, alike=True)
    assert (end.premium_calls, end.kept, end.saved) == (0.25, 0.75, 0.75)
    assert end.apgr == pytest.approx(0.25 * 0.5 / 2 + 0.75 * 1.5 / 2)
    assert not end.reached


def test_without_answers_only_two_wrong_ones_are_uncertain(tmp_path: Path) -> None:
    found = rows(tmp_path, line((1, 1, 1)), line((1, 0, 1)), line((0, 1, 0)), line((0, 0, 1)))
    assert [row.alike for row in found] == [1, None, None, 0]
    assert [row.apart for row in found] == [1, None, None, None]
    assert outcome(found, alike=True).premium_calls == 0.5
    assert outcome(found, alike=False).premium_calls == 0.75


def test_a_third_breaks_the_tie(tmp_path: Path) -> None:
    panel = Panel("small", "local", ("second", "third"), "premium")
    scores = [(1, 0, 1, 1), (0, 1, 1, 0), (1, 0, 0, 1), (0, 0, 1, 1)]
    lines = [line((one, two, last)) for one, two, _, last in scores]
    for told, (_, _, third, _) in zip(lines, scores, strict=True):
        told["score"]["third"] = third
    found = rows(tmp_path, *lines, panel=panel)
    assert [row.alike for row in found] == [1, 1, 0, 0], "the second and the third answer may be the same wrong one"
    assert [row.apart for row in found] == [1, 1, None, None]
    assert outcome(found, alike=False).premium_calls == 0.5
    said = {"local": "The answer is 7.", "second": "8", "third": "#### 8"}
    (heard,) = rows(tmp_path, {**lines[1], "answer": said}, panel=panel)
    assert heard.alike == heard.apart == 1


def test_the_aim() -> None:
    assert Outcome(0.2, 0.99, 0.8, 0.9).reached
    assert not Outcome(0.21, 0.99, 0.8, 0.9).reached
