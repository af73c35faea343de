"""Watches a chat completion stream that is passed on as it came, without parsing every chunk."""

import json
import re
from collections.abc import Iterator
from typing import Any

import orjson

from freehold.wire.events import Usage
from freehold.wire.openai_chat.usage import usage_of
from freehold.wire.watching import Lines, estimated_tokens, strings_of

_OUTPUT = strings_of("content", "reasoning_content", "reasoning", "arguments", "refusal")
_TEXTS = (b'"content":"', b'"reasoning_content":"', b'"reasoning":"')  # as almost every server writes them
_CONTENT, _SPACED = b'"content":"', b'"content": "'
_REASON = b'"finish_reason":"'
_USAGE = re.compile(rb'"usage"\s*:\s*\{')
_FINISH = re.compile(rb'"finish_reason"\s*:\s*"([^"]+)"')
_DONE = re.compile(rb"^data:\s*\[DONE\]\s*$", re.MULTILINE)
_NO_CHOICES = re.compile(rb'"choices"\s*:\s*\[\s*\]')


class OpenAIStreamWatch:
    """Fed the bytes of an upstream's answer in pieces of any size, gives back what goes on to the client.

    `usage`: the counts, when the upstream told them. `estimated_tokens`: of the output, for when it did not.
    `finish_reason`: as the upstream has it. `started`: something of the answer was seen. `ended`: the answer is
    complete, by its reason or by `[DONE]`. `error`: the object of an error event in the stream.

    `hide_usage`: the counts were asked for on the server's behalf, so the chunk that holds nothing else is kept back.
    Bytes go on by whole lines, so that an error can follow wherever the upstream breaks off.
    """

    __slots__ = (
        "_after",
        "_before",
        "_done",
        "_hide_usage",
        "_lines",
        "_tokens",
        "error",
        "finish_reason",
        "started",
        "usage",
    )

    def __init__(self, *, hide_usage: bool = False) -> None:
        self.usage: Usage | None = None
        self.finish_reason: str | None = None
        self.started = False
        self.error: Any = None
        self._done = False
        self._hide_usage = hide_usage
        self._lines = Lines()
        self._before = self._after = b"\n\n\n"  # what no chunk begins with
        self._tokens = 0.0

    @property
    def ended(self) -> bool:
        return self._done or self.finish_reason is not None

    @property
    def estimated_tokens(self) -> int:
        return max(1, round(self._tokens)) if self.started else 0

    def feed(self, chunk: bytes) -> bytes:
        """The bytes to pass on. Raises watching.FrameTooLong."""
        if (
            chunk.startswith(self._before)
            and chunk.endswith(self._after)
            and not self._lines.pending
            and b'"' not in (piece := chunk[len(self._before) : -len(self._after)])
        ):
            self._tokens += len(piece) / 4
            return chunk
        whole = self._lines.feed(chunk)
        if whole:
            self._look(whole)
        if self._hide_usage and b'"usage"' in whole:
            return self._without_usage(whole)
        return whole

    def close(self) -> bytes:
        """The bytes still to pass on when the upstream ended without a line end."""
        rest = self._lines.rest()
        if rest:
            self._look(rest)
        return rest

    def _look(self, whole: bytes) -> None:
        self._count(whole)
        if b'usage":{' in whole or b'usage": {' in whole:
            self._read_usage(whole)
        if (at := whole.rfind(_REASON) + len(_REASON)) >= len(_REASON):
            self.finish_reason = whole[at : whole.find(b'"', at)].decode("utf-8", "replace")
        elif b'reason": "' in whole:
            found = _FINISH.search(whole)
            self.finish_reason = found[1].decode("utf-8", "replace") if found else self.finish_reason
        else:
            self._learn(whole)
        if b"[DONE]" in whole:
            self._done = self._done or whole.endswith(b"\ndata: [DONE]\n\n") or _DONE.search(whole) is not None
        if b'"error":' in whole:
            self._read_error(whole)

    def _learn(self, whole: bytes) -> None:
        """Keep what surrounds the text in the chunks of this stream: most differ in nothing but the text."""
        for key in _TEXTS:
            before, _, rest = whole.partition(key)
            text, quote, after = rest.partition(b'"')
            if text and not text.endswith(b"\\") and after.find(b"\n\n") + 2 == len(after) and b'":"' not in after:
                self._before, self._after = before + key, quote + after

    def _count(self, whole: bytes) -> None:
        if (
            b"\\" in whole
            or b'"reasoning' in whole
            or b'"arguments"' in whole
            or b'"refusal":"' in whole
            or b'"refusal": "' in whole
        ):
            for found in _OUTPUT.finditer(whole):
                if piece := found[1]:
                    self.started = True
                    self._tokens += estimated_tokens(piece)
        else:  # `content` is the only text, and each ends at the next quote
            texts = whole.split(_CONTENT if _CONTENT in whole else _SPACED)
            del texts[0]
            if length := sum([text.find(b'"') for text in texts]):
                self.started = True
                self._tokens += length / 4
        if not self.started and b'"tool_calls"' in whole:
            self.started = True

    def _read_usage(self, whole: bytes) -> None:
        end = len(whole)
        while (at := max(whole.rfind(b'usage":{', 0, end), whole.rfind(b'usage": {', 0, end))) >= 0:
            end = whole.rfind(b"\n", 0, at) + 1
            chunk = _parsed(whole[end:].partition(b"\n")[0])
            choices = chunk.get("choices")
            nested = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
            usage = chunk.get("usage") or nested.get("usage")  # Moonshot puts it inside the choice
            if isinstance(usage, dict):  # the last one is the one that counts
                self.usage = usage_of(usage)
                return

    def _read_error(self, whole: bytes) -> None:
        for line in whole.split(b"\n"):
            if b'"error":' in line and (error := _parsed(line).get("error")):
                self.error = error

    def _without_usage(self, whole: bytes) -> bytes:
        kept: list[bytes] = []
        at = 0
        for begin, end in _lines_of(whole, _USAGE):
            if _NO_CHOICES.search(whole, begin, end):
                kept.append(whole[at:begin])
                at = end + 1  # the empty line after it stays: an event without data is none
        return b"".join([*kept, whole[at:]]) if kept else whole


def _lines_of(whole: bytes, wanted: re.Pattern[bytes]) -> Iterator[tuple[int, int]]:
    """Where the lines that hold the pattern begin and end; the others are not looked at one by one."""
    at = 0
    while found := wanted.search(whole, at):
        begin, end = whole.rfind(b"\n", 0, found.start()) + 1, whole.find(b"\n", found.end())
        at = end if end >= 0 else len(whole)
        yield begin, at


def _data(line: bytes) -> bytes:
    return line[5:].strip() if line.startswith(b"data:") else b""


def _parsed(line: bytes) -> dict[str, Any]:
    data = _data(line) or b"{}"
    try:
        chunk = orjson.loads(data)
    except ValueError:
        try:
            chunk = json.loads(data)  # it takes half of a surrogate pair, too
        except ValueError:
            return {}
    return chunk if isinstance(chunk, dict) else {}


def usage_in(body: dict[str, Any]) -> Usage | None:
    """The counts of a whole completion that is passed on."""
    usage = body.get("usage")
    return usage_of(usage) if isinstance(usage, dict) else None
