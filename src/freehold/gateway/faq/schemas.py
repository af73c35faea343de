"""What the API says and takes of curated answers and frequent questions."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StrictBool, StringConstraints

from freehold.kit.storable import Write

QuestionText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=500)]
AnswerText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50_000)]


class FaqNew(Write):
    """A curated answer. `phrasings`: other ways of asking; `group_id`: only for that group; `approved`: it is given."""

    question: QuestionText
    phrasings: Annotated[list[QuestionText], Field(max_length=20)] = []  # noqa: RUF012 - pydantic copies it
    answer: AnswerText
    group_id: Annotated[str | None, Field(max_length=36)] = None
    approved: StrictBool = False


class FaqPatch(Write):
    """What is left out stays. `approved: false` withdraws it."""

    question: QuestionText | None = None
    phrasings: Annotated[list[QuestionText] | None, Field(max_length=20)] = None
    answer: AnswerText | None = None
    group_id: Annotated[str | None, Field(max_length=36)] = None
    approved: StrictBool | None = None


class FaqInfo(BaseModel):
    """A curated answer as administrators see it."""

    id: str
    question: str
    phrasings: list[str]
    answer: str
    group_id: str | None
    approved: bool
    given: int  # how often
    disliked: int  # how often it was rated bad
    created_at: datetime
    updated_at: datetime


class FrequentQuestion(BaseModel):
    """A question that enough different people asked, in the words of one of them; `key` names it."""

    key: str
    text: str
    people: int
    times: int
    asked_at: datetime


class FaqState(BaseModel):
    """The curated answers, the frequent questions that have none, and how both are set up."""

    entries: list[FaqInfo]
    frequent: list[FrequentQuestion]
    suggests: bool  # whether questions are counted
    min_people: int
    chat: bool  # whether the web app gives curated answers
