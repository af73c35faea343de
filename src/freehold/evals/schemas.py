"""What the web app and API clients send and get for test sets."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from freehold.evals.marking import Rule, Verdict
from freehold.kit.storable import Write

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
ModelRef = Annotated[str, Field(min_length=1, max_length=500, description="`auto`, an alias, or provider/model.")]
Days = Annotated[int, Field(ge=1, le=90, strict=True)]
RunState = Literal["waiting", "running", "done", "stopped", "cancelled"]
AnswerState = Literal["ok", "failed", "skipped"]

MOST_CASES = 500
MOST_MODELS = 6


class AnswerThen(BaseModel):
    """The answer that was got then: by which model, for how much, how fast."""

    model: str
    self_hosted: bool
    cost_usd: float | None = None
    duration_ms: float | None = None


# --- sets -----------------------------------------------------------------------------------------------------------


class EvalSetNew(Write):
    """`text`: a question on each line, or CSV whose first line names the columns: `question`, and perhaps `expected`
    and `rule`. `rule` is that of every question that has none of its own.
    """

    name: Name
    text: Annotated[str, Field(min_length=1, max_length=2_000_000)]
    rule: Rule = "look"


class EvalFromHistory(Write):
    """Of one's own chats: what was asked in so many days, or of that only these messages."""

    name: Name
    days: Days = 7
    message_ids: Annotated[list[Annotated[str, Field(max_length=36)]], Field(max_length=MOST_CASES)] | None = None


class AskedThen(BaseModel):
    """A question of one's history that can be asked again. `in_house`: it never goes to a provider outside."""

    message_id: str
    text: str
    model: str  # that answered then
    in_house: bool
    at: datetime


class History(BaseModel):
    """The newest first; `more`: there are more than a test set holds."""

    items: list[AskedThen]
    more: bool


class EvalRunInfo(BaseModel):
    """`done` of `total` answers. `why`: the code of what stopped it, after which it can be resumed."""

    id: str
    set_id: str
    models: list[str]
    judge: str | None
    state: RunState
    why: str | None
    done: int
    total: int
    created_at: datetime
    finished_at: datetime | None


class EvalSetInfo(BaseModel):
    id: str
    name: str
    source: Literal["written", "history"]
    cases: int
    created_at: datetime
    last_run: EvalRunInfo | None


class EvalSetList(BaseModel):
    """`judge`: the model that compares where none is named, if there is one."""

    items: list[EvalSetInfo]
    judge: str | None


class EvalCaseInfo(BaseModel):
    id: str
    before: int  # messages that are sent before it
    question: str
    rule: Rule
    expected: str
    in_house: bool
    given: AnswerThen | None


class EvalSetDetail(BaseModel):
    id: str
    name: str
    source: Literal["written", "history"]
    created_at: datetime
    cases: list[EvalCaseInfo]
    runs: list[EvalRunInfo]  # the newest first


# --- runs -----------------------------------------------------------------------------------------------------------


class EvalRunNew(Write):
    models: Annotated[list[ModelRef], Field(min_length=1, max_length=MOST_MODELS)]
    judge: ModelRef | None = None


class EvalMark(Write):
    """What a person finds of an answer that nobody else judges; `passed` null takes it back."""

    case_id: Annotated[str, Field(min_length=1, max_length=36)]
    model: ModelRef
    passed: Annotated[bool, Field(strict=True)] | None


class ModelResult(BaseModel):
    """What came of one model. `rate` is that of the `judged` answers, with its 95 % interval; what failed is not
    passed, what was skipped, as it must not leave the house, is not counted. Costs are of the answers whose price is
    known.
    """

    model: str
    answers: int
    failed: int
    skipped: int
    judged: int
    unjudged: int  # answers that nobody marked yet, or that the judge could not tell
    passed: int
    rate: float | None
    low: float | None
    high: float | None
    better: int  # than what is expected, as the judge found
    same: int
    worse: int
    in_house: int  # answers
    by_others: int  # answers of another model than was asked for by its own name
    cost_usd: float
    price_unknown: int  # answers
    p50_ms: float | None
    p95_ms: float | None
    first_token_p50_ms: float | None
    output_tokens: int


class GivenThen(BaseModel):
    """The answers that were got then, added up."""

    answers: int
    in_house: int
    cost_usd: float
    price_unknown: int
    p50_ms: float | None
    p95_ms: float | None


class EvalReport(BaseModel):
    run: EvalRunInfo
    set_name: str
    results: list[ModelResult]
    then: GivenThen | None  # of a set of one's history
    judge_usd: float


class EvalAnswerInfo(BaseModel):
    model: str
    state: AnswerState
    error: str | None
    text: str
    answered_by: str | None
    self_hosted: bool
    passed: bool | None
    verdict: Verdict | None
    cost_usd: float | None
    duration_ms: float | None


class EvalCaseAnswers(BaseModel):
    case: EvalCaseInfo
    answers: list[EvalAnswerInfo]


class EvalAnswerPage(BaseModel):
    items: list[EvalCaseAnswers]
    next_cursor: str | None
