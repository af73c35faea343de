"""Errors as HTTP answers: application/problem+json (RFC 9457) with a stable code and the next step."""

import logging
from collections.abc import Sequence
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from freehold import errors
from freehold.db.failures import storage_error
from freehold.observability.request_id import current_request_id

_log = logging.getLogger(__name__)

UNEXPECTED = "Something went wrong on the server. What was saved before is safe."

_BY_STATUS: dict[int, tuple[type[errors.FreeholdError], str]] = {
    400: (errors.InvalidRequest, "The request cannot be understood."),
    403: (errors.Forbidden, "This is not allowed."),
    404: (errors.NotFound, "There is nothing at this address."),
    405: (errors.InvalidRequest, "This address does not take that method."),
    413: (errors.PayloadTooLarge, "The request is too large."),
}
"""What the framework itself raises, as our errors."""


class ProblemField(BaseModel):
    """A field that is not right; `path` is dotted, for example parts.0.text."""

    path: str
    message: str


class Problem(BaseModel):
    """Every refusal and failure (RFC 9457). `code` is stable; `params` fill the translated sentence."""

    type: str
    title: str
    status: int
    code: str
    message: str
    next_step: str
    retryable: bool
    params: dict[str, Any]
    request_id: str
    fields: list[ProblemField] | None = None


RESPONSES: dict[int | str, dict[str, Any]] = {"default": {"model": Problem, "description": "A refusal or failure."}}
"""What every route answers besides its own, for the API's description."""


def describe(description: dict[str, Any]) -> dict[str, Any]:
    """The API's description with the media type that problems really have."""
    for methods in description["paths"].values():
        for operation in methods.values():
            answer = operation["responses"].get("default")
            if answer is not None:
                (schema,) = answer["content"].values()
                answer["content"] = {"application/problem+json": schema}
    return description


def problem_body(body: errors.ErrorBody, status: int, **more: Any) -> bytes:
    """The JSON of a problem."""
    return orjson.dumps(
        {
            "type": "about:blank",
            "title": body.message,
            "status": status,
            **body.as_dict(),
            "request_id": current_request_id(),
            **more,
        },
        default=str,
    )


def problem(error: errors.FreeholdError, status: int | None = None, **more: Any) -> Response:
    """The answer for an error; `more` are members besides those of every problem."""
    status = status or error.status
    headers = {"Cache-Control": "no-store"}
    wait = error.params.get("retry_after_s")
    if isinstance(wait, int | float) and status in (429, 503):
        headers["Retry-After"] = str(max(1, round(wait)))
    return Response(problem_body(error.body(), status, **more), status, headers, "application/problem+json")


def install(app: FastAPI) -> None:
    """Render every error of `app` as a problem."""
    app.add_exception_handler(errors.FreeholdError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(DBAPIError, _storage)
    app.add_exception_handler(OSError, _storage)


def unexpected() -> Response:
    """The answer for a fault of ours: a code and the request id, nothing of what happened."""
    return problem(errors.FreeholdError(UNEXPECTED))


async def _known(_request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.FreeholdError)
    if error.status >= 500 and not isinstance(error, errors.ProviderError):
        _log.error(error.message, extra={"code": error.code}, exc_info=error.__cause__)
    return problem(error)


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fields = [
        {"path": _path(item["loc"]), "message": item["msg"].removeprefix("Value error, ")} for item in error.errors()
    ]
    first = f"{fields[0]['path']}: {fields[0]['message']}" if fields else "the request"
    refusal = errors.InvalidRequest(f"The request has a field that is not right. {first}")
    return problem(refusal, fields=fields)


def _path(location: Sequence[Any]) -> str:
    """`body.parts.0.text` without the part of the request, which says nothing to a form."""
    rest = location[1:] if location and location[0] in ("body", "query", "path", "header") else location
    return ".".join(str(part) for part in rest) or str(location[0] if location else "")


async def _framework(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, errors.FreeholdError):
        # FastAPI turns whatever is raised while it reads the body into a plain 400
        return problem(error.__cause__)
    kind, sentence = _BY_STATUS.get(error.status_code, (errors.InvalidRequest, str(error.detail)))
    response = problem(kind(sentence), error.status_code)
    response.headers.update(error.headers or {})
    return response


async def _storage(_request: Request, error: Exception) -> Response:
    found = storage_error(error)
    if found is None:
        raise error
    _log.error(found.message, extra={"code": found.code}, exc_info=error)
    return problem(found)
