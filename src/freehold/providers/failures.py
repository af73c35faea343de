"""From a provider's error reply to the class of `freehold.errors` that says what happened and what to do."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from freehold import errors
from freehold.providers.upstream import Endpoint

_QUOTE_LIMIT = 300


class BrokenStream(ValueError):
    """A stream that is not as its dialect says; raised by the decoders, mapped to ProviderProtocolError."""


class VendorError(Exception):
    """An error object in the middle of a stream, with the status that says the same; mapped by `from_reply`."""

    def __init__(self, status: int, data: Any) -> None:
        super().__init__(str(data)[:200])
        self.status = status
        self.data = data


# What vendors write, whatever status they send it with. Codes are compared whole, sentences searched.
_CONTEXT_CODES = {
    "context_length_exceeded",
    "context_window_exceeded",
    "model_context_window_exceeded",
    "string_too_long",
}
_CONTEXT = re.compile(
    r"context[ _]?(length|window|size)|maximum (input|prompt) (length|tokens)|prompt is too long|input is too long"
    r"|input token count|range of input length|too many (input )?tokens|reduce the length|max_prompt_tokens"
    r"|exceeds? the (available|maximum|model's) .{0,40}(context|tokens)",
    re.IGNORECASE,
)
_QUOTA_CODES = {
    "insufficient_quota",
    "insufficient_user_quota",
    "exceeded_current_quota_error",
    "billing_hard_limit_reached",
    "billing_error",
    "arrearage",
    "1113",
    "accountoverdueerror",
}
_QUOTA = re.compile(
    r"insufficient (balance|quota|credits?|funds)|exceeded your current quota|credit balance is too low|out of credits"
    r"|account .{0,30}(overdue|arrears)|requires more credits|余额不足|欠费",
    re.IGNORECASE,
)
_KEY_CODES = {
    "invalid_api_key",
    "invalidapikey",
    "authentication_error",
    "api_key_invalid",
    "invalid_authentication_error",
}
_KEY = re.compile(r"api[ _-]?key (is )?(not valid|invalid|expired)|(invalid|incorrect) api[ _-]?key", re.IGNORECASE)
_MODEL_CODES = {"model_not_found", "modelnotfound", "deploymentnotfound", "model_not_supported", "unknown_model"}
_MODEL = re.compile(
    r"(model|deployment)\b.{0,120}(not found|does not exist|not exist|not supported|unknown|no access|is not available)"
    r"|(no such|unknown|invalid|not a valid) model|模型不存在",
    re.IGNORECASE | re.DOTALL,
)
_CANNOT = re.compile(
    r"(does not|doesn't|do not|not) support.{0,40}(tools?\b|function|image|vision|multimodal|thinking|reasoning)"
    r"|(image|tool|vision|multimodal)\w* .{0,40}(not supported|unsupported)|not a multimodal model",
    re.IGNORECASE,
)
_REGION = re.compile(
    r"unsupported_country|country, region|not available in your (country|region)|location is not", re.I
)
_OVERLOADED_CODES = {"overloaded_error", "engine_overloaded_error", "unavailable", "insufficient_system_resource"}


def from_reply(
    endpoint: Endpoint,
    status: int,
    headers: Mapping[str, str],
    data: Any,
    *,
    text: str = "",
    api_key: str | None = None,
    model: str | None = None,
) -> errors.ProviderError:
    """The error of a reply with status >= 400, or of an error object in the middle of a stream (give its status).

    `data` is the parsed JSON or None; `api_key` is blotted out of what the vendor says, should it repeat the key.
    """
    sentence, codes = read_error(data)
    sentence = _clean(sentence or ("" if "<" in text[:200] else text), api_key)
    name = endpoint.provider
    params: dict[str, Any] = endpoint.params(status=status, said=sentence)
    if model is not None:
        params["model"] = model
    wait = retry_after(headers, data)
    kind = _by_words(status, sentence, codes, has_model=model is not None, wait=wait) or _by_status(
        status, model_is_meant=model is not None and data is not None
    )
    if kind is errors.ProviderKeyRejected and not api_key:
        kind = errors.ProviderKeyMissing
    said = f" It says: {sentence}" if sentence else ""
    if kind is errors.ProviderRateLimited:
        params["retry_after_s"] = wait
        pause = f" It asks to wait {wait:g} seconds." if wait is not None else ""
        return kind(f"{name} limits how often it may be asked, and that limit is reached.{pause}{said}", **params)
    sentences: dict[type[errors.ProviderError], str] = {
        errors.ProviderKeyRejected: f"{name} does not accept the API key.",
        errors.ProviderKeyMissing: f"{name} asks for an API key and none is set.",
        errors.ProviderQuotaExceeded: f"The account at {name} has no credit left for this request.",
        errors.ModelNotFound: f"{name} has no model {model!r} for this account.",
        errors.ModelCannot: f"The model {model!r} at {name} cannot do what the request asks for.",
        errors.ContextTooLong: f"The conversation is longer than the model at {name} can read.",
        errors.ProviderTimeout: f"{name} gave up waiting for its own model.",
        errors.ProviderOverloaded: f"{name} has trouble of its own right now (status {status}).",
        errors.ProviderRefused: f"{name} turned the request down (status {status}).",
        errors.ProviderProtocolError: f"There is no such API at {endpoint.where} (status {status}).",
    }
    if kind is errors.ProviderProtocolError:
        return kind(sentences[kind] + said, next_step="Check the address; for most servers it ends in /v1.", **params)
    return kind(sentences[kind] + said, **params)


def _by_words(
    status: int, sentence: str, codes: frozenset[str], *, has_model: bool, wait: float | None
) -> type[errors.ProviderError] | None:
    """What the vendor's own words say; they are more exact than the status, which vendors use differently."""
    if status != 429 and (codes & _CONTEXT_CODES or _CONTEXT.search(sentence)):
        return errors.ContextTooLong
    if codes & _QUOTA_CODES or (wait is None and _QUOTA.search(sentence)):  # Gemini calls its rate limit a quota
        return errors.ProviderQuotaExceeded
    if status == 403 and _REGION.search(" ".join([sentence, *codes])):
        return errors.ProviderRefused
    if has_model and status in (400, 403, 404, 422) and (codes & _MODEL_CODES or _MODEL.search(sentence)):
        return errors.ModelNotFound
    if codes & _KEY_CODES or (status == 400 and _KEY.search(sentence)):
        return errors.ProviderKeyRejected
    if codes & _OVERLOADED_CODES:
        return errors.ProviderOverloaded
    if status < 429 and _CANNOT.search(sentence):
        return errors.ModelCannot
    return None


