"""The one error tree: every failure a person or a client can meet has a class, a stable code and a next step."""

from dataclasses import dataclass, field
from typing import Any, ClassVar


class FreeholdError(Exception):
    """Base of all errors meant to be shown.

    `code` is stable and machine readable, `status` the HTTP status, `message` a human sentence that says what happened
    and what it did not harm, `next_step` what can be done. `params` carries the values that the web app's translated
    sentence needs (never secrets). `retryable` says whether the same request may succeed later.
    """

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False
    default_next_step: ClassVar[str] = "Try again; if it happens again, look at the server log with the request id."

    def __init__(self, message: str, *, next_step: str | None = None, **params: Any) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step or self.default_next_step
        self.params = params

    def body(self) -> "ErrorBody":
        """The serialisable form, as stored with a failed message and sent to clients."""
        return ErrorBody(self.code, self.message, self.next_step, self.retryable, dict(self.params))


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """What a client sees of an error."""

    code: str
    message: str
    next_step: str
    retryable: bool = False
    params: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "message": self.message,
            "next_step": self.next_step,
            "retryable": self.retryable,
            "params": self.params,
        }


# --- what the client sent -------------------------------------------------------------------------------------------


class InvalidRequest(FreeholdError):
    code, status = "invalid_request", 422
    default_next_step = "Correct the named field and send again."


class RulesRefused(InvalidRequest):
    """`params`: `problems`, what is wrong with the rules, one sentence each; the same in parts: `findings`, `tests`."""

    code = "rules_refused"
    default_next_step = "Correct what is named, or the test that fails, and save again."


class TestSetRefused(InvalidRequest):
    """`params`: `why`: empty, too_many, too_long, no_csv, no_rule, no_expected, no_pattern; with `line` where one is
    meant, `rule`, `allowed` rules, `most` and `count`, and `detail` in English.
    """

    __test__ = False  # it is no class of tests
    code = "test_set_refused"


class CannotCarry(InvalidRequest):
    """The model made something that the API of this call has no form for, for example a picture."""

    code = "cannot_carry"
    default_next_step = "Call the same model through /v1/chat/completions."


class NotFound(FreeholdError):
    """Also the answer for another user's object: the same body as an id that does not exist."""

    code, status = "not_found", 404
    default_next_step = "It may have been deleted. Go back to the list."

    def __init__(self, message: str = "There is nothing here with that id.", **params: Any) -> None:
        super().__init__(message, **params)


class Conflict(FreeholdError):
    code, status = "conflict", 409
    default_next_step = "Load the current state and try again."


class CannotFold(FreeholdError):
    """A chat could not be folded into a summary. `params`: `why`: too_short, no_model, failed."""

    code, status = "cannot_fold", 409
    default_next_step = "Go on writing; the chat is sent as it is."


class PayloadTooLarge(FreeholdError):
    code, status = "payload_too_large", 413
    default_next_step = "Send less, or split it."


class UnsupportedMedia(FreeholdError):
    code, status = "unsupported_media", 415
    default_next_step = "Send a PNG, JPEG, WebP or GIF image, or a text file."


# --- who sent it ----------------------------------------------------------------------------------------------------


class NotSignedIn(FreeholdError):
    code, status = "not_signed_in", 401
    default_next_step = "Sign in."

    def __init__(self, message: str = "This needs you to be signed in.", **params: Any) -> None:
        super().__init__(message, **params)


class WrongCredentials(FreeholdError):
    code, status = "wrong_credentials", 401
    default_next_step = "Check the e-mail and the password, and try again."


class Forbidden(FreeholdError):
    code, status = "forbidden", 403
    default_next_step = "Ask an administrator of this server."


class CrossSiteRequest(Forbidden):
    code = "cross_site_request"
    default_next_step = "Use the web app on its own address, or check FREEHOLD_PUBLIC_URL and the proxy's headers."


class KeyMissing(FreeholdError):
    """A request to the gateway without an API key."""

    code, status = "key_missing", 401
    default_next_step = "Send an API key as `Authorization: Bearer fh_...` or `x-api-key`; make one under API keys."

    def __init__(self, message: str = "This request has no API key.", **params: Any) -> None:
        super().__init__(message, **params)


