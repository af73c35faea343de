"""Makes the searched form of titles and messages."""

import hashlib
from base64 import b32encode
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from freehold.chat.search.words import tokens

Json = dict[str, Any]
Kind = Literal["title", "message"]

FACET = "\ue000"  # of no text: words never hold it
BEYOND = 2**63
"""Above every id."""

SEASON_BITS = 53

_LOW_BITS = 21
_LAST_MILLISECOND = (BEYOND >> _LOW_BITS) - 1  # in the year 2109


def scope(owner_id: str, kind: Kind) -> str:
    """What stands before every token. Two owners with one key would only slow each other: rows are asked for by id."""
    digest = hashlib.blake2b(owner_id.encode(), digest_size=5).digest()
    return b32encode(digest).decode().lower()[:5] + kind[0]


def rank_at(moment: datetime) -> int:
    """The smallest id of a document written at this moment; before 1970 and after 2109 that of the nearest moment."""
    return min(max(int(moment.timestamp() * 1000), 0), _LAST_MILLISECOND) << _LOW_BITS


def seasons(newest: int, oldest: int) -> range:
    """The seasons from that of one document back to that of another.

    A season is 2**32 milliseconds, about fifty days, and numbered by the high bits of the ids of its documents. In the
    index it stands behind the scope, in three hexadecimal digits, so that one can look for the newest without reading
    the postings of all years.
    """
    return range(newest >> SEASON_BITS, (oldest >> SEASON_BITS) - 1, -1)


def moment_bits(row_id: str, moment: datetime) -> int:
    """The id that a row would like its document to have; those of one process and millisecond keep their order."""
    number = UUID(row_id).int
    counter, chance = number >> 64 & 0xFFF, number & 0x1FF
    return rank_at(moment) | counter << 9 | chance


def free_ids(wanted: Sequence[int], taken: Collection[int]) -> list[int]:
    """The wanted ids, each moved on until it is nobody's."""
    used = set(taken)
    found: list[int] = []
    for number in wanted:
        free = number
        while free in used:
            free += 1
        used.add(free)
        found.append(free)
    return found


def text_of(parts: Sequence[Json]) -> str:
    """What can be found of a message: its texts and the names of its files, not its reasoning."""
    pieces = [part.get("text") if part.get("type") == "text" else part.get("name") for part in parts if _shown(part)]
    return "\n".join(piece for piece in pieces if piece)


def _shown(part: Json) -> bool:
    return part.get("type") == "text" or "file_id" in part


def has_file(parts: Sequence[Json]) -> bool:
    """Whether the message shows a file."""
    return any("file_id" in part for part in parts)


def model_facet(model: str) -> str:
    """The token of what this model wrote."""
    return f"{FACET}m{hashlib.blake2b(model.encode(), digest_size=5).hexdigest()}"


def title_values(title: str, model: str | None) -> Json:
    """The columns of a title that depend on it."""
    facets = [model_facet(model)] if model else []
    return {"role": None, "model": model, "has_file": False, "tokens": _joined(tokens(title), facets)}


def message_values(role: str, parts: Sequence[Json], run: Json | None) -> Json:
    """The columns of a message that depend on what is written in it."""
    model = (run or {}).get("model")
    attached = has_file(parts)
    facets = [f"{FACET}{role}"] + [f"{FACET}file"] * attached + ([model_facet(model)] if model else [])
    return {"role": role, "model": model, "has_file": attached, "tokens": _joined(tokens(text_of(parts)), facets)}


def _joined(words: list[str], facets: list[str]) -> str:
    """Empty without words: what says nothing is not kept."""
    return "".join(f" {token}" for token in (*words, *facets)) if words else ""
