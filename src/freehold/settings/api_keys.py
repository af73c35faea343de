"""API keys declared in freehold.yaml."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr

from freehold.settings.area import Area, NetworkList, StringList
from freehold.settings.values import as_list, as_moment

KeyScope = Literal["chat", "embeddings", "models", "audio", "images", "read", "export", "admin"]
BudgetPeriod = Literal["day", "week", "month", "total"]
DEFAULT_SCOPES: tuple[KeyScope, ...] = ("chat", "embeddings", "models")


class DeclaredKeyLimits(Area):
    """What one key may ask for at once and in a minute."""

    requests_per_minute: int | None = Field(default=None, ge=1, description="Requests in a minute.")
    tokens_per_minute: int | None = Field(default=None, ge=1, description="Tokens in a minute, in and out.")
    concurrency: int | None = Field(default=None, ge=1, description="Requests at the same time.")


class DeclaredKeyBudget(Area):
    """What one key may spend."""

    usd: Decimal = Field(ge=0, le=1_000_000_000, max_digits=16, decimal_places=6, description="US dollars.")
    period: BudgetPeriod = Field(
        default="month", description="`day`, `week`, `month` (each begins anew, in UTC) or `total`."
    )


class DeclaredKey(Area):
    """An API key declared in freehold.yaml; the web app shows it as locked, with its line."""

    name: str = Field(min_length=1, max_length=100, description="Shown in lists and reports; each name once.")
    key: SecretStr = Field(
        min_length=12,
        max_length=500,
        description="What clients send, at least 12 characters. Write it as `${NAME}` and keep it out of the file.",
    )
    user: str | None = Field(
        default=None,
        max_length=320,
        description="E-mail address of the account that the key acts for; it works while that account is active. "
        "Default: the server's own service account, a member without a sign-in.",
    )
    scopes: Annotated[tuple[KeyScope, ...], BeforeValidator(as_list)] = Field(
        default=DEFAULT_SCOPES,
        min_length=1,
        description="`chat`, `embeddings`, `models`, `audio`, `images`, `read`, `export`, `admin`; the last counts "
        "while `user` is an administrator.",
    )
    models: StringList = Field(
        default=("*",),
        min_length=1,
        description="Models and aliases it may ask: ids, `provider/model`, or patterns such as `ollama/*`.",
    )
    networks: NetworkList = Field(
        default=(), description="Addresses or networks (CIDR) that may use it. Empty: every address."
    )
    limits: DeclaredKeyLimits = Field(
        default=DeclaredKeyLimits(), description="`requests_per_minute`, `tokens_per_minute`, `concurrency`."
    )
    budget: DeclaredKeyBudget | None = Field(
        default=None, description="`{usd: 20, period: month}`; the period is `day`, `week`, `month` or `total`."
    )
    expires: Annotated[datetime | Literal["never"], BeforeValidator(as_moment)] = Field(
        default="never", description="A day, after whose end (UTC) it stops, or a time with its zone."
    )
    origin: Literal["file"] = "file"
    origin_detail: str | None = None
