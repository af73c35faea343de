"""The `routing` section of freehold.yaml: how a model is chosen. Rules made in the app have the same form."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from freehold.settings.api_keys import BudgetPeriod
from freehold.settings.area import Area
from freehold.settings.sources import Path, Problem

Tier = Literal["local", "standard", "premium"]
"""From what stays in the house to what costs most."""

TIERS: tuple[Tier, ...] = get_args(Tier)
Objective = Literal["cost", "balanced", "quality", "latency"]
Attachment = Literal["image", "audio", "file"]
CascadeMode = Literal["hold", "offer"]
Check = Literal["empty", "truncated", "refused", "invalid_json", "invalid_tool_call", "unsure"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Language = Literal["en", "zh", "ja", "ko", "ru", "el", "he", "ar", "hi", "th"]
"""What can be told by the script alone; `en` stands for everything in Latin letters, `ru` for Cyrillic ones."""

LONGEST_PATTERN = 1_000
_CLOCK = re.compile(r"^([01]?\d|2[0-3]):[0-5]\d$")


def listed(value: Any) -> Any:
    """One value as a list of it; a text is never cut into pieces."""
    return value if isinstance(value, list | tuple) else (value,)


def _pattern(value: str) -> str:
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(value, options)
    except re2.error as error:
        why = error.args[0]
        told = why.decode("utf-8", "replace") if isinstance(why, bytes) else str(why)
        raise ValueError(f"is no pattern of RE2's syntax, which reads in linear time: {told}") from None
    return value


def _clock(value: str) -> str:
    if not _CLOCK.match(value):
        raise ValueError('must be a time such as "22:00"')
    return value


def _zone(value: str) -> str:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"there is no time zone {value!r} on this machine; one is Asia/Shanghai") from None
    return value


def _names(value: Any) -> Any:
    """As `listed`; nothing is none of them."""
    return () if value is None else listed(value)


ModelName = Annotated[str, Field(min_length=1, max_length=500)]
Word = Annotated[str, Field(min_length=1, max_length=200)]
Words = Annotated[tuple[Word, ...], BeforeValidator(listed), Field(max_length=1000)]
Pattern = Annotated[str, Field(min_length=1, max_length=LONGEST_PATTERN), AfterValidator(_pattern)]
Patterns = Annotated[tuple[Pattern, ...], BeforeValidator(listed), Field(max_length=200)]
Attachments = Annotated[tuple[Attachment, ...], BeforeValidator(listed)]
Languages = Annotated[tuple[Language, ...], BeforeValidator(listed)]
RuleId = Annotated[str, Field(pattern=r"^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,63}$")]
"""Letters of any script; in a header such a name is percent-encoded."""
Percent = Annotated[float, Field(ge=0, le=1000)]
Clock = Annotated[str, AfterValidator(_clock)]


class Bounds(Area):
    """Where a number has to lie."""

    gt: float | None = Field(default=None, description="More than.")
    gte: float | None = Field(default=None, description="At least.")
    lt: float | None = Field(default=None, description="Less than.")
    lte: float | None = Field(default=None, description="At most.")

    @model_validator(mode="after")
    def _some(self) -> "Bounds":
        if not self.model_fields_set:
            raise ValueError("name a bound: gt, gte, lt or lte")
        return self


class TimeOfDay(Area):
    """When it is; both ends of `between` by the clock of `tz`, over midnight where the first is later."""

    between: tuple[Clock, Clock] | None = Field(default=None, description='`["22:00", "06:00"]`.')
    tz: Annotated[str, AfterValidator(_zone)] = Field(default="UTC", description="A time zone such as Asia/Shanghai.")
    weekdays: Annotated[tuple[Weekday, ...], BeforeValidator(listed)] = Field(
        default=(), description="`[mon, tue, wed, thu, fri]`. The night after a day belongs to it."
    )

    @model_validator(mode="after")
    def _some(self) -> "TimeOfDay":
        if self.between is None and not self.weekdays:
            raise ValueError("give between or weekdays")
        return self


class Spent(Area):
    """How much of a budget of the caller's is spent; `*` is any of them."""

    group: str | None = Field(default=None, max_length=200, description="One of the caller's groups, or `*`.")
    user: str | None = Field(default=None, max_length=200, description="`*`: the caller.")
    key: str | None = Field(default=None, max_length=200, description="The key that was used, or `*`.")
    period: BudgetPeriod = Field(default="month", description="Which of its budgets.")
    gt_pct: Percent | None = Field(default=None, description="More than so many percent.")
    lt_pct: Percent | None = Field(default=None, description="Less than so many percent.")

    @model_validator(mode="after")
    def _one(self) -> "Spent":
        if sum(one is not None for one in (self.group, self.user, self.key)) != 1:
            raise ValueError("name one of group, user and key")
        if self.gt_pct is None and self.lt_pct is None:
            raise ValueError("give gt_pct or lt_pct")
        return self


