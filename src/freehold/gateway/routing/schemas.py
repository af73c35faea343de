"""What administrators see of routing."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from freehold.gateway.privacy.passed import Passed
from freehold.gateway.routing.circuit import State
from freehold.gateway.routing.linting import Code
from freehold.gateway.routing.shown import PassedOver, Route
from freehold.kit.storable import Write
from freehold.settings.routing import CascadeMode, Check, Given, Objective, RouteTest, Rule, Tier


class DeploymentHealth(BaseModel):
    """How one deployment is doing in this process, since it started."""

    ref: str  # provider_id/model_id
    aliases: list[str]  # those that ask it
    state: State  # of its circuit breaker
    free_at: datetime | None  # when it is asked again; null: now
    failures: int  # one after the other
    in_flight: int
    waiting: int  # in the queue of its provider's server
    calls: int
    first_token_ms: float | None
    tokens_per_second: float | None
    keys: int  # that take turns
    keys_resting: int


class RoutingHealth(BaseModel):
    """The targets of every alias, and what else was asked since the start."""

    deployments: list[DeploymentHealth]


class DeploymentChosen(Write):
    ref: Annotated[str, Field(min_length=1, max_length=500, description="provider_id/model_id")]


class RuleShown(BaseModel):
    """A rule in its place. `origin`: where it is kept; those of the file are changed there. `detail`: file:line."""

    origin: Literal["file", "app"]
    detail: str | None
    rule: Rule


class TestShown(BaseModel):
    """A test and what came of it; nothing in `wrong`: it passes."""

    origin: Literal["file", "app"]
    detail: str | None
    test: RouteTest
    wrong: list[str]


class FindingShown(BaseModel):
    """What the linter says. `about`: the name that it is about."""

    code: Code
    error: bool
    place: str
    message: str
    rule: str | None
    about: str | None


class CandidateShown(BaseModel):
    name: str
    tier: Tier
    self_hosted: bool
    refs: list[str]


class CascadeShown(BaseModel):
    """How answers of the house are judged. `second`: the models that have to agree; empty: one that `auto` has."""

    mode: CascadeMode
    checks: list[Check]
    agree: bool
    second: list[str]


class AutoShown(BaseModel):
    """What `auto` chooses from and how. `quality_floor`: the one that acts, which may follow `share_premium`."""

    offered: bool  # people are shown it
    objective: Objective
    quality_floor: float
    share_premium: float | None
    cascade: CascadeShown | None
    candidates: list[CandidateShown]


class Rules(BaseModel):
    """All rules in the order in which they are looked at. `saved_at`: when those of the app were saved."""

    rules: list[RuleShown]
    tests: list[TestShown]
    findings: list[FindingShown]
    auto: AutoShown
    saved_at: datetime | None


class RulesWrite(Write):
    """The rules and tests of the app, in their order; `seen` is the `saved_at` that they were made from."""

    rules: Annotated[list[Rule], Field(max_length=500)]
    tests: Annotated[list[RouteTest], Field(max_length=500)]
    seen: datetime | None


class ExplainWrite(Write):
    """A sample; with `rules` as if those were saved."""

    given: Given
    rules: Annotated[list[Rule], Field(max_length=500)] | None = None


class RuleHeld(BaseModel):
    """A rule that is on, and whether its condition holds for the sample."""

    id: str
    holds: bool


class StagePassed(BaseModel):
    """How many candidates a stage left, and which it removed."""

    stage: Literal["candidates", "rules", "capability", "locality"]
    left: int
    removed: list[PassedOver]


class WordShown(BaseModel):
    """A word, or a pair of words, and by about how much it moves p."""

    word: str
    effect: float


class Explanation(BaseModel):
    """What would become of the sample. `model`: who would be asked first; null: nobody, for the reason in `error`.

    `passed`: what would be done with what it holds before it left the house.
    """

    model: str | None
    error: str | None
    passed: Passed
    rules: list[RuleHeld]
    stages: list[StagePassed]
    route: Route
    words: list[WordShown] = []  # of the sample, that move p most; where something was learned
