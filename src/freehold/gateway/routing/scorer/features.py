"""What the scorer sees of a prompt; pure. Works on any script: character n-grams over NFKC text, pairs for Chinese."""

import itertools
import math
import re
import unicodedata
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

BUCKETS = 1 << 16
"""Indices that n-grams of one kind are hashed to; those of words come after those of characters."""

DENSE_AT = 2 * BUCKETS
COUNTS = (
    "length", "words", "numbers", "number_share", "largest_number", "sentences", "sentence_length", "word_length",
    "questions", "symbols", "capitals", "lines", "ideographs", "variety", "lists",
)  # fmt: skip
"""Names of the counts, in their order."""

LENGTH = 4
"""Of character n-grams. Three and five beside it cost twice the time and gain nothing that can be measured."""

HEAD, TAIL = 1000, 300
"""Characters looked at, from the beginning and from the end: what is asked stands in one of them."""

_WORD = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)*|[^\w\s]")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_SENTENCE = re.compile(r"[.!?。！？\n]+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SYMBOLS = frozenset("=+*/^<>{}\\$%")
_LARGEST = 1e12


@dataclass(frozen=True, slots=True)
class Features:
    """Indices of the n-grams that occur, by kind, each once and sorted; and counts, about between 0 and 10."""

    characters: Sequence[int]
    words: Sequence[int]
    dense: Sequence[float]

    @property
    def prior(self) -> float:
        """The score while nothing was learned: longer prompts are harder."""
        return -self.dense[0]


def features_of(prompt: str) -> Features:
    """The features of a prompt, in any language; the middle of a long one is not looked at."""
    text = unicodedata.normalize("NFKC", prompt)
    if len(text) > HEAD + TAIL:
        text = f"{text[:HEAD]}\n{text[-TAIL:]}"
    low = text.lower()
    plain = " ".join(low.split())
    words = _WORD.findall(plain)
    characters = {plain[at : at + LENGTH] for at in range(len(plain) - LENGTH + 1)}
    ideographs = _CJK.findall(plain)
    characters.update(one + other for one, other in itertools.pairwise(ideographs))
    pairs = {f"{one} {other}" for one, other in itertools.pairwise(words)}
    dense = (math.log1p(len(prompt)), *_dense(text, words, ideographs))
    return Features(_hashed(characters, 0), _hashed(pairs.union(words), BUCKETS), dense)


def words_of(prompt: str) -> dict[int, str]:
    """By their indices: the words and pairs of words of a prompt, for people to read."""
    plain = " ".join(unicodedata.normalize("NFKC", prompt[:HEAD]).lower().split())
    words = _WORD.findall(plain)
    pairs = [f"{one} {other}" for one, other in itertools.pairwise(words)]
    return {index: gram for gram in (*pairs, *words) for index in _hashed({gram}, BUCKETS)}


def _hashed(grams: set[str], first: int) -> list[int]:
    return sorted({first + (zlib.crc32(gram.encode("utf-8", "surrogatepass")) & (BUCKETS - 1)) for gram in grams})


def _dense(text: str, words: Sequence[str], ideographs: Sequence[str]) -> tuple[float, ...]:
    length = len(text) or 1
    numbers = [min(float(number), _LARGEST) for number in _NUMBER.findall(text)]
    letters = [word for word in words if word[0].isalpha()]
    sentences = len(_SENTENCE.findall(text)) + 1
    return (
        math.log1p(len(letters)),
        math.log1p(len(numbers)),
        len(numbers) / (len(letters) + 1),
        math.log1p(max(numbers, default=0.0)),
        math.log1p(sentences),
        len(letters) / sentences / 20,
        sum(map(len, letters)) / (len(letters) + 1) / 5,
        float(text.count("?") + text.count("？")),
        20 * sum(character in _SYMBOLS for character in text) / length,
        10 * sum(character.isupper() for character in text) / length,
        text.count("\n") / 10,
        len(ideographs) / length,
        len(set(letters)) / (len(letters) + 1),
        math.log1p(text.count("-") + text.count(",")),
    )


DENSE = len(features_of("").dense)
SIZE = DENSE_AT + DENSE
"""The length of a vector."""
