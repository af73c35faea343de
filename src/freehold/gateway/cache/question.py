"""The question of a conversation that has just begun, apart from all that decides how it is answered; pure."""

from dataclasses import dataclass
from typing import Any

_INSTRUCTING = frozenset({"system", "developer"})

# How an answer is written or travels. Whatever else a body has may ask for another answer than people curate.
_MANNER = frozenset({
    "model", "messages", "input", "prompt", "stream", "stream_options", "user", "metadata", "store", "temperature",
    "top_p", "top_k", "seed", "max_tokens", "max_completion_tokens", "max_output_tokens", "reasoning_effort",
    "reasoning", "thinking", "think", "keep_alive", "service_tier", "safety_identifier", "prompt_cache_key", "in_house",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """`text` is what was asked, `rest` the body without it. `plain`: nothing else says how it is to be answered."""

    text: str
    rest: dict[str, Any]
    plain: bool


def question_of(body: dict[str, Any]) -> Question | None:
    """The question, where the body is a first turn: one text by the user, no tools, no files, and none before it."""
    if body.get("tools") or body.get("functions") or body.get("images") or body.get("n") not in (None, 1):
        return None
    for name in ("messages", "input", "prompt"):
        said = body.get(name)
        if said is None:
            continue
        told = [{"role": "user", "content": said}] if isinstance(said, str) else said
        if not isinstance(told, list) or not told or not all(isinstance(one, dict) for one in told):
            return None
        *before, last = told
        text = _text(last)
        if text is None or not all(one.get("role") in _INSTRUCTING for one in before):
            return None
        plain = not before and body.keys() <= _MANNER
        return Question(text, {**body, name: [*before, None]}, plain)
    return None


def _text(message: dict[str, Any]) -> str | None:
    if message.get("role") != "user" or not message.keys() <= {"role", "content", "type"}:
        return None
    content = message.get("content")
    if isinstance(content, list) and len(content) == 1 and isinstance(content[0], dict):
        part = content[0]
        known = part.get("type") in ("text", "input_text") and part.keys() <= {"type", "text"}
        content = part.get("text") if known else None
    return content.strip() or None if isinstance(content, str) else None
