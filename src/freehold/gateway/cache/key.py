"""What makes two requests the same: a keyed hash of everything that decides the answer; pure."""

import hashlib
import hmac
import unicodedata
from typing import Any

import orjson

# They change how an answer travels or whose books it is in, not what it says.
_IRRELEVANT = frozenset({"stream_options", "user", "metadata", "store", "safety_identifier", "prompt_cache_key"})


def answer_key(secret: bytes, tenant: str, dialect: str, body: dict[str, Any]) -> bytes:
    """32 bytes that are equal for equal requests of one tenant. `secret` keeps anybody from guessing what was asked.

    They begin with the tenant's own 8, so that all answers of one can be found.
    """
    relevant = {name: value for name, value in body.items() if name not in _IRRELEVANT}
    told = orjson.dumps([tenant, dialect, relevant], option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return tenant_tag(secret, tenant) + hmac.digest(secret, told, hashlib.sha256)[:24]


def tenant_tag(secret: bytes, tenant: str) -> bytes:
    """The 8 bytes with which every key of the tenant begins."""
    return hmac.digest(secret, b"tenant " + tenant.encode(), hashlib.sha256)[:8]


def normalised(body: dict[str, Any]) -> dict[str, Any]:
    """`body` with the last message's text folded: compatibility forms, case, width, spaces and end punctuation."""
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages or not isinstance(messages[-1], dict):
        return body
    content = messages[-1].get("content")
    if isinstance(content, str):
        folded: Any = fold_text(content)
    elif isinstance(content, list):
        folded = [_fold_part(part) for part in content]
    else:
        return body
    return {**body, "messages": [*messages[:-1], {**messages[-1], "content": folded}]}


def fold_text(text: str) -> str:
    """Two ways of writing the same question become one; numbers and words stay."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(plain.split()).strip(" .!?。！？…")


def _fold_part(part: Any) -> Any:
    if isinstance(part, dict) and isinstance(part.get("text"), str):
        return {**part, "text": fold_text(part["text"])}
    return part


def may_be_cached(body: dict[str, Any]) -> bool:
    """Never with tools, whose calls have effects, nor for several answers at once."""
    return not body.get("tools") and not body.get("functions") and body.get("n") in (None, 1)
