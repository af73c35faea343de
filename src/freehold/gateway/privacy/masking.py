"""Puts a stand-in where something must not leave the house, and the real thing back into the answer; pure."""

import re
from collections.abc import Callable, Iterable

from freehold.gateway.privacy.detectors import Finding

_STAND_IN = re.compile(r"\\?\[([A-Z]+(?:\\?_[A-Z]+)*\\?_\d+)\\?\]")  # Markdown may have escaped it
_BEGINNING = re.compile(r"\\?(?:\[(?:[A-Z]+(?:\\?_[A-Z]+)*\\?_?[A-Z]*(?:\d+)?\\?)?)?")
_LONGEST = 48
"""No stand-in is longer, so no more of an answer than this is ever held back."""


class Mask:
    """The stand-ins of one request: the same thing has the same one wherever it is said."""

    def __init__(self, find: Callable[[str], Iterable[Finding]], texts: Iterable[str] = ()) -> None:
        """`texts`: all that will be hidden; what looks like a stand-in there is the person's own and stays."""
        self._find = find
        self._stand_ins: dict[tuple[str, str], str] = {}
        self._meant: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._taken = {name for text in texts if "[" in text for name in _STAND_IN.findall(text)}

    @property
    def counts(self) -> dict[str, int]:
        """How many different things of each kind were hidden."""
        return dict(self._counts)

    def __bool__(self) -> bool:
        return bool(self._meant)

    def hide(self, text: str) -> str:
        """The text with stand-ins."""
        pieces: list[str] = []
        at = 0
        for found in self._find(text):
            pieces += (text[at : found.begin], self._stand_in(found.kind, text[found.begin : found.end]))
            at = found.end
        return "".join([*pieces, text[at:]]) if pieces else text

    def restore(self, text: str, written: Callable[[str], str] = str) -> str:
        """The text with the real things; `written` makes them fit where the text is no plain text, such as JSON."""

        def meant(match: re.Match[str]) -> str:
            real = self._meant.get(match[1].replace("\\", ""))
            return match[0] if real is None else written(real)

        return _STAND_IN.sub(meant, text) if self._meant and "[" in text else text

    def _stand_in(self, kind: str, meant: str) -> str:
        known = self._stand_ins.get((kind, meant))
        if known is None:
            label = re.sub(r"[^A-Z]+", "_", kind.upper()).strip("_")[:24] or "DATA"
            number = self._counts[kind] = self._counts.get(kind, 0) + 1
            while f"{label}_{number}" in self._taken or f"{label}_{number}" in self._meant:
                number += 1
            name = f"{label}_{number}"
            self._meant[name], known = meant, f"[{name}]"
            self._stand_ins[kind, meant] = known
        return known


class Restored:
    """One stream of text whose stand-ins may come torn: what could be the beginning of one waits for the rest."""

    def __init__(self, mask: Mask, written: Callable[[str], str] = str) -> None:
        self._mask = mask
        self._written = written
        self._kept = ""

    def feed(self, piece: str) -> str:
        """What can go on."""
        text = self._kept + piece
        at = max(text.rfind("["), len(text) - 1 if text.endswith("\\") else -1)
        if at > 0 and text[at - 1] == "\\":
            at -= 1
        torn = at >= 0 and len(text) - at < _LONGEST and _BEGINNING.fullmatch(text, at) is not None
        self._kept = text[at:] if torn else ""
        return self._mask.restore(text[:at] if torn else text, self._written)

    def finish(self) -> str:
        """What was held back."""
        kept, self._kept = self._kept, ""
        return self._mask.restore(kept, self._written)
