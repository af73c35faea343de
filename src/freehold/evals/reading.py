"""Questions as people paste them: one on each line, or CSV with a line of names; pure."""

import csv
import io
from dataclasses import dataclass
from typing import get_args

from freehold.errors import TestSetRefused
from freehold.evals.marking import Rule, check_rule
from freehold.evals.schemas import MOST_CASES

LONGEST = 20_000  # characters of a question, and of what is expected

_NAMES = {
    "question": "question", "prompt": "question", "input": "question", "问题": "question", "提示词": "question",
    "expected": "expected", "answer": "expected", "output": "expected", "答案": "expected", "期望": "expected",
    "期望答案": "expected", "rule": "rule", "规则": "rule",
}  # fmt: skip

RULES: tuple[Rule, ...] = get_args(Rule)
RULE_LABELS: dict[str, Rule] = {
    "contains what is expected": "contains", "包含期望的内容": "contains",
    "same final answer": "equals", "最终答案相同": "equals",
    "matches a pattern": "regex", "符合某个模式": "regex",
    "a judge compares": "judge", "由评判模型比较": "judge",
    "i look myself": "look", "我自己看": "look",
}  # fmt: skip
"""What the app's menu calls them, in each of its languages."""
_RULES_BY_NAME: dict[str, Rule] = {**{rule: rule for rule in RULES}, **RULE_LABELS}


@dataclass(frozen=True, slots=True)
class Question:
    question: str
    expected: str
    rule: Rule


def questions_in(text: str, rule: Rule) -> list[Question]:
    """The questions, `rule` being that of those without one. Raises TestSetRefused that names the line."""
    text = text.removeprefix("\ufeff")
    found = _from_csv(text, rule) if _is_csv(text) else _from_lines(text, rule)
    if not found:
        raise TestSetRefused("There is no question in this.", next_step="Write one on each line.", why="empty")
    if len(found) > MOST_CASES:
        raise TestSetRefused(
            f"These are {len(found)} questions; a set holds {MOST_CASES}.",
            next_step="Make several sets of them.",
            why="too_many",
            count=len(found),
            most=MOST_CASES,
        )
    return found


def _is_csv(text: str) -> bool:
    return "question" in _header(_first_line(text))


def _first_line(text: str) -> str:
    return next(iter(text.lstrip().splitlines()), "")


def _header(line: str) -> list[str]:
    try:
        names = next(csv.reader([line.strip()], delimiter=_delimiter(line)), [])
    except csv.Error:  # a long text
        return []
    return [_NAMES.get(name.strip().casefold(), "") for name in names]


def _delimiter(line: str) -> str:
    return max(",;\t", key=line.count)


def _from_csv(text: str, rule: Rule) -> list[Question]:
    text = text.lstrip()
    first = _first_line(text)
    names = _header(first)
    found: list[Question] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(first))
    try:
        for row in reader:
            cells = {name: cell.strip() for name, cell in zip(names, row, strict=False) if name}
            if reader.line_num > 1 and cells.get("question"):
                found.append(_question(cells, rule, reader.line_num))
    except csv.Error as error:
        line = reader.line_num
        raise TestSetRefused(
            f"Line {line}: this is no CSV: {error}.", why="no_csv", line=line, detail=str(error)
        ) from error
    return found


def _from_lines(text: str, rule: Rule) -> list[Question]:
    return [
        _question({"question": line.strip()}, rule, at) for at, line in enumerate(text.splitlines(), 1) if line.strip()
    ]


def _question(cells: dict[str, str], default: Rule, line: int) -> Question:
    expected = cells.get("expected", "")
    rule = _rule(cells.get("rule", ""), line) or (default if expected or default == "look" else "look")
    if len(cells["question"]) > LONGEST or len(expected) > LONGEST:
        raise TestSetRefused(
            f"Line {line}: this is longer than {LONGEST:,} characters.", why="too_long", line=line, most=LONGEST
        )
    check_rule(rule, expected, line)
    return Question(cells["question"], expected, rule)


def _rule(named: str, line: int) -> Rule | None:
    """By its name, or as the menu calls it; None of a cell that is empty."""
    folded = " ".join(named.casefold().split())
    if not folded:
        return None
    rule = _RULES_BY_NAME.get(folded)
    if rule is None:
        names = ", ".join(RULES)
        raise TestSetRefused(
            f"Line {line}: there is no rule `{named}`. The rules are: {names}.",
            next_step=f"Use one of: {names}.",
            why="no_rule",
            line=line,
            rule=named[:80],
            allowed=list(RULES),
        )
    return rule
