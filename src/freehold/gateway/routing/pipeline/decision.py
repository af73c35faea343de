"""What was decided of a request and why, in codes and figures; the words are the reader's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple
from urllib.parse import quote

from freehold.gateway.routing.arms import Arm
from freehold.gateway.routing.deployment import Deployment, Skipped
from freehold.settings.routing import Language, Tier

Choice = Literal[
    "asked_for",
    "rule_pins",
    "rule_prefers",
    "rule_narrows",
    "only_one",
    "likely_enough",
    "likely_too_hard",
    "keeps_model",
    "in_house_only",
    "cheapest",
]
"""Why the first one is the first; bounded, as the browser has a sentence for each."""


@dataclass(frozen=True, slots=True)
class Need:
    """How likely a model in the house answers well enough: probability and interval. `learned`: not the prior's."""

    p: float
    low: float
    high: float
    floor: float  # what is asked of it
    learned: bool = False
    because: tuple[tuple[str, float], ...] = ()  # what moved p most, and by about how much; learned ones alone have it

    def beside(self, asked: float) -> float:
        """p as it would be were `asked` its floor, so that it is weighed beside others by one floor."""
        return self.p + asked - self.floor


class Ranked(NamedTuple):
    """A candidate that is left: its name, tier, the first it stands for, and what its place comes of."""

    name: str
    ref: str
    tier: Tier
    self_hosted: bool
    cost_usd: float | None = None
    p: float | None = None


@dataclass(slots=True)
class Decision:
    """`order`: who is asked, one after the other. Nobody: `refused_by` says which stage left none."""

    order: Sequence[Deployment]
    ranked: Sequence[Ranked] = ()
    removed: list[Skipped] = field(default_factory=list)
    choice: Choice = "asked_for"
    rule: str | None = None
    need: Need | None = None
    language: Language | None = None
    tokens: int = 0
    floor: float | None = None  # the share of premium quality that was to be kept, where it had a part in it
    trial: tuple[str, Arm] | None = None  # the id of the trial that ran, and in which arm it was decided

    def as_dict(self) -> dict[str, Any]:
        """The stored form; what was removed is told beside it, a trial and a floor only where there was one."""
        need = self.need
        trial = {} if self.trial is None else {"trial": {"id": self.trial[0], "arm": self.trial[1]}}
        floor = {} if self.floor is None else {"floor": round(self.floor, 3)}
        return {
            **trial,
            **floor,
            "choice": self.choice,
            "rule": self.rule,
            "need": None
            if need is None
            else {
                "p": round(need.p, 3),
                "low": round(need.low, 3),
                "high": round(need.high, 3),
                "floor": round(need.floor, 3),
                "learned": need.learned,
                "because": [{"feature": name, "effect": round(effect, 3)} for name, effect in need.because],
            },
            "language": self.language,
            "tokens": self.tokens,
            "candidates": [
                {
                    "name": one.name,
                    "ref": one.ref,
                    "tier": one.tier,
                    "self_hosted": one.self_hosted,
                    "cost_usd": None if one.cost_usd is None else round(one.cost_usd, 6),
                    "p": None if one.p is None else round(one.p, 3),
                }
                for one in self.ranked
            ],
        }


def header(route: Mapping[str, Any], skipped: int, model: str) -> str:
    """The compact form for `x-freehold-route`: `choice=likely_enough; tier=local; need=0.86; left=3; out=2`.

    In ASCII: the name of a rule, which may have letters of any script, is percent-encoded (RFC 3986).
    """
    need = route["need"]
    parts = [f"choice={route['choice']}"]
    if route["rule"]:
        parts.append(f"rule={quote(route['rule'], safe='')}")
    parts += [f"tier={one['tier']}" for one in route["candidates"] if one["ref"] == model][:1]
    if need:
        parts.append(f"need={need['p']:.2f}")
    if cascade := route.get("cascade"):
        parts.append(f"cascade={cascade['outcome']}")
        parts += [f"check={cascade['check']}"] if cascade["check"] else []
    parts.append(f"left={len(route['candidates'])}")
    if skipped:
        parts.append(f"out={skipped}")
    return "; ".join(parts)