class When(Area):
    """A condition: all that is given has to hold, of a list any one."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    any: tuple["When", ...] = Field(default=(), description="One of these holds.")
    all: tuple["When", ...] = Field(default=(), description="All of these hold.")
    not_: "When | None" = Field(default=None, alias="not", description="This does not hold.")
    keyword: Words = Field(
        default=(),
        description="Words in what was written, in any language: whole ones where words have blanks between them, "
        "anywhere in Chinese text. Case and width make no difference.",
    )
    regex: Patterns = Field(default=(), description="Patterns of RE2's syntax, found anywhere in what was written.")
    role: Words = Field(default=(), description="`admin`, `member`, or a group that stands for a role.")
    group: Words = Field(default=(), description="Groups of the caller's, by name or id; `*`: any.")
    key: Words = Field(default=(), description="The API key, by name or id; `*` and `?` match many.")
    user: Words = Field(default=(), description="People, by e-mail address or id.")
    context_tokens: Bounds | None = Field(default=None, description="About how many tokens the request has.")
    attachments: Attachments = Field(default=(), description="`image`, `audio`, `file`.")
    language: Languages = Field(default=(), description="Of the last message, by its script.")
    time: TimeOfDay | None = Field(default=None, description="When it is.")
    data_class: Words = Field(default=(), description="Classes that the detectors found, such as `confidential`.")
    spend: Spent | None = Field(default=None, description="How much of a budget is spent.")
    cost: Bounds | None = Field(
        default=None, description="About what the dearest of the models would cost, in US dollars."
    )
    locked: bool | None = Field(default=None, description="Whether the conversation is kept in the house.")


class Require(Area):
    """What a model has to be."""

    self_hosted: bool | None = Field(default=None, description="Nothing leaves the house.")
    context_gte: int | None = Field(default=None, ge=1, description="It is known to read so many tokens.")
    tier: Tier | None = Field(default=None, description="At least this tier.")
    abilities: Words = Field(default=(), description="What it is known to do, for example `tools, vision`.")
    provider: Words = Field(default=(), description="One of these providers, by id.")

    @model_validator(mode="after")
    def _some(self) -> "Require":
        if not self.model_fields_set:
            raise ValueError("require something: self_hosted, context_gte, tier, abilities or provider")
        return self


class Change(Area):
    """What differs for this request of how `auto` decides."""

    objective: Objective | None = Field(default=None, description="What counts most.")
    quality_floor: float | None = Field(default=None, ge=0, le=1, description="Share of premium quality to keep.")

    @model_validator(mode="after")
    def _some(self) -> "Change":
        if not self.model_fields_set:
            raise ValueError("set something: objective or quality_floor")
        return self


class Then(Area):
    """What a rule does. A name is an alias, provider/model (`*` matches many), or a tier."""

    pin: Words = Field(default=(), description="Only these, where one of them can be asked.")
    prefer: Words = Field(default=(), description="These before the others.")
    deny: Words = Field(default=(), description="None of these, however they are asked for.")
    require: Require | None = Field(default=None, description="Only what is like this, however it is asked for.")
    set: Change | None = Field(default=None, description="Decide in another way.")

    @model_validator(mode="after")
    def _some(self) -> "Then":
        if not (self.pin or self.prefer or self.deny or self.require or self.set):
            raise ValueError("do something: pin, prefer, deny, require or set")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Every model it names."""
        return (*self.pin, *self.prefer, *self.deny)

    @property
    def guards(self) -> bool:
        """Whether it forbids something, which holds for models that were asked for by name, too."""
        return bool(self.deny or self.require)


