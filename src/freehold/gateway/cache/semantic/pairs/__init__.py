"""Questions in the same and in other words, for calibrating: the lists that come along, and a reader of such files."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from pathlib import Path

from freehold.errors import ConfigurationError

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Topic:
    """Ways of asking one thing, and questions that are close to it and need another answer."""

    same: list[str]
    near: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class PairSet:
    """The topics of one language."""

    topics: list[Topic]

    @cached_property
    def texts(self) -> list[str]:
        """Every question once."""
        return list(dict.fromkeys(text for topic in self.topics for text in (*topic.same, *topic.near)))

    def same(self) -> Iterator[tuple[int, str, str]]:
        """Pairs that one answer fits, each with the number of its topic."""
        for number, topic in enumerate(self.topics):
            for one, other in combinations(topic.same, 2):
                yield number, one, other

    def near(self) -> Iterator[tuple[int, str, str]]:
        """Pairs that no answer fits both of."""
        for number, topic in enumerate(self.topics):
            for other in topic.near:
                for one in topic.same:
                    yield number, one, other
            for one, other in combinations(topic.near, 2):
                yield number, one, other


def shipped(language: str) -> Path:
    """The list of a language that comes along."""
    return _FOLDER / f"{language}.txt"


def read(path: Path) -> PairSet:
    """The pairs of a file; blocks. Raises ConfigurationError with the line that is wrong."""
    topics: list[Topic] = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"The pairs cannot be read: {error}.", next_step="Name a text file in UTF-8 with --pairs."
        ) from error
    for number, line in enumerate(lines, 1):
        mark, text = line[:1], line[1:].strip()
        if not line.strip() or mark == "#":
            continue
        if mark == "=" and text:
            topics.append(Topic([text]))
        elif mark == "+" and text and topics:
            topics[-1].same.append(text)
        elif mark == "-" and text and topics:
            topics[-1].near.append(text)
        else:
            raise ConfigurationError(
                f"{path}:{number}: a line begins with = (a question), + (the same in other words), - (another one that "
                "is close) or #, and a question comes first.",
                next_step="Correct the line.",
            )
    return PairSet(topics)
