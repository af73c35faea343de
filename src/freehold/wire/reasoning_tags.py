"""Splits reasoning that a model writes as `<think>...</think>` at the start of its text from the answer itself."""

OPEN = "<think>"
CLOSE = "</think>"


class ReasoningTags:
    """Fed pieces of text in order, says which characters are reasoning and which are the answer.

    Only a tag before the first visible character counts: `<think>` in the middle of an answer is the answer's own.
    """

    __slots__ = ("_held", "_state", "_trim")

    def __init__(self) -> None:
        self._state = "start"  # start -> reasoning -> text, or start -> text
        self._held = ""
        self._trim = False  # blank lines between the closing tag and the answer belong to neither

    @property
    def passes_through(self) -> bool:
        """Whether every further piece is plain answer text, so that the caller may stop asking."""
        return self._state == "text" and not self._trim

    def feed(self, piece: str) -> tuple[str, str]:
        """(reasoning, text) that `piece` makes certain; what might be half a tag is held back."""
        if self._state == "start":
            self._held += piece
            seen = self._held.lstrip()
            if seen.startswith(OPEN):
                piece, self._held, self._state = seen[len(OPEN) :], "", "reasoning"
            elif OPEN.startswith(seen):
                return "", ""
            else:
                piece, self._held, self._state = self._held, "", "text"
        reasoning = ""
        if self._state == "reasoning":
            reasoning, piece = self._reasoning(piece)
        if self._trim and piece:
            piece = piece.lstrip("\r\n")
            self._trim = not piece
        return reasoning, piece

    def finish(self) -> tuple[str, str]:
        """What was held back when the stream ended."""
        held, self._held = self._held, ""
        return (held, "") if self._state == "reasoning" else ("", held)

    def _reasoning(self, piece: str) -> tuple[str, str]:
        piece, self._held = self._held + piece, ""
        before, tag, after = piece.partition(CLOSE)
        if tag:
            self._state, self._trim = "text", True
            return before, after
        for size in range(min(len(CLOSE) - 1, len(piece)), 0, -1):
            if CLOSE.startswith(piece[-size:]):
                self._held = piece[-size:]
                return piece[:-size], ""
        return piece, ""