class Rule(Area):
    """The first rule whose condition holds decides; the others are not looked at."""

    id: RuleId = Field(description="Its name in reports.")
    description: str | None = Field(default=None, max_length=500, description="A sentence for people.")
    enabled: bool = Field(default=True, description="Whether it is looked at.")
    when: When = Field(default=When(), description="The condition; without one it always holds.")
    then: Then = Field(description="What it does.")
    place: str | None = None


class Given(Area):
    """A sample request."""

    text: str = Field(default="", max_length=100_000, description="The last message.")
    model: str = Field(default="auto", max_length=500, description="What is asked for.")
    role: str | None = Field(default=None, max_length=200, description="Of whoever asks. Default: member.")
    group: Words = Field(default=(), description="Their groups.")
    key: str | None = Field(default=None, max_length=200, description="The key they use.")
    user: str | None = Field(default=None, max_length=320, description="Their e-mail address or id.")
    context_tokens: int | None = Field(default=None, ge=0, description="Default: estimated from the text.")
    attachments: Attachments = Field(default=(), description="`image`, `audio`, `file`.")
    data_class: Words = Field(default=(), description="Classes beside those that the detectors find.")
    at: datetime | None = Field(default=None, description="When; without a zone it is UTC. Default: now.")
    spent_pct: Percent = Field(default=0, description="How much of every budget is spent.")
    locked: bool = Field(default=False, description="The conversation is kept in the house.")


class Expect(Area):
    """What has to come of it; only what is given is compared."""

    model: Words = Field(default=(), description="The one that is asked first is one of these.")
    not_model: Words = Field(default=(), description="None of these may be asked, not even when others fail.")
    rule: str | None = Field(default=None, description="The rule that decides; `none`: no rule does.")
    self_hosted: bool | None = Field(default=None, description="Whether all that may be asked stays in the house.")
    refused: bool | None = Field(default=None, description="Whether nothing is left to ask.")

    @model_validator(mode="after")
    def _some(self) -> "Expect":
        if not self.model_fields_set:
            raise ValueError("expect something: model, not_model, rule, self_hosted or refused")
        return self


class RouteTest(Area):
    """A sample and what has to come of it; a change that breaks one is refused."""

    given: Given = Field(default=Given(), description="The request.")
    expect: Expect = Field(description="What has to come of it.")
    place: str | None = None


class CascadeSettings(Area):
    """Judges what a model in the house answered, and asks the next model where that is not good enough."""

    mode: CascadeMode = Field(
        default="hold",
        description="`hold`: the answer waits until it was judged. `offer`: in the chat it streams at once, and "
        "where it is not good enough the better model is offered under it; over `/v1` nothing is judged.",
    )
    checks: tuple[Check, ...] = Field(
        default=("empty", "truncated", "refused", "invalid_json", "invalid_tool_call"),
        description="What an answer must not be: `empty`, `truncated`, `refused`, `invalid_json` (where JSON was asked "
        "for), `invalid_tool_call` (of no tool, or not as its schema says), `unsure` (see `least_logprob`).",
    )
    agree: bool = Field(
        default=True,
        description="Where the answer ends in something that can be compared (a number, a choice, a label, yes or no, "
        "JSON), another model of `second` has to come to the same.",
    )
    second: Annotated[tuple[ModelName, ...], BeforeValidator(_names), Field(max_length=4)] = Field(
        default=(),
        description="Other models in the house, each an alias or `provider/model`: the first of them is asked, and "
        "the next where that comes to something else, until two of all agree. Default: one that `auto` chooses from.",
    )
    least_logprob: float | None = Field(
        default=None,
        ge=-20,
        le=0,
        description="For `unsure`: the mean log-probability of the tokens that an answer needs, where it has them.",
    )

    @model_validator(mode="after")
    def _complete(self) -> "CascadeSettings":
        if "unsure" in self.checks and self.least_logprob is None:
            raise ValueError("the check unsure needs least_logprob, for example -0.7")
        return self


