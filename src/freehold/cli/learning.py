"""What `freehold route train` says of each training."""

from typing import TYPE_CHECKING

from freehold.gateway.learning.training import NEEDED

if TYPE_CHECKING:
    from freehold.gateway.learning.jobs import Result, Training
    from freehold.gateway.learning.training import Why

_RESULTS: "dict[Result, str]" = {
    "took_over": "it acts from now on",
    "stays_with_prior": "the prior stays",
    "stays_with_last": "the scorer from before stays",
    "back_to_prior": "the scorer from before is no better than chance any more: the prior acts",
    "unchanged": "nothing new to learn from",
}
_WHY: "dict[Why, str]" = {
    "no_gap": "the premium model is no better",
    "not_better": "it is not shown to be better than chance and than longer prompts first",
    "worse_than_acting": "the scorer that acts does better on newer labels",
}


def told_of(one: "Training") -> str:
    """One line."""
    who = f"{one.model}, {one.language or 'no language'}: {one.labels} labels"
    if one.result == "too_few":
        return f"{who}, of which {NEEDED} are needed."
    made = one.trained
    if made is None:
        return f"{who}; {_RESULTS[one.result]}."
    verdict = made.verdict
    figures = "" if verdict is None else f"APGR {verdict['apgr']:.3f} ({verdict['low']:.3f}-{verdict['high']:.3f}); "
    why = "" if made.why is None else f"{_WHY[made.why]}; "
    return f"{who}; {figures}{why}{_RESULTS[one.result]}."
