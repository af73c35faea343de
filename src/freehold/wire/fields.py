"""Reads the fields of a client's JSON body and says exactly which one is wrong.

A field that is null counts as one that is not there, as the SDKs send it. Every function raises InvalidRequest.
"""

import math
from collections.abc import Mapping
from typing import Any

from freehold.errors import InvalidRequest

CONTROL = frozenset((
    "api_base", "api_key", "api_type", "api_version", "base_url", "custom_llm_provider", "default_headers",
    "default_query", "extra_body", "extra_headers", "extra_query", "headers", "organization", "proxy", "proxies",
    "azure_ad_token", "aws_access_key_id", "aws_secret_access_key", "aws_session_token", "vertex_credentials",
))  # fmt: skip
"""Fields by which other gateways let a client say where a call goes and with which key; here the server decides."""


def invalid(field: str, problem: str, *, next_step: str | None = None) -> InvalidRequest:
    """The error for one field; `problem` completes "<field> ..."."""
    return InvalidRequest(f"{field} {problem}.", next_step=next_step, field=field)


def refuse_control(body: Mapping[str, Any]) -> None:
    """No client decides where a request goes and with whose key."""
    if not CONTROL.isdisjoint(body):
        raise invalid(
            min(CONTROL & body.keys()),
            "is decided by this server and not by a request",
            next_step="Leave the field out; an administrator sets addresses, keys and headers of providers.",
        )


def object_of(value: Any, field: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise invalid(field, "must be an object")
    return value


def list_of(value: Any, field: str) -> list[Any]:
    if not isinstance(value, list):
        raise invalid(field, "must be a list")
    return value


def text_of(value: Any, field: str) -> str:
    if not isinstance(value, str):
        raise invalid(field, "must be a string")
    return value


def optional_text(body: Mapping[str, Any], name: str, within: str = "") -> str | None:
    value = body.get(name)
    return None if value is None else text_of(value, within + name)


def boolean(body: Mapping[str, Any], name: str, within: str = "") -> bool | None:
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise invalid(within + name, "must be true or false")
    return value


def number(body: Mapping[str, Any], name: str, low: float = -math.inf, within: str = "") -> float | None:
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise invalid(within + name, "must be a number")
    if value < low:
        raise invalid(within + name, f"must be at least {low:g}")
    return value


def integer(body: Mapping[str, Any], name: str, low: int | None = None, within: str = "") -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        if not isinstance(value, float) or not value.is_integer():
            raise invalid(within + name, "must be a whole number")
        value = int(value)
    if low is not None and value < low:
        raise invalid(within + name, f"must be at least {low}")
    return value


def model_of(body: Mapping[str, Any]) -> str:
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise invalid("model", "must name a model", next_step="List the models that you may use with GET /v1/models.")
    return model


def strings(value: Any, field: str) -> tuple[str, ...]:
    """A list of strings, or one alone."""
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    return tuple(text_of(item, f"{field}[{place}]") for place, item in enumerate(list_of(value, field)))
