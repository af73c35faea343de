"""The `privacy` section of freehold.yaml: classes of data, how each is recognised, and what happens at the border."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from freehold.settings.area import Area
from freehold.settings.routing import Patterns, RuleId, Words, listed

Kind = Literal["email", "phone", "bank_card", "iban", "chinese_id", "passport", "secret"]
"""What is recognised by its form and its check digits."""

Action = Literal["none", "mask", "in_house", "ask", "block"]
"""From the mildest to the strictest; of several classes in one request the strictest counts."""


class DataClass(Area):
    """A class of data that is looked for in every request whose answer would come from outside the house."""

    id: RuleId = Field(description="Its name, as rules have it in `data_class` and people see it.")
    detect: Annotated[tuple[Kind, ...], BeforeValidator(listed)] = Field(
        default=(),
        description="`email`, `phone`, `bank_card` (Luhn), `iban`, `chinese_id` (check digit), `passport`, `secret` "
        "(keys and tokens of vendors, private keys).",
    )
    words: Words = Field(default=(), description="Words that make it one, as `keyword` in a rule.")
    regex: Patterns = Field(default=(), description="Patterns of RE2's syntax.")
    action: Action = Field(
        default="in_house",
        description="`in_house`: only models in the house answer. `mask`: stand-ins go out instead, and the answer has "
        "the real things again. `ask`: the person decides. `block`: it is refused. `none`: it is a name for rules.",
    )

    @model_validator(mode="after")
    def _some(self) -> "DataClass":
        if not (self.detect or self.words or self.regex):
            raise ValueError("say what it is: detect, words or regex")
        return self


class PrivacySettings(Area):
    """Nothing is looked for until a class is named."""

    classes: tuple[DataClass, ...] = Field(default=(), max_length=50, description="Classes of data.")
