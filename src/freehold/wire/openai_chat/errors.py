"""Errors in the shape of OpenAI's API (https://platform.openai.com/docs/guides/error-codes)."""

from typing import Any

from freehold.errors import ErrorBody

# Freehold's code -> status at OpenAI, where they differ. Its SDKs try again after 408, 409, 429 and all from 500 on.
_STATUS = {
    "provider_refused": 400,
    "context_too_long": 400,
    "model_not_installed": 404,
    "no_model_available": 404,
}
_CODES = {
    "context_too_long": "context_length_exceeded",
    "rate_limited": "rate_limit_exceeded",
    "provider_rate_limited": "rate_limit_exceeded",
    "budget_exceeded": "insufficient_quota",
    "provider_quota_exceeded": "insufficient_quota",
    "key_invalid": "invalid_api_key",
}
_TYPES = {
    401: "authentication_error",
    402: "insufficient_quota",
    403: "permission_error",
    429: "rate_limit_error",
}


def status_of(error: ErrorBody, status: int) -> int:
    """OpenAI says 400 where Freehold says 422."""
    return _STATUS.get(error.code, 400 if status == 422 else status)


def error_object(error: ErrorBody, status: int) -> dict[str, Any]:
    """The value of `error`; `code` is OpenAI's where it has one, else Freehold's."""
    status = status_of(error, status)
    field = error.params.get("field") or error.params.get("ability")
    return {
        "message": f"{error.message} {error.next_step}".strip(),
        "type": _TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error"),
        "param": field if isinstance(field, str) else None,
        "code": _CODES.get(error.code, error.code),
    }


def error_reply(error: ErrorBody, status: int) -> tuple[int, dict[str, Any]]:
    """Status and body of a failed call."""
    return status_of(error, status), {"error": error_object(error, status)}
