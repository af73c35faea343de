"""How likely a model in the house answers well enough, while nothing was learned of it: a weak prior.

It is not a judge of difficulty: judged by recorded answers, such scores are hardly better than chance. It leans to the
house, falls with the length of what is asked, a little more for code and formulas, and says by the width of its
interval how little it knows. A scorer that was trained on the site's own labels and has shown that it beats it takes
its place.
"""

import math
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from freehold.gateway.routing.content import Content
from freehold.gateway.routing.pipeline.decision import Need
from freehold.gateway.routing.pipeline.snapshot import Unit
from freehold.gateway.routing.rules.facts import Facts
from freehold.settings.routing import Objective

Judge = Callable[[Facts, Unit, float, Objective], Need | None]
"""A learned belief about one model in the house, None where there is none to be trusted. It is given the share of the
premium quality that is to be kept, and says itself what p that asks for.
"""

WIDTH = 0.25
"""Half of the prior's interval."""

PREMIUM_P = {"standard": 0.9, "premium": 0.97}
"""How likely the others answer well enough, of which nobody has labels either."""

_SLACK: dict[Objective, float] = {"cost": 0.4, "balanced": WIDTH, "latency": WIDTH, "quality": 0.1}
"""How far below the floor a local model may be believed to be and still gets the benefit of the doubt."""

_BASE, _PER_LENGTH, _CODE, _FORMULA, _FOREIGN = 0.92, 0.06, 0.1, 0.15, 0.3
_SHORT = 150  # characters that ask nothing of a model by their number
_WIDE = re.compile("[\u2e80-\U0010ffff]+")
_HEAD = 8_000  # characters looked at


class Sign(NamedTuple):
    """A pattern, and texts of which each match has one: those are looked for many times as fast."""

    pattern: re.Pattern[str]
    hints: Sequence[str]

    def within(self, text: str) -> bool:
        """Whether the pattern is found in the text."""
        for hint in self.hints:
            if hint in text:
                return self.pattern.search(text) is not None
        return False


CODE = Sign(
    re.compile(r"```|\b(?:def|class|function|SELECT|import|#include)\b|[{};]\s*\n|=>"),
    ("```", "def", "class", "function", "SELECT", "import", "#include", "{", "}", ";", "=>"),
)
FORMULA = Sign(
    re.compile(r"\$[^$\n]{2,}\$|\\(?:frac|int|sum|sqrt)|[∑∫√≤≥≠∀∃∈]|\b(?:prove|theorem)\b|证明|定理|求证"),
    ("$", "\\", *"∑∫√≤≥≠∀∃∈", "prove", "theorem", "证明", "定理", "求证"),
)


def no_judge(facts: Facts, unit: Unit, floor: float, objective: Objective) -> Need | None:
    """Nothing was learned."""
    del facts, unit, floor, objective


def prior(facts: Facts, unit: Unit, floor: float, likely: float) -> Need:
    """The belief about a local model, by what the text alone says; see the module."""
    p = likely
    if unit.languages and facts.language is not None and facts.language not in unit.languages:
        p -= _FOREIGN
    p = min(0.99, max(0.05, p))
    return Need(p, max(0.0, p - WIDTH), min(1.0, p + WIDTH), floor)


def difficulty(content: Content) -> float:
    """What the text alone says, as a probability that is not bounded yet."""
    asked = content.asked[:_HEAD]
    # a Chinese character says about as much as three letters
    weight = len(content.asked) if asked.isascii() else len(content.asked) + 2 * sum(map(len, _WIDE.findall(asked)))
    p = _BASE - _PER_LENGTH * math.log(max(1.0, weight / _SHORT))
    if CODE.within(asked):
        p -= _CODE
    if FORMULA.within(asked):
        p -= _FORMULA
    return p


def asked_of_local(floor: float, objective: Objective) -> float:
    """What p has to be for a local model to come first."""
    return max(0.0, floor - _SLACK[objective])
