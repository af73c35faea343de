"""What was done with a request at the border of the house."""

from dataclasses import dataclass, field

from freehold.settings.privacy import Action


@dataclass(frozen=True, slots=True)
class Passed:
    """`classes`: those it was for; `hidden`: how many things of each kind have a stand-in."""

    action: Action
    classes: tuple[str, ...]
    hidden: dict[str, int] = field(default_factory=dict)
