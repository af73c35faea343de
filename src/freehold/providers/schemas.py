"""What the web app sends and gets about providers, vendors, models and model downloads."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StrictBool, model_validator

from freehold.kit.storable import Write
from freehold.providers.base import Ability, Origin, PriceSource
from freehold.providers.drawing import Quality, Shape

Slug = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9._-]*$")]


def _address(url: str) -> str:
    """Raises ValueError for what no request can be sent to, however hard it is tried."""
    if any(character.isspace() or not character.isprintable() for character in url):
        raise ValueError("an address holds no blanks and no control characters")
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("this is not an address; one looks like https://api.example.com/v1")
    return url


Url = Annotated[str, Field(min_length=8, max_length=2000, pattern=r"^https?://"), AfterValidator(_address)]


class Vendor(BaseModel):
    """A kind of provider that can be added; data of the catalogue."""

    id: str
    name: str
    name_zh: str | None
    dialect: str
    base_url: str | None
    api_key_url: str | None
    docs_url: str | None
    self_hosted: bool
    needs_key: bool
    key_prefixes: list[str]  # how a pasted key is recognised
    manages_models: bool


class PriceInfo(BaseModel):
    """US dollars per million tokens; null means unknown. `audio_minute` is of a minute of sound."""

    model_config = ConfigDict(from_attributes=True)

    input: float | None
    output: float | None
    cached_input: float | None
    cache_write: float | None
    audio_input: float | None
    audio_output: float | None
    image_output: float | None
    audio_minute: float | None


HIGHEST_PRICE = 100_000
"""Ten cents a token; the dearest models cost a hundredth of that."""

Price = Annotated[float, Field(ge=0, le=HIGHEST_PRICE, strict=True)]


class EnteredPrices(Write):
    """What a model costs, whole: US dollars per million tokens, `audio_minute` of a minute of sound.

    Those after `output` are of parts that cost something else; left out, they cost what `input` or `output` does.
    """

    input: Price | None = None
    output: Price | None = None
    cached_input: Price | None = None
    cache_write: Price | None = None
    audio_input: Price | None = None
    audio_output: Price | None = None
    image_output: Price | None = None
    audio_minute: Price | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """Half a price would still be refused under a budget."""
        if (self.input is None) != (self.output is None):
            raise ValueError("give both input and output; 0 for what is not charged")
        if self.input is None and self.audio_minute is None:
            raise ValueError("give input and output, or audio_minute for a model that counts no tokens")
        return self


class DrawingInfo(BaseModel):
    """What an image model takes beside a prompt; `most`: pictures of one answer, `edits`: it changes pictures."""

    shapes: list[Shape]
    qualities: list[Quality]
    most: int
    edits: bool


class ModelInfo(BaseModel):
    """A model as the picker and the provider page show it. `ref` is provider_id/model_id, or the name of an alias."""

    ref: str
    id: str
    name: str
    provider_id: str
    provider_name: str
    self_hosted: bool
    kind: str
    enabled: bool
    installed: bool
    demonstration: bool
    context_tokens: int | None
    max_output_tokens: int | None
    abilities: list[Ability]
    prices: PriceInfo | None  # null: free, because self-hosted
    price_source: PriceSource | None = None  # null: self-hosted, or an alias of several models
    knowledge_cutoff: date | None
    size_bytes: int | None
    license: str | None = None
    description: str | None
    languages: list[str] = []  # it was made for; empty: not known
    drawing: DrawingInfo | None = None  # of an image model
    manual: bool = False  # added by its id, so it can be taken from the list again
    fixed_sampling: bool = False  # it takes neither temperature nor top_p
    targets: list[str] = []  # of an alias: every provider_id/model_id that may answer


class ModelList(BaseModel):
    """Every model the subject may use. `default` is the server's choice for them."""

    items: list[ModelInfo]
    default: str | None


class ProviderStatus(BaseModel):
    """unknown: never tried. needs: what is missing, for example a key or a download."""

    state: Literal["unknown", "ok", "failing", "needs"]
    latency_ms: float | None = None
    error: dict[str, Any] | None = None  # errors.ErrorBody
    checked_at: datetime | None = None


class ProviderInfo(BaseModel):
    """A configured provider. Those with an origin other than `database` are locked; keys are never sent back."""

    id: str
    kind: str
    name: str
    base_url: str | None
    self_hosted: bool
    enabled: bool
    origin: Origin
    origin_detail: str | None  # for example freehold.yaml:12 or OPENAI_API_KEY
    has_key: bool
    manages_models: bool
    options: dict[str, Any]
    status: ProviderStatus
    model_count: int


class ProviderDetail(BaseModel):
    provider: ProviderInfo
    models: list[ModelInfo]


class ProviderTry(Write):
    """Credentials to try before they are saved. `provider_id`: use the stored key when `api_key` is left out."""

    kind: Slug
    base_url: Url | None = None
    api_key: SecretStr | None = None
    provider_id: str | None = None
    options: dict[str, Any] = {}  # noqa: RUF012 - pydantic copies it


class CheckResult(BaseModel):
    """ok, or the error with its next step. `models` are those the provider offers."""

    ok: bool
    latency_ms: float | None = None
    models: list[ModelInfo] = []
    error: dict[str, Any] | None = None


class ProviderNew(ProviderTry):
    """`enabled_models`: the chosen ids; null enables a sensible set."""

    id: Slug | None = None
    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    self_hosted: StrictBool | None = None
    enabled_models: list[str] | None = None


class ProviderPatch(Write):
    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    base_url: Url | None = None
    api_key: SecretStr | None = None
    self_hosted: StrictBool | None = None
    enabled: StrictBool | None = None
    options: dict[str, Any] | None = None


class ModelPatch(Write):
    """`prices` of null takes what was entered back. `overrides` are all other corrections at once."""

    enabled: StrictBool | None = None
    prices: EnteredPrices | None = None
    overrides: dict[str, Any] | None = None


class ModelAdd(Write):
    """A model the provider does not list."""

    id: Annotated[str, Field(min_length=1, max_length=400)]


class PullNew(Write):
    model: Annotated[str, Field(min_length=1, max_length=400)]


class Pull(BaseModel):
    """A model download. Bytes; speed in bytes per second."""

    id: str
    provider_id: str
    model: str
    state: Literal["running", "done", "failed", "cancelled"]
    status: str
    completed: int
    total: int | None
    speed: float | None
    error: dict[str, Any] | None = None


class EmbeddedStatus(BaseModel):
    """The built-in model as the first-run page shows it."""

    state: Literal["ready", "not_downloaded", "downloading", "unsupported", "not_installed"]
    reason: str | None
    model: ModelInfo | None
    models: list[ModelInfo] = []  # all that are here or can be fetched


class Welcome(BaseModel):
    """What the first-run page offers: the built-in model, an Ollama found on this machine, or a provider by key."""

    embedded: EmbeddedStatus
    ollama: dict[str, Any]  # {"found": bool, "base_url": str|null, "models": [{"id","size_bytes"}], "connected": bool}
    has_provider: bool
