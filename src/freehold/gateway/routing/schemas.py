"""What administrators see of routing."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from freehold.gateway.routing.circuit import State
from freehold.kit.storable import Write


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
