"""What administrators get about a trial."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from freehold.gateway.routing.arms import Arm
from freehold.settings.routing import Guards, Objective

Guarded = Literal["failures", "disliked", "cost", "latency"]
Figure = Literal["premium", "cost", "failures", "disliked", "p50", "p95"]
State = Literal["not_enough", "running", "halted"]


class TrialHalted(BaseModel):
    """Why a trial was halted: a figure of both arms, and the limit of `routing.trial.guards` that it went over.

    Shares for failures and disliked, US dollars for an answer, milliseconds for latency.
    """

    figure: Guarded
    trial: float
    control: float
    limit: float
    at: datetime


class CountedShare(BaseModel):
    """So many of so many, with Wilson's 95 % interval; `share` is null of nothing."""

    count: int
    of: int
    share: float | None
    low: float
    high: float


class ArmShown(BaseModel):
    """The lines of the ledger of one arm, added up."""

    arm: Arm
    people: int  # who made them
    calls: int  # of `auto`: answered and failed
    answered: int
    failed: CountedShare  # of the calls
    disliked: CountedShare  # of the answers in the chat
    premium: CountedShare  # of the answered calls, that the premium tier answered
    spent_usd: float  # with the attempts that did not answer, and with the hardware in the house
    cost_usd: float | None  # for one call
    p50_ms: float | None  # from the question to the last word, of what was answered
    p95_ms: float | None


class ArmDifference(BaseModel):
    """The arm of the trial less the control arm, with a 95 % interval where there is one."""

    figure: Figure
    by: float
    low: float | None = None
    high: float | None = None


class TrialTerms(BaseModel):
    """How `auto` decides in one arm."""

    objective: Objective
    quality_floor: float


class TrialReport(BaseModel):
    """The trial of freehold.yaml and how it goes. `since`: the calls from then on are counted."""

    id: str
    share: float
    tried: TrialTerms
    usual: TrialTerms
    guards: Guards
    state: State
    began_at: datetime
    since: datetime
    needed: int  # calls in each arm before anything is said
    arms: list[ArmShown]  # the trial's, then the other
    differences: list[ArmDifference]  # none before there are enough calls
    halted: TrialHalted | None


class TrialState(BaseModel):
    """`trial`: null where freehold.yaml declares none."""

    trial: TrialReport | None
