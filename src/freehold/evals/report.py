"""What a run came to: shares with their intervals, costs, latencies; and all of it as CSV."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from freehold.evals.models import EvalAnswer, EvalCase
from freehold.evals.schemas import AnswerThen, GivenThen, ModelResult
from freehold.kit.intervals import wilson
from freehold.usage.money import to_usd

CSV_COLUMNS = (
    "question", "rule", "expected", "model", "answered_by", "in_house", "state", "error", "passed", "verdict",
    "cost_usd", "judge_usd", "first_token_ms", "duration_ms", "output_tokens", "answer",
)  # fmt: skip


def result_of(model: str, rows: Sequence[EvalAnswer], *, is_name: bool) -> ModelResult:
    """Of the answers of one model; `is_name`: it stands for others, so that another one may answer."""
    answered = [row for row in rows if row.state == "ok"]
    judged = [row for row in rows if row.passed is not None]
    passed = sum(bool(row.passed) for row in judged)
    low, high = wilson(passed, len(judged))
    verdicts = [row.verdict for row in rows]
    times = [row.duration_ms for row in answered if row.duration_ms is not None]
    firsts = [row.first_token_ms for row in answered if row.first_token_ms is not None]
    tried = [row for row in rows if row.answered_by is not None]
    return ModelResult(
        model=model,
        answers=len(answered),
        failed=sum(row.state == "failed" for row in rows),
        skipped=sum(row.state == "skipped" for row in rows),
        judged=len(judged),
        unjudged=sum(row.passed is None for row in answered),
        passed=passed,
        rate=round(passed / len(judged), 4) if judged else None,
        low=round(low, 4) if judged else None,
        high=round(high, 4) if judged else None,
        better=verdicts.count("better"),
        same=verdicts.count("same"),
        worse=verdicts.count("worse"),
        in_house=sum(row.self_hosted for row in answered),
        by_others=0 if is_name else sum(row.answered_by != model for row in answered),
        cost_usd=to_usd(sum(row.cost_nanodollars or 0 for row in tried)),
        price_unknown=sum(row.cost_nanodollars is None for row in tried),
        p50_ms=percentile(times, 50),
        p95_ms=percentile(times, 95),
        first_token_p50_ms=percentile(firsts, 50),
        output_tokens=sum(row.output_tokens or 0 for row in answered),
    )


def then_of(cases: Sequence[EvalCase]) -> GivenThen | None:
    """The answers that were got then; None: it is no set of one's history."""
    given = [AnswerThen.model_validate(case.given) for case in cases if case.given is not None]
    if not given:
        return None
    times = [one.duration_ms for one in given if one.duration_ms is not None]
    return GivenThen(
        answers=len(given),
        in_house=sum(one.self_hosted for one in given),
        cost_usd=sum(one.cost_usd or 0.0 for one in given),
        price_unknown=sum(one.cost_usd is None for one in given),
        p50_ms=percentile(times, 50),
        p95_ms=percentile(times, 95),
    )


def percentile(values: Sequence[float], percent: int) -> float | None:
    """The smallest that so many percent of them are not above; None of none."""
    if not values:
        return None
    return sorted(values)[max(0, (len(values) * percent + 99) // 100 - 1)]


def as_csv(rows: Iterable[tuple[EvalCase, EvalAnswer]]) -> bytes:
    """One line for each answer, RFC 4180; by the mark at its beginning Excel knows that it is UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for case, row in rows:
        writer.writerow(map(_cell, _cells(case, row)))
    return text.getvalue().encode("utf-8-sig")


def _cells(case: EvalCase, row: EvalAnswer) -> tuple[Any, ...]:
    costs = (None if nano is None else f"{nano / 1e9:.9f}" for nano in (row.cost_nanodollars, row.judge_nanodollars))
    return (
        case.question, case.rule, case.expected, row.model, row.answered_by, row.self_hosted, row.state, row.error,
        row.passed, row.verdict, *costs, row.first_token_ms, row.duration_ms, row.output_tokens, row.text,
    )  # fmt: skip


def _cell(value: Any) -> Any:
    """What a model or a person wrote, so that no spreadsheet takes it for a formula; yes and no as words of JSON."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