class AutoSettings(Area):
    """How `auto` chooses."""

    enabled: bool | None = Field(
        default=None, description="Whether `auto` is offered. Default: where there are two models to choose from."
    )
    models: Words = Field(
        default=(),
        max_length=200,
        description="What it chooses from: aliases, `provider/model` (`*` matches many). Default: every alias, and "
        "without aliases every chat model but demonstrations.",
    )
    objective: Objective = Field(
        default="balanced", description="What counts most: `cost`, `balanced`, `quality`, `latency`."
    )
    quality_floor: float = Field(
        default=0.95, ge=0, le=1, description="Share of the premium quality to keep; the higher, the more is sent out."
    )
    share_premium: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="About the share of its answers that premium models give at most, for example 0.2. The quality "
        "floor follows it every hour, by its newest 5,000 answers of the last seven days, but never above "
        "`quality_floor`; from 200 answers on. Default: `quality_floor` alone.",
    )
    baseline: str | None = Field(
        default=None, max_length=500, description="The model that costs are compared with. Default: the dearest."
    )
    fallback: Words = Field(
        default=(),
        max_length=16,
        description="In this order when the chosen one fails. Default: the same tier, higher ones, then lower ones.",
    )
    shadow: float = Field(
        default=0,
        ge=0,
        le=1,
        description="Share of local answers that are compared with premium ones, to learn, for example 0.02. Never of "
        "what stays in the house. Where it is left out, the routing page sets it.",
    )
    judge: str | None = Field(
        default=None,
        min_length=1,
        max_length=500,
        description="The model that compares both answers, blind and in both orders. Default: the baseline.",
    )
    shadow_usd_per_day: float = Field(
        default=1, ge=0, le=10_000, description="US dollars that comparing may cost in a day (UTC)."
    )
    cascade: CascadeSettings | None = Field(
        default=None, description="Judges what a model in the house answered. Default: nothing does."
    )


class Guards(Area):
    """How much worse than the control arm the arm of a trial may be before the trial is halted."""

    failures: float = Field(
        default=0.02,
        ge=0,
        le=1,
        description="Share of calls that failed: at most so much more, at 95 % confidence, from 100 calls an arm on.",
    )
    disliked: float = Field(
        default=0.05,
        ge=0,
        le=1,
        description="Share of answers in the chat with a thumb down, or asked again of a model outside: at most so "
        "much more, at 95 % confidence, from 100 answers an arm on.",
    )
    cost: float = Field(
        default=1.5, gt=0, le=1000, description="Cost of an answer: at most so many times, from 200 calls an arm on."
    )
    latency: float = Field(
        default=1.5,
        gt=0,
        le=1000,
        description="What 95 % of the answers were not slower than: at most so many times, from 200 calls an arm on.",
    )


class Trial(Area):
    """Another way for `auto` to decide, tried on a share of the people beside the rest of them."""

    id: RuleId = Field(description="Its name. Who is in it depends on it; another one begins afresh.")
    share: float = Field(
        gt=0, le=1, description="Share of the people that are in it: 0.05 is a canary, 0.5 an A/B test."
    )
    set: Change = Field(description="What differs for them. A rule that sets something else still wins.")
    guards: Guards = Field(default=Guards(), description="What halts it.")


class RoutingSettings(Area):
    """Rules, what `auto` chooses from, and tests of both."""

    auto: AutoSettings | None = None
    trial: Trial | None = Field(default=None, description="Another way to decide, for a share of the people.")
    local_cost_per_hour: float | None = Field(
        default=None,
        ge=0,
        le=10_000,
        description="US dollars that an hour of your own hardware costs; taken off what is saved, for the time that "
        "models in the house are busy.",
    )
    rules: tuple[Rule, ...] = Field(default=(), max_length=1000)
    tests: tuple[RouteTest, ...] = Field(default=(), max_length=1000)


def routing_problems(routing: RoutingSettings, lines: Mapping[Path, str]) -> Iterator[Problem]:
    """Rules of one name, each with file:line."""
    seen: set[str] = set()
    for index, rule in enumerate(routing.rules):
        if rule.id in seen:
            origin = lines.get(("routing", "rules", index, "id"), rule.place or "settings")
            yield Problem(origin, f"routing.rules.{index}.id: {rule.id!r} is another rule's already")
        seen.add(rule.id)
