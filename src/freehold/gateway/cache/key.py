"""What makes two requests the same: a keyed hash of everything that decides the answer; pure."""

import functools
import hashlib
import hmac
import re
import unicodedata
from typing import Any

import orjson

# They change how an answer travels or whose books it is in, not what it says.
_IRRELEVANT = frozenset({"stream_options", "user", "metadata", "store", "safety_identifier", "prompt_cache_key"})

LONGEST_FOLDED = 2_000
"""Characters; nobody writes a longer text twice in two ways, and folding it would take longer than a hit may."""

# Both begin with the characters to look for: a pattern that looks behind first is tried in full at every place.
_CODE = re.compile(r"[`{}\\<>=|~^\n](?:(?<!\n)|[ \t])")  # where case and blanks mean something
_QUOTES = {ord(mark): None for mark in '"“”„«»「」『』'} | {ord("’"): "'", ord("‘"): "'"}
_PAUSE = re.compile(r"[,;:、](?<=[^\W\d_].)[,;:、]*(?=\s|[^\W\d_]|$)")  # behind a letter
_HAN = "\u2e80-\u303f\u3400-\u9fff\uf900-\ufaff"
_HAN_BLANK = re.compile(rf" (?=[{_HAN}])|(?<=[{_HAN}]) ")
_ENDS = " .?。…!"
_END = re.compile(r"[ .?。…]+$|(?<![\d)])[ .?。…!]+$")  # 5! is another number than 5


def answer_key(secret: bytes, tenant: str, dialect: str, body: dict[str, Any]) -> bytes:
    """32 bytes that are equal for equal requests of one tenant. `secret` keeps anybody from guessing what was asked.

    They begin with the tenant's own 8, so that all answers of one can be found.
    """
    relevant = {name: value for name, value in body.items() if name not in _IRRELEVANT}
    told = orjson.dumps([tenant, dialect, relevant], option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return tenant_tag(secret, tenant) + hmac.digest(secret, told, hashlib.sha256)[:24]


@functools.lru_cache(maxsize=1024)
def tenant_tag(secret: bytes, tenant: str) -> bytes:
    """The 8 bytes with which every key of the tenant begins."""
    return hmac.digest(secret, b"tenant " + tenant.encode(), hashlib.sha256)[:8]


def normalised(body: dict[str, Any]) -> dict[str, Any]:
    """`body` with the last question folded: compatibility forms, case, width, spaces and punctuation between words."""
    for name in ("messages", "input", "prompt"):
        said = body.get(name)
        if isinstance(said, str):
            return {**body, name: fold_text(said)}
        if not isinstance(said, list) or not said or not isinstance(said[-1], dict):
            continue
        content = said[-1].get("content")
        if isinstance(content, str):
            folded: Any = fold_text(content)
        elif isinstance(content, list):
            folded = [_fold_part(part) for part in content]
        else:
            return body
        return {**body, name: [*said[:-1], {**said[-1], "content": folded}]}
    return body


def fold_text(text: str) -> str:
    """Two ways of writing the same question become one; numbers and words stay, and so do long texts and code."""
    if len(text) > LONGEST_FOLDED or _CODE.search(text):
        return text
    if text.isascii():
        plain = text.lower().replace('"', "")
    else:
        plain = unicodedata.normalize("NFKC", text).casefold().translate(_QUOTES)
    plain = _PAUSE.sub(" ", plain)
    plain = " ".join(plain.split())
    if not plain.isascii():
        plain = _HAN_BLANK.sub("", plain)
    end = _END.search(plain, len(plain.rstrip(_ENDS)))
    return (plain[: end.start()] if end is not None else plain) or plain


def _fold_part(part: Any) -> Any:
    if isinstance(part, dict) and isinstance(part.get("text"), str):
        return {**part, "text": fold_text(part["text"])}
    return part


def may_be_cached(body: dict[str, Any]) -> bool:
    """Never with tools, whose calls have effects, nor for several answers at once."""
    return not body.get("tools") and not body.get("functions") and body.get("n") in (None, 1)
