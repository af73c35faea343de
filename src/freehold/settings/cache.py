"""The sections `cache` and `faq` of freehold.yaml: answers that are given without asking a model."""

from typing import Literal

from pydantic import Field

from freehold.settings.area import Area


class CacheSettings(Area):
    """Answers to frequent questions, given again without asking a model. Off until someone turns it on."""

    mode: Literal["off", "on_request", "always"] = Field(
        default="off",
        description="`on_request`: for requests with the header `x-freehold-cache: on`; `always`: for every request on "
        "`/v1` without tools that does not say `off` or `Cache-Control: no-store`.",
    )
    chat: bool = Field(
        default=False,
        description="With `always`: in the web app, too, marked and with a click that asks again. What was asked of it "
        "is given to the same people as on `/v1`, see `share`.",
    )
    share: Literal["key", "user", "server"] = Field(
        default="user",
        description="Who gets the same answer again: one API key, one person, or everyone who is in the same groups.",
    )
    normalise: bool = Field(
        default=True, description="Let case, width, spaces and end punctuation of the question make no difference."
    )
    semantic: bool = Field(
        default=False,
        description="Give an answer also to the same question in other words: on first turns without tools, files, "
        "personal or time words, in languages that were calibrated with `freehold cache calibrate`.",
    )
    encoder: str = Field(
        default="packaged",
        max_length=500,
        description="What compares questions: `packaged` is the extra `semantic`, in this process; or the "
        "`provider/model` of an embeddings model in the house.",
    )
    ttl_seconds: int = Field(default=86_400, ge=1, description="How long an answer is given again, in seconds.")
    memory_bytes: int = Field(default=32_000_000, ge=0, description="The newest answers kept in memory, in bytes.")
    largest_answer_bytes: int = Field(default=1_000_000, ge=1, description="A larger answer is not kept.")


class FaqSettings(Area):
    """Answers that administrators wrote to frequent questions."""

    chat: bool = Field(
        default=True, description="Give them in the web app, marked and with a click that asks the model instead."
    )
    api: Literal["off", "on_request", "always"] = Field(
        default="on_request",
        description="Give them on `/v1` and `/ollama`: `on_request` to requests with the header "
        "`x-freehold-cache: on`, `always` to every request that does not say `off`, `refresh` or "
        "`Cache-Control: no-cache`.",
    )
    suggest: bool = Field(
        default=True,
        description="Count what is asked often, under keyed hashes. A text is kept once `min_people` asked the same, "
        "and never where personal data is recognised in it.",
    )
    min_people: int = Field(
        default=3, ge=2, le=1000, description="How many different people must have asked before a question is shown."
    )
    keep_days: int = Field(
        default=90, ge=1, le=3650, description="A question that nobody asked for so many days is no longer counted."
    )
