"""How the choice of a model is shown: to people beside an answer, to administrators for any sample."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from freehold.gateway.routing.arms import Arm
from freehold.gateway.routing.deployment import Stage, Why
from freehold.gateway.routing.pipeline.decision import Choice
from freehold.settings.routing import Check, Tier


class PassedOver(BaseModel):
    """A deployment that was not asked. `stage` and `why` are codes: words are the reader's."""

    ref: str
    stage: Stage
    why: Why
    until: datetime | None = None  # when it is asked again
    rule: str | None = None  # the routing rule that did it


class RouteReason(BaseModel):
    """What moved p, and by about how much: a count by its name, `phrases`, or `characters`."""

    feature: str
    effect: float


class RouteNeed(BaseModel):
    """How likely a model in the house answers well enough: probability, its interval, and what was asked of it."""

    p: float
    low: float
    high: float
    floor: float
    learned: bool  # from the site's own labels; else a weak prior
    because: list[RouteReason] = []  # the strongest first; of what was learned alone


class RouteCandidate(BaseModel):
    """A model that was left to choose from, in the order in which they would be asked."""

    name: str  # an alias, or provider_id/model_id
    ref: str
    tier: Tier
    self_hosted: bool
    cost_usd: float | None  # about what this call costs there
    p: float | None  # how likely it answers well enough


class RouteCascade(BaseModel):
    """What was found of the answer of a model in the house, and what came of it; `check` is a code."""

    outcome: Literal["kept", "majority", "escalated", "stayed", "offered"]
    check: Check | Literal["second_differs", "broken"] | None = None  # what is wrong with it
    second: str | None = None  # the model that answered, too, to be compared
    more: list[str] = []  # those asked after it, as it came to something else
    waited_ms: float = 0  # for that
    overruled: str | None = None  # the model whose answer was not good enough
    better_answer: bool = False  # there is another model that can be asked
    better: str | None = None  # that one


class RouteTrial(BaseModel):
    """The trial that ran, and in which of its arms the choice was made."""

    id: str
    arm: Arm


class Route(BaseModel):
    """How the model was chosen."""

    choice: Choice
    rule: str | None = None
    need: RouteNeed | None = None
    language: str | None = None
    tokens: int = 0
    candidates: list[RouteCandidate] = []
    cascade: RouteCascade | None = None
    trial: RouteTrial | None = None
