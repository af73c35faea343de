"""What the web app sends and gets about API keys."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from freehold.identity.keys.grant import Period, Scope
from freehold.kit.storable import Write
from freehold.settings.api_keys import DEFAULT_SCOPES
from freehold.settings.values import check_networks

KeyName = Annotated[str, Field(min_length=1, max_length=100)]
Scopes = Annotated[list[Scope], Field(min_length=1, max_length=20)]
Pattern = Annotated[str, Field(min_length=1, max_length=400)]
Patterns = Annotated[list[Pattern], Field(min_length=1, max_length=100)]


def _networks(values: list[str]) -> list[str]:
    return list(check_networks(tuple(values)))


Networks = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=50)]], Field(max_length=100), AfterValidator(_networks)
]
PerMinute = Annotated[int, Field(ge=1, le=2_000_000_000)]


class LimitsOfKey(BaseModel):
    """Null: no limit of the key's own."""

    requests_per_minute: int | None
    tokens_per_minute: int | None
    concurrency: int | None


class BudgetOfKey(BaseModel):
    """US dollars in each period, and how much of them is spent in the present one."""

    usd: float
    period: Period
    spent_usd: float
    resets_at: datetime | None  # null: a budget in total never begins anew


class KeyOwner(BaseModel):
    id: str
    name: str
    email: str | None


class SecretOfKey(BaseModel):
    """A secret that works now. There are two while a rotation overlaps; the older one has `expires_at`."""

    start: str  # what can be shown of it: fh_ and its public id; of a declared key nothing
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    last_used_address: str | None


class KeyInfo(BaseModel):
    """A key without its secret. `owner_off`: the account it acts for is not active. Origin `file`: it is locked."""

    id: str
    name: str
    state: Literal["active", "expired", "revoked", "owner_off"]
    mine: bool
    owner: KeyOwner | None  # null: freehold.yaml names an account that does not exist
    scopes: list[Scope]
    models: list[str]
    networks: list[str]
    limits: LimitsOfKey
    budget: BudgetOfKey | None
    expires_at: datetime | None  # null: never
    created_at: datetime | None  # null: declared in the file
    revoked_at: datetime | None
    last_used_at: datetime | None
    last_used_address: str | None
    secrets: list[SecretOfKey]
    origin: Literal["database", "file"]
    origin_detail: str | None  # for example freehold.yaml:12


class KeyPage(BaseModel):
    """Newest first; what the file declares stands on the first page. Ask on with `next_cursor`."""

    items: list[KeyInfo]
    next_cursor: str | None


class KeyShown(BaseModel):
    """A key with its secret: the only answer that ever holds it."""

    key: KeyInfo
    secret: str


class LimitsWish(Write):
    requests_per_minute: PerMinute | None = None
    tokens_per_minute: PerMinute | None = None
    concurrency: Annotated[int, Field(ge=1, le=100_000)] | None = None


class BudgetWish(Write):
    usd: Annotated[float, Field(ge=0, le=1_000_000_000)]
    period: Period = "month"


class KeyNew(Write):
    """Without `expires_at` the key expires after 90 days; null is never, which only administrators may choose."""

    name: KeyName
    scopes: Scopes = list(DEFAULT_SCOPES)  # noqa: RUF012 - pydantic copies it
    models: Patterns = ["*"]  # noqa: RUF012
    networks: Networks = []  # noqa: RUF012
    limits: LimitsWish = LimitsWish()
    budget: BudgetWish | None = None
    expires_at: AwareDatetime | None = None


class KeyPatch(Write):
    """Only named fields change, also within `limits`. Null takes `budget` and `expires_at` away."""

    name: KeyName | None = None
    scopes: Scopes | None = None
    models: Patterns | None = None
    networks: Networks | None = None
    limits: LimitsWish | None = None
    budget: BudgetWish | None = None
    expires_at: AwareDatetime | None = None


class KeyRotation(Write):
    """How long the secrets that exist go on working, in hours; 0 ends them at once."""

    overlap_hours: Annotated[float, Field(ge=0, le=720)] = 24