class KeyInvalid(FreeholdError):
    """No key with that secret; a wrong secret of a key that exists is told no differently."""

    code, status = "key_invalid", 401
    default_next_step = "Check that the whole key was copied, or make a new one under API keys."

    def __init__(self, message: str = "This API key is not known here.", **params: Any) -> None:
        super().__init__(message, **params)


class KeyExpired(FreeholdError):
    """Told only to whoever has the right secret, like KeyRevoked."""

    code, status = "key_expired", 401
    default_next_step = "Give it a later expiry under API keys, or use the key that replaced it."


class KeyRevoked(FreeholdError):
    code, status = "key_revoked", 401
    default_next_step = "Make a new key, or ask an administrator of this server."


class TwoCredentials(InvalidRequest):
    """Two headers with different keys: which one counts is not guessed."""

    code, status = "two_credentials", 400
    default_next_step = "Send one API key: in `Authorization` or in `x-api-key`."

    def __init__(self, message: str = "Two different API keys were sent.", **params: Any) -> None:
        super().__init__(message, **params)


class ScopeMissing(Forbidden):
    """`params["scope"]` is the one that is needed."""

    code = "scope_missing"
    default_next_step = "Use a key that has this scope, or add it to this one under API keys."


class ModelNotAllowed(Forbidden):
    """`params["model"]` is the one that was asked for."""

    code = "model_not_allowed"
    default_next_step = "Ask a model that this key may use, or add it to the key under API keys."


class RuleForbids(Forbidden):
    """A routing rule leaves no model for a request; `params["rule"]` is its id."""

    code = "rule_forbids"
    default_next_step = "Ask for another model, or ask an administrator about the rule."


class KeptInHouse(Forbidden):
    """A conversation that is kept in the house was to be answered outside."""

    code = "kept_in_house"
    default_next_step = "Pick a model in the house, or let the chat out with the lock at its top."


class DataStaysInHouse(Forbidden):
    """`params["classes"]`: what was found in the request, by the names of freehold.yaml."""

    code = "data_stays_in_house"
    default_next_step = "Pick a model in the house, or take it out."


class DataBlocked(Forbidden):
    """As DataStaysInHouse, for classes that are refused whatever else there is."""

    code = "data_blocked"
    default_next_step = "Take it out, or pick a model in the house."


class DataNeedsConsent(FreeholdError):
    """As DataStaysInHouse, for classes that a person may let out; asked again with their names as consent, it goes."""

    code, status = "data_needs_consent", 409
    default_next_step = (
        "Pick a model in the house, or send it again with the names of the classes as `consent` (in /v1 as the header "
        "`x-freehold-consent`)."
    )


class AddressNotAllowed(Forbidden):
    """`params["address"]` is the one the request came from."""

    code = "address_not_allowed"
    default_next_step = "Send from one of the key's networks, or add this address to them under API keys."


class TooManyAttempts(FreeholdError):
    code, status, retryable = "too_many_attempts", 429, True
    default_next_step = "Wait the named number of seconds and try again."


# --- how much somebody may use --------------------------------------------------------------------------------------


class RateLimited(FreeholdError):
    """Too much at once, by a limit of this server's. `params`: see `freehold.usage.limits`; `retry_after_s` always."""

    code, status, retryable = "rate_limited", 429, True
    default_next_step = "Wait the named number of seconds and send again."

    @property
    def retry_after_s(self) -> float:
        """Seconds after which the same request would pass, if nothing else is sent meanwhile."""
        return self.params["retry_after_s"]


class BudgetExceeded(FreeholdError):
    """A budget of this server's has no room for the call. `params["retry_after_s"]` is None where it never ends."""

    code, status = "budget_exceeded", 402
    default_next_step = "Ask an administrator to raise it, or use a model that runs in-house."

    @property
    def retry_after_s(self) -> float | None:
        """Seconds until the budget begins anew, or None."""
        return self.params.get("retry_after_s")


class PriceUnknown(BudgetExceeded):
    """A model whose price nobody knows cannot be counted against a budget, so it is not called under one."""

    code = "price_unknown"
    default_next_step = (
        "An administrator can enter it in the settings, under Providers, in the provider's list of models; or in "
        "freehold.yaml. Else use a model that runs in-house."
    )


# --- the server itself ----------------------------------------------------------------------------------------------


