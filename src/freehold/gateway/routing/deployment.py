"""What routing decides about: deployments, what a request needs of them, and the steps of a plan."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from freehold.providers.base import ModelCard, ProviderConfig
from freehold.providers.cards import Offer

Kind = Literal["chosen", "retry", "fallback", "next_key", "hedge", "second", "escalation"]
"""Why a deployment is asked; bounded, so metrics may use it."""

Why = Literal[
    "not_allowed",
    "not_offered",
    "rule_pins_another",
    "rule_denies",
    "rule_requires",
    "cannot_see_images",
    "cannot_hear",
    "cannot_use_tools",
    "cannot_keep_a_schema",
    "context_too_small",
    "leaves_the_house",
    "data_stays",
    "cooling_down",
    "limited",
    "over_budget",
]
"""Why a deployment is not asked; the browser has words for each."""

Stage = Literal["candidates", "rules", "capability", "locality", "fallback"]
"""Where in the choice of a model one was passed over."""

_STAGES: dict[Why, Stage] = {
    "not_allowed": "candidates",
    "not_offered": "candidates",
    "rule_pins_another": "rules",
    "rule_denies": "rules",
    "rule_requires": "rules",
    "cannot_see_images": "capability",
    "cannot_hear": "capability",
    "cannot_use_tools": "capability",
    "cannot_keep_a_schema": "capability",
    "context_too_small": "capability",
    "leaves_the_house": "locality",
    "data_stays": "locality",
    "cooling_down": "locality",
    "limited": "locality",
    "over_budget": "locality",
}
_IN_WORDS: dict[Why, str] = {
    "not_allowed": "not allowed for this key",
    "not_offered": "turned off, or not offered by its provider",
    "rule_pins_another": "a rule wants another one",
    "rule_denies": "a rule forbids it",
    "rule_requires": "not what a rule requires",
    "cannot_see_images": "cannot see images",
    "cannot_hear": "cannot hear",
    "cannot_use_tools": "cannot use tools",
    "cannot_keep_a_schema": "cannot keep to a JSON schema",
    "context_too_small": "its context is too small",
    "leaves_the_house": "not in the house",
    "data_stays": "not in the house, and what was said stays there",
    "cooling_down": "cooling down",
    "limited": "its limit or budget is used up",
    "over_budget": "the budget has no room for it",
}


@dataclass(frozen=True, slots=True, eq=False)
class Deployment:
    """A model at a provider. `priority` (the lowest first), `weight` and `region` are those of an alias' target."""

    ref: str  # provider_id/model_id
    config: ProviderConfig
    offer: Offer
    card: ModelCard
    weight: float = 1.0
    priority: int = 0
    region: str | None = None

    @property
    def price(self) -> float | None:
        """US dollars per million tokens of a call that reads three for each it writes; None: unknown."""
        prices = self.card.prices
        if self.config.self_hosted:
            return 0.0
        if prices.input is None or prices.output is None:
            return None
        return (3 * prices.input + prices.output) / 4


@dataclass(frozen=True, slots=True)
class Need:
    """What a request needs: `images` to be seen, room for about `tokens` (None: not counted)."""

    images: bool = False
    tokens: int | None = None


ANYTHING = Need()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A deployment that was passed over. `until`: when it is asked again, for one that is cooling down."""

    ref: str
    why: Why
    until: datetime | None = None
    rule: str | None = None  # the one that did it

    def as_dict(self) -> dict[str, Any]:
        """The stored form, as the browser gets it."""
        shown: dict[str, Any] = {"ref": self.ref, "stage": _STAGES[self.why], "why": self.why}
        if self.until is not None:
            shown["until"] = self.until.isoformat()
        if self.rule is not None:
            shown["rule"] = self.rule
        return shown

    def __str__(self) -> str:
        until = f" until {self.until:%H:%M:%S} UTC" if self.until else ""
        return f"{self.ref}: {_IN_WORDS[self.why]}{until}"  # for logs and messages of errors


@dataclass(slots=True)
class Step:
    """One try: which deployment is asked with which of its provider's keys, after how long, and why."""

    deployment: Deployment
    kind: Kind = "chosen"
    cause: str | None = None  # what made the step before fail, in words
    key: int = 0
    wait_s: float = 0.0
    alias: str | None = None
    first_token_timeout_s: float | None = None
    began_at: float = 0.0  # monotonic seconds, set by Router.began
    probe: bool = False  # the one request that finds out whether the deployment works again

    @property
    def reason(self) -> str:
        """For the record of the attempt, for example `fallback: rate limited`."""
        kind = self.kind.replace("_", " ") if "_" in self.kind else self.kind
        return f"{kind}: {self.cause}" if self.cause else kind