_BY_STATUS: dict[int, type[errors.ProviderError]] = {
    401: errors.ProviderKeyRejected,
    402: errors.ProviderQuotaExceeded,
    403: errors.ProviderKeyRejected,
    405: errors.ProviderProtocolError,
    408: errors.ProviderTimeout,
    413: errors.ContextTooLong,
    429: errors.ProviderRateLimited,
    504: errors.ProviderTimeout,
}


def _by_status(status: int, *, model_is_meant: bool) -> type[errors.ProviderError]:
    if status == 404:
        return errors.ModelNotFound if model_is_meant else errors.ProviderProtocolError
    return _BY_STATUS.get(status) or (errors.ProviderOverloaded if status >= 500 else errors.ProviderRefused)


def read_error(data: Any) -> tuple[str, frozenset[str]]:
    """The vendor's sentence and its codes in lower case, from any of the shapes in use.

    OpenAI `{"error": {"message", "type", "code"}}`, Anthropic `{"type": "error", "error": {"type", "message"}}`, Gemini
    the same with `status` and `details[].reason` and sometimes in a list, Ollama `{"error": "..."}`, FastAPI servers
    `{"detail": ...}`, vLLM `{"object": "error", "message", "code"}`, MiniMax `{"base_resp": {"status_msg", ...}}`.
    """
    if isinstance(data, list):
        data = data[0] if data else None
    if not isinstance(data, dict):
        return "", frozenset()
    error = data.get("error", data.get("errors", data.get("base_resp", data)))
    if isinstance(error, list):
        error = error[0] if error else {}
    if isinstance(error, str):
        return error, _codes(data)
    if not isinstance(error, dict):
        return "", frozenset()
    sentence = ""
    for field in ("message", "msg", "status_msg", "detail", "error_msg", "error_description"):
        value = error.get(field)
        if value:
            sentence = value if isinstance(value, str) else str(value)
            break
    return sentence, _codes(error)


def _codes(error: Mapping[str, Any]) -> frozenset[str]:
    found = [error.get(field) for field in ("code", "type", "status", "error_code", "status_code")]
    details = error.get("details")
    if isinstance(details, list):
        found += [detail.get("reason") for detail in details if isinstance(detail, dict)]
    metadata = error.get("metadata")
    if isinstance(metadata, dict):
        found.append(metadata.get("error_type"))
    return frozenset(str(code).lower() for code in found if code is not None)


def retry_after(headers: Mapping[str, str], data: Any = None) -> float | None:
    """Seconds to wait: `retry-after-ms`, `Retry-After` (RFC 9110, section 10.2.3), or Google's RetryInfo."""
    try:
        if milliseconds := headers.get("retry-after-ms"):
            return max(0.0, float(milliseconds) / 1000)
        if value := headers.get("Retry-After"):
            if re.fullmatch(r"\s*\d+(\.\d+)?\s*", value):
                return float(value)
            return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
    if isinstance(data, list):
        data = data[0] if data else None
    error = data.get("error") if isinstance(data, dict) else None
    details = error.get("details") if isinstance(error, dict) else None
    for detail in details if isinstance(details, list) else ():
        delay = detail.get("retryDelay") if isinstance(detail, dict) else None
        if isinstance(delay, str) and re.fullmatch(r"\d+(\.\d+)?s", delay):
            return float(delay[:-1])
    return None


def _clean(sentence: str, api_key: str | None) -> str:
    """One line, short, without the key."""
    if api_key:
        sentence = sentence.replace(api_key, "…")
    sentence = " ".join(sentence.split())
    return sentence if len(sentence) <= _QUOTE_LIMIT else sentence[: _QUOTE_LIMIT - 1] + "…"
