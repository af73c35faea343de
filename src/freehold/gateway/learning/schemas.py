"""What administrators see of learning."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from freehold.gateway.learning.jobs import Result
from freehold.gateway.learning.labels import Source
from freehold.gateway.learning.training import Why
from freehold.kit.storable import Write

ScorerState = Literal["acting", "standby", "refused", "rolled_back"]


class LabelCount(BaseModel):
    source: Source
    labels: int


class ScorerShown(BaseModel):
    """A training and what it came to. APGR: how well it orders prompts it was not trained on; 0.5 is chance."""

    state: ScorerState
    trained_at: datetime
    labels: int
    judged: int  # labels that the figures are of: blind pairs alone, where there are enough
    why: Why | None  # it was refused
    apgr: float | None  # None: the premium model is no better
    low: float | None  # of the interval with 95 % confidence
    high: float | None
    prior: float | None  # APGR of sending longer prompts out
    saved95: float | None  # part of the premium cost, while 95 % of its quality is kept


class Learned(BaseModel):
    """One local model and language. `language`: empty where none was found. `scorers`: the newest first."""

    model: str
    language: str
    labels: int
    needed: int
    state: Literal["prior", "learned"]
    can_roll_back: bool
    by_source: list[LabelCount]
    scorers: list[ScorerShown]


class LearningState(BaseModel):
    """`shadow`: share of local answers that are compared; `shadow_from_file`: freehold.yaml says so, and only there it
    is changed. `spent_today_usd`, `most_today_usd`: on comparing, by UTC.
    """

    shadow: float
    shadow_from_file: bool
    baseline: str | None  # the premium model that answers, too
    judge: str | None
    spent_today_usd: float
    most_today_usd: float
    training: bool  # in this process, now
    by_source: list[LabelCount]
    learned: list[Learned]


class ShadowWrite(Write):
    shadow: Annotated[float, Field(ge=0, le=1, strict=True, description="Share of local answers, 0 to 1.")]


class ScorerChosen(Write):
    """A local model, provider_id/model_id, and a language; empty where none was found."""

    model: Annotated[str, Field(min_length=1, max_length=500)]
    language: Annotated[str, Field(max_length=8)]


class TrainingResult(BaseModel):
    model: str
    language: str
    labels: int
    result: Result


class TrainingDone(BaseModel):
    """What came of each training, and how things stand after them; nothing yet while `state.training`."""

    results: list[TrainingResult]
    state: LearningState
