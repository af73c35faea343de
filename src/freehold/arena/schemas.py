"""What the web app and API clients send and get for the arena. Nothing here says which model is which before a vote."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, RootModel, StringConstraints

from freehold.arena.ranking import Vote
from freehold.kit.storable import Write

Prompt = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=32_000)]
ModelRef = Annotated[str, Field(min_length=1, max_length=500, description="An alias, or provider/model.")]
RoundState = Literal["asking", "ready", "voted", "failed", "stopped"]
SideName = Literal["a", "b"]

MOST_MODELS = 20


class ArenaRoundNew(Write):
    """`models`: two of them are drawn; without it, of all that may be used but demonstrations and aliases. `in_house`:
    only of those in the house.
    """

    prompt: Prompt
    models: Annotated[list[ModelRef], Field(min_length=2, max_length=MOST_MODELS)] | None = None
    in_house: Annotated[bool, Field(strict=True)] = False


class ArenaVote(Write):
    """`a`, `b`: that answer is better."""

    vote: Vote


class ArenaSide(BaseModel):
    """What one of both said. `error`: the code of why it did not."""

    text: str
    error: str | None = None


class ArenaRevealed(BaseModel):
    """Who said it. `model`: as it was drawn; `answered_by`: provider/model, null when nobody answered."""

    model: str
    answered_by: str | None
    self_hosted: bool
    cost_usd: float | None
    first_token_ms: float | None
    duration_ms: float | None
    output_tokens: int | None


class ArenaNames(BaseModel):
    a: ArenaRevealed
    b: ArenaRevealed


class ArenaRoundInfo(BaseModel):
    """`ready`: both answered, and it can be voted on once. `failed`, `stopped`: it never can, and does not count.
    `names`: null until the round is over.
    """

    id: str
    prompt: str
    in_house: bool
    state: RoundState
    a: ArenaSide
    b: ArenaSide
    vote: Vote | None
    names: ArenaNames | None
    created_at: datetime


class ArenaRoundPage(BaseModel):
    items: list[ArenaRoundInfo]
    next_cursor: str | None


# --- the stream -----------------------------------------------------------------------------------------------------


class ArenaStarted(BaseModel):
    """The first event."""

    type: Literal["round"]
    id: str


class ArenaSaid(BaseModel):
    """More of an answer."""

    type: Literal["text"]
    side: SideName
    text: str


class ArenaDone(BaseModel):
    """An answer is complete."""

    type: Literal["done"]
    side: SideName


class ArenaEnd(BaseModel):
    """The last event: the round as it is now."""

    type: Literal["end"]
    round: ArenaRoundInfo


class ArenaEvent(RootModel[ArenaStarted | ArenaSaid | ArenaDone | ArenaEnd]):
    """One event of a round."""


# --- the ranking ----------------------------------------------------------------------------------------------------


class ArenaRating(BaseModel):
    """A model by the votes. `rating` with its 95 % interval `low` to `high`, the mean of all models being 1000; null
    under `needed` votes. `rank`: one more than the models that are better for sure.
    """

    model: str
    votes: int
    won: int
    lost: int
    tied: int
    rating: float | None
    low: float | None
    high: float | None
    rank: int | None


class ArenaPair(BaseModel):
    """All votes between two models. `points` of `model`: a win is one, a tie half of one."""

    model: str
    rival: str
    points: float
    votes: int


class ArenaRanking(BaseModel):
    """The best first. `pairs` has each pair that met, both ways."""

    items: list[ArenaRating]
    pairs: list[ArenaPair]
    votes: int
    needed: int
