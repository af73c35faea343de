"""Folds the events of a generation into the parts of its message: the one meaning of the log, pure and repeatable.

`fold(fold(parts, a), b) == fold(parts, a + b)` for any split of the events, so a client, a reload and the database that
read the log in different pieces all hold the same message. Parts and events are the JSON forms of `chat.schemas`.
"""

from collections.abc import Iterable
from typing import Any

Json = dict[str, Any]


def fold(parts: Iterable[Json], events: Iterable[Json]) -> list[Json]:
    """The parts after the events; the given parts are not changed.

    Text runs on in an open text part, reasoning in an open reasoning part; reasoning that has its seconds or its
    signature is closed. Events that are not content leave the parts as they are.
    """
    folded = [dict(part) for part in parts]
    texts: list[str] = []  # the deltas of the last part, joined once

    def close() -> None:
        if texts:
            folded[-1]["text"] += "".join(texts)
            texts.clear()

    for event in events:
        kind = event["type"]
        if kind == "text":
            if not event["delta"]:
                continue
            if not folded or folded[-1]["type"] != "text":
                close()
                folded.append({"type": "text", "text": ""})
            texts.append(event["delta"])
        elif kind == "reasoning":
            if not event["delta"] and not _closes(event):
                continue
            if not _is_open_reasoning(folded):
                close()
                folded.append({"type": "reasoning", "text": "", "seconds": None, "signature": None})
            texts.append(event["delta"])
            _close_reasoning(folded[-1], event)
        elif kind == "image":
            close()
            folded.append(dict(event["part"]))
    close()
    return folded


def last_run(events: Iterable[Json]) -> Json | None:
    """The run as the log said it last, or None."""
    run = None
    for event in events:
        if event["type"] == "run":
            run = event["run"]
    return run


def merge(last: Json, event: Json) -> bool:
    """Add `event` to `last`, an event that nobody has seen yet, when both are deltas of one kind; whether it did."""
    kind = event["type"]
    if kind != last["type"] or kind not in {"text", "reasoning"}:
        return False
    if kind == "reasoning":
        if _closes(last):
            return False
        last.update({key: event[key] for key in ("seconds", "signature") if event.get(key) is not None})
    last["delta"] += event["delta"]
    return True


def _is_open_reasoning(parts: list[Json]) -> bool:
    if not parts or parts[-1]["type"] != "reasoning":
        return False
    return not _closes(parts[-1])


def _closes(block: Json) -> bool:
    return block.get("seconds") is not None or block.get("signature") is not None


def _close_reasoning(part: Json, event: Json) -> None:
    for key in ("seconds", "signature"):
        if event.get(key) is not None:
            part[key] = event[key]
