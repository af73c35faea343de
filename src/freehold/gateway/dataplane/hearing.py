"""Reads an answer that waits to be judged: from its events where it was written here, else from the dialect's bytes."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from freehold.gateway.routing.cascade.checks import Given
from freehold.gateway.routing.cascade.judging import given_by
from freehold.wire.events import FinishReason
from freehold.wire.request import ChatRequest

if TYPE_CHECKING:
    from freehold.gateway.dataplane.answering import Asked

FINISH: dict[str, FinishReason] = {
    "length": "length",
    "max_tokens": "length",
    "tool_calls": "tool_calls",
    "tool_use": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    "refusal": "content_filter",
}


_UNREAD = Given(media=True)
"""Of an answer that is not as its protocol says, nothing is known."""


class Hearing:
    """The answers to one request, each of which is read when it is complete."""

    def __init__(self, asked: "Asked", request: ChatRequest) -> None:
        self.request = request
        self._asked = asked

    def passes(self, item: bytes) -> bool:
        """What is about the queue."""
        del item
        return self._asked.waits

    def ends(self, item: bytes) -> bool:
        """Nothing that could be told from a piece."""
        del item
        return False

    def given(self, items: Sequence[bytes]) -> Given:
        """What the answer that was opened last says."""
        if self._asked.heard is not None:
            return given_by(self._asked.heard)
        content = b"".join(items)
        read = _anthropic if self._asked.dialect.name == "anthropic_messages" else _openai
        try:
            return read(list(_frames(content)) if self._asked.stream else [orjson.loads(content)])
        except (ValueError, KeyError, TypeError, AttributeError):
            return _UNREAD


def _frames(content: bytes) -> Iterator[Any]:
    for line in content.splitlines():
        if line.startswith(b"data:") and line[5:].strip() != b"[DONE]":
            frame = orjson.loads(line[5:])
            if isinstance(frame, dict):
                yield frame


def _openai(frames: Sequence[Any]) -> Given:
    texts: list[str] = []
    calls: dict[int, list[str]] = {}
    logprobs: list[float] = []
    finish: str | None = None
    media = False
    for frame in frames:
        for choice in frame.get("choices") or ():
            said = choice.get("delta") or choice.get("message") or {}
            texts += _texts(said.get("content"))
            texts += _texts(said.get("refusal"))
            media |= bool(said.get("images") or said.get("audio"))
            finish = choice.get("finish_reason") or finish
            for at, call in enumerate(said.get("tool_calls") or ()):
                function = call.get("function") or {}
                known = calls.setdefault(call.get("index", at), ["", ""])
                known[0] += function.get("name") or ""
                known[1] += function.get("arguments") or ""
            told = choice.get("logprobs") or {}
            logprobs += [one["logprob"] for one in told.get("content") or () if one.get("logprob") is not None]
    named = [(name, arguments) for name, arguments in calls.values()]
    return Given("".join(texts), named, FINISH.get(finish or "", "stop"), logprobs, media)


def _texts(content: Any) -> list[str]:
    if isinstance(content, str):
        return [content]
    return [part.get("text") or "" for part in content or () if isinstance(part, dict)]


def _anthropic(frames: Sequence[Any]) -> Given:
    texts: list[str] = []
    calls: dict[int, list[str]] = {}
    finish: str | None = None
    for frame in frames:
        at = frame.get("index", 0)
        for index, block in enumerate(frame.get("content") or ()):
            _block(block, index, texts, calls)
        if frame.get("type") == "content_block_start":
            _block(frame["content_block"], at, texts, calls)
        delta = frame.get("delta") or {}
        texts.append(delta.get("text") or "")
        if "partial_json" in delta and at in calls:
            calls[at][1] += delta["partial_json"]
        finish = delta.get("stop_reason") or frame.get("stop_reason") or finish
    named = [(name, arguments) for name, arguments in calls.values()]
    return Given("".join(texts), named, FINISH.get(finish or "", "stop"))


def _block(block: Any, at: int, texts: list[str], calls: dict[int, list[str]]) -> None:
    if block.get("type") == "text":
        texts.append(block.get("text") or "")
    elif block.get("type") == "tool_use":
        told = block.get("input")
        calls[at] = [block.get("name") or "", orjson.dumps(told).decode() if told else ""]
