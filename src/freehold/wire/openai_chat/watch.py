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
_BEGUN = re.compile(
    rb'"(?:content|reasoning_content|reasoning|arguments|refusal)"\s*:\s*"[^"]|"tool_calls"\s*:\s*\[\s*[^\]\s]'
)
_UNCOUNTED_BYTES = 16_384
"""So much of an answer is kept to count its tokens only when the upstream does not tell them; few answers need it."""
_TEXTS = (b'"content":"', b'"reasoning_content":"', b'"reasoning":"')  # as almost every server writes them
_CONTENT, _SPACED = b'"content":"', b'"content": "'
_REASON = b'"finish_reason":"'
_COUNTS = (b'"usage":{', b'"usage": {')
_END = b"\ndata: [DONE]\n\n"
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
        "_counts_at",
        "_done",
        "_hide_usage",
        "_lines",
        "_tokens",
        "_uncounted",
        "_uncounted_bytes",
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
        self._uncounted: list[bytes] = []
        self._uncounted_bytes = 0
        self._counts_at: tuple[int, int] | None = None  # of the piece looked at last: its only line with counts alone

    @property
    def ended(self) -> bool:
        return self._done or self.finish_reason is not None

    @property
    def estimated_tokens(self) -> int:
        self._count()
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
            if self._counts_at is None:
                return self._without_usage(whole)
            begin, end = self._counts_at
            return whole[:begin] + whole[end + 1 :]
        return whole

    def close(self) -> bytes:
        """The bytes still to pass on when the upstream ended without a line end."""
        rest = self._lines.rest()
        if rest:
            self._look(rest)
        return rest

    def _look(self, whole: bytes) -> None:
        if not self.started:
            self.started = _begun(whole)
        self._uncounted.append(whole)
        self._uncounted_bytes += len(whole)
        if self._uncounted_bytes > _UNCOUNTED_BYTES:
            self._count()
        self._counts_at = None
        for key in _COUNTS:
            if (at := whole.rfind(key)) >= 0:
                self._read_usage(whole, key, at)
                break
        if (at := whole.rfind(_REASON) + len(_REASON)) >= len(_REASON):
            self.finish_reason = whole[at : whole.find(b'"', at)].decode("utf-8", "replace")
        elif b'reason": "' in whole:
            found = _FINISH.search(whole)
            self.finish_reason = found[1].decode("utf-8", "replace") if found else self.finish_reason
        else:
            self._learn(whole)
        if whole.endswith(_END) or (b"[DONE]" in whole and _DONE.search(whole) is not None):
            self._done = True
        if b'"error":' in whole:
            self._read_error(whole)

    def _learn(self, whole: bytes) -> None:
        """Keep what surrounds the text in the chunks of this stream: most differ in nothing but the text."""
        for key in _TEXTS:
            before, _, rest = whole.partition(key)
            text, quote, after = rest.partition(b'"')
            if text and not text.endswith(b"\\") and after.find(b"\n\n") + 2 == len(after) and b'":"' not in after:
                self._before, self._after = before + key, quote + after

    def _count(self) -> None:
        """Add the tokens of what was not counted yet."""
        whole = b"".join(self._uncounted)
        self._uncounted, self._uncounted_bytes = [], 0
        if (
            b"\\" in whole
            or b'"reasoning' in whole
            or b'"arguments"' in whole
            or b'"refusal":"' in whole
            or b'"refusal": "' in whole
        ):
            for found in _OUTPUT.finditer(whole):
                self._tokens += estimated_tokens(found[1])
        else:  # `content` is the only text, and each ends at the next quote
            texts = whole.split(_CONTENT if _CONTENT in whole else _SPACED)
            del texts[0]
            self._tokens += sum([text.find(b'"') for text in texts]) / 4

    def _read_usage(self, whole: bytes, key: bytes, at: int) -> None:
        """Take the last counts; `key` is how this server writes them, `at` where it has it last."""
        last = True
        while at >= 0:
            begin = whole.rfind(b"\n", 0, at) + 1
            end = whole.find(b"\n", at)
            chunk = _parsed(whole[begin : end if end >= 0 else len(whole)])
            at = whole.rfind(key, 0, begin)
            choices = chunk.get("choices")
            usage = chunk.get("usage")
            if not usage and choices and isinstance(choices, list) and isinstance(choices[0], dict):
                usage = choices[0].get("usage")  # Moonshot puts it inside the choice
            if isinstance(usage, dict):  # the last one is the one that counts
                self.usage = usage_of(usage)
                if last and at < 0 and end >= 0 and choices == []:
                    self._counts_at = begin, end
                return
            last = False

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


def _begun(whole: bytes) -> bool:
    """Whether some of an answer is in it. The first chunk's empty text is none."""
    at = whole.find(_CONTENT) + len(_CONTENT)
    if at >= len(_CONTENT) and whole[at : at + 1] == b'"':
        at = whole.find(_CONTENT, at) + len(_CONTENT)
    if at >= len(_CONTENT) and whole[at : at + 1] != b'"':
        return True
    return _BEGUN.search(whole) is not None


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
