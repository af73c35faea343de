"""Whose limit or budget it is: a key, a person, a group of people, or the models that a pattern names."""

from dataclasses import dataclass, field
from typing import Literal

from freehold.usage.periods import Period

HolderKind = Literal["key", "user", "group", "model"]

RuleKind = Literal["everyone", "user", "group", "model"]
"""Whom an administrator can set a rule for; `everyone`: each person for themselves, where nothing is set for them."""


@dataclass(frozen=True, slots=True)
class Holder:
    """`id`: of the key, person or group, or the pattern of models. `name` is what a person calls it."""

    kind: HolderKind
    id: str
    name: str = field(default="", compare=False)

    def __str__(self) -> str:
        match self.kind:
            case "key":
                return f"the key “{self.name or self.id}”"
            case "user":
                return "your account"
            case "group":
                return f"the group “{self.name or self.id}”"
            case "model":
                return f"the model {self.id}" if "*" not in self.id else f"the models {self.id}"


@dataclass(frozen=True, slots=True)
class Limit:
    """How much one holder may ask at a time; None: as much as they like."""

    holder: Holder
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    concurrency: int | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """What one holder may spend in each window of a period, in nano-dollars."""

    holder: Holder
    period: Period
    limit: int
