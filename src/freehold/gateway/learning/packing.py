"""Features and scorers as bytes; pure. What is not of this version is read as None and is of no use any more."""

import struct
import sys
import zlib
from array import array
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

from freehold.gateway.routing.scorer.features import BUCKETS, DENSE, DENSE_AT, Features
from freehold.gateway.routing.scorer.model import Scale, Scorer

VERSION = 1
"""Of the features and of both forms: a scorer must see what it was trained on."""

_HEAD = struct.Struct("<BII")  # version, counts of both kinds of indices
_SCORER = struct.Struct("<BIdd")  # version, indices, mean, rarity of what no label had


def pack_features(features: Features) -> bytes:
    """About a byte and a half for each n-gram."""
    dense = struct.pack(f"<{DENSE}f", *features.dense)
    gaps = [*_gaps(features.characters, 0), *_gaps(features.words, BUCKETS)]
    head = _HEAD.pack(VERSION, len(features.characters), len(features.words))
    return head + zlib.compress(dense + _bytes("I", gaps))


def unpack_features(packed: bytes) -> Features | None:
    """The features; the counts are rounded to the fourth part of a millionth."""
    version, characters, words = _HEAD.unpack_from(packed)
    if version != VERSION:
        return None
    content = zlib.decompress(packed[_HEAD.size :])
    dense = struct.unpack_from(f"<{DENSE}f", content)
    gaps = _array("I", content[4 * DENSE :])
    return Features(
        list(accumulate(gaps[:characters])),
        [BUCKETS + at for at in accumulate(gaps[characters : characters + words])],
        dense,
    )


def pack_scorer(scorer: Scorer) -> bytes:
    """Only what some label had; about 3 bytes for each n-gram."""
    scale = scorer.scale
    unseen = max(scale.rarity)  # what none had weighs as much as the rarest
    known = [at for at in range(DENSE_AT) if scale.rarity[at] != unseen or scorer.weights[at]]
    content = [
        struct.pack(f"<{2 * DENSE}d", *scale.means, *scale.deviations),
        struct.pack(f"<{DENSE}d", *scorer.weights[DENSE_AT:]),
        _bytes("I", _gaps(known, 0)),
        _bytes("f", [scale.rarity[at] for at in known]),
        _bytes("f", [scorer.weights[at] for at in known]),
    ]
    return _SCORER.pack(VERSION, len(known), scorer.mean, unseen) + zlib.compress(b"".join(content), 6)


def unpack_scorer(packed: bytes) -> Scorer | None:
    """The scorer, its weights rounded to 24 bits."""
    version, count, mean, unseen = _SCORER.unpack_from(packed)
    if version != VERSION:
        return None
    content = zlib.decompress(packed[_SCORER.size :])
    dense = struct.unpack_from(f"<{3 * DENSE}d", content)
    at = 24 * DENSE
    gaps, rarities, values = (
        _array(code, content[at + 4 * count * place : at + 4 * count * (place + 1)])
        for place, code in enumerate(("I", "f", "f"))
    )
    rarity = array("f", [unseen]) * DENSE_AT
    weights = array("f", bytes(4 * (DENSE_AT + DENSE)))
    for index, rare, weight in zip(accumulate(gaps), rarities, values, strict=True):
        rarity[index], weights[index] = rare, weight
    weights[DENSE_AT:] = array("f", dense[2 * DENSE :])
    return Scorer(Scale(rarity, dense[:DENSE], dense[DENSE : 2 * DENSE]), weights, mean)


def _gaps(indices: Sequence[int], first: int) -> list[int]:
    """Sorted indices as the distances between them, which are small."""
    return [after - before for before, after in pairwise((first, *indices))]


def _bytes(code: str, values: Sequence[Any]) -> bytes:
    found = array(code, values)
    if sys.byteorder == "big":
        found.byteswap()
    return found.tobytes()


def _array(code: str, content: bytes) -> "array[Any]":
    found = array(code)
    found.frombytes(content)
    if sys.byteorder == "big":
        found.byteswap()
    return found
