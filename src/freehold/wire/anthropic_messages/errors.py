"""Errors in the shape of Anthropic's API (https://docs.anthropic.com/en/api/errors)."""

from typing import Any

from freehold.errors import ErrorBody

# Freehold's code -> status at Anthropic, where they differ.
_STATUS = {
    "provider_refused": 400,
    "context_too_long": 400,
    "provider_overloaded": 529,
    "model_not_installed": 404,
    "no_model_available": 404,
}
_TYPES = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def status_of(error: ErrorBody, status: int) -> int:
    """Anthropic says 400 where Freehold says 422."""
    return _STATUS.get(error.code, 400 if status == 422 else status)


def error_reply(error: ErrorBody, status: int, request_id: str | None = None) -> tuple[int, dict[str, Any]]:
    """Status and body of a failed call. `code` beside Anthropic's `type` is Freehold's own."""
    status = status_of(error, status)
    kind = _TYPES.get(status, "api_error" if status >= 500 else "invalid_request_error")
    said = f"{error.message} {error.next_step}".strip()
    return status, {
        "type": "error",
        "error": {"type": kind, "message": said, "code": error.code},
        "request_id": request_id,
    }