class ConfigurationError(FreeholdError):
    """Settings or freehold.yaml are wrong; raised before the server listens. The message starts with file:line."""

    code, status = "configuration_error", 500
    default_next_step = "Correct the named setting and start again."


class StorageError(FreeholdError):
    code, status, retryable = "storage_error", 503, True


class DiskFull(StorageError):
    code, status = "disk_full", 507
    default_next_step = "Free space on the disk that holds the data directory; nothing that was saved is lost."


class DatabaseLocked(StorageError):
    code = "database_locked"
    default_next_step = "Another program holds the database. Stop it, then try again."


class DatabaseUnreachable(StorageError):
    code = "database_unreachable"
    default_next_step = "Check DATABASE_URL and that the database server runs."


class CacheUnreachable(StorageError):
    code = "cache_unreachable"
    default_next_step = "Check REDIS_URL and that the Redis server runs."

    def __init__(self, message: str = "Redis does not answer.", **params: Any) -> None:
        super().__init__(message, **params)


class SchemaTooNew(StorageError):
    code, retryable = "schema_too_new", False
    default_next_step = (
        "Start the newer Freehold that wrote this database, or restore a backup made before the upgrade."
    )


# --- models and providers -------------------------------------------------------------------------------------------


class ProviderError(FreeholdError):
    """Something between us and a model. `params` always has `provider` (display name) and `provider_id`."""

    code, status = "provider_error", 502


class ProviderKeyRejected(ProviderError):
    code = "provider_key_rejected"
    default_next_step = "Enter a new key in the provider's settings, or answer with another model."


class ProviderKeyMissing(ProviderError):
    code = "provider_key_missing"
    default_next_step = "Enter a key in the provider's settings."


class ProviderUnreachable(ProviderError):
    code, retryable = "provider_unreachable", True
    default_next_step = "Check the address and that the server runs, then retry."


class ProviderTimeout(ProviderError):
    code, status, retryable = "provider_timeout", 504, True
    default_next_step = "Retry, or answer with another model."


class ProviderRateLimited(ProviderError):
    """`params["retry_after_s"]` when the provider said so."""

    code, status, retryable = "provider_rate_limited", 429, True
    default_next_step = "Wait a little, or answer with another model."


class ProviderQuotaExceeded(ProviderError):
    code, status = "provider_quota_exceeded", 402
    default_next_step = "Top up the account at the provider, or answer with another model."


class ProviderOverloaded(ProviderError):
    code, status, retryable = "provider_overloaded", 503, True
    default_next_step = "Retry in a moment, or answer with another model."


class QueueFull(ProviderError):
    """Every place of a self-hosted server is taken and its queue is as long as it may be."""

    code, status, retryable = "queue_full", 503, True
    default_next_step = "Wait a little, or answer with another model."


class ProviderRefused(ProviderError):
    """The provider turned the request down as malformed (400); its own sentence is in the message."""

    code = "provider_refused"
    default_next_step = "Read the provider's sentence; another model may accept the request."


class ProviderProtocolError(ProviderError):
    """The reply was not what the protocol says (bad JSON, cut stream, HTML page)."""

    code, retryable = "provider_protocol_error", True
    default_next_step = "Retry; if it stays, check that the address is an API and not a web page."


class ModelNotFound(ProviderError):
    code, status = "model_not_found", 404
    default_next_step = "Pick another model, or list the provider's models again."


class ModelNotInstalled(ProviderError):
    code, status = "model_not_installed", 409
    default_next_step = "Download the model first; the provider's page does it with one click."


class ModelCannot(ProviderError):
    """The chosen model lacks an ability that the request needs, for example seeing images."""

    code, status = "model_cannot", 422
    default_next_step = "Pick a model with that ability."


class ContextTooLong(ProviderError):
    code, status = "context_too_long", 413
    default_next_step = "Start a new chat, shorten the message, or pick a model with a larger context."


class NoModelAvailable(FreeholdError):
    code, status = "no_model_available", 409
    default_next_step = "Connect a provider or download the built-in model."


class TooFewModels(NoModelAvailable):
    """For an arena, which draws two."""

    code = "too_few_models"
    default_next_step = "Connect a provider, add a model in the house, or choose others to draw from."
