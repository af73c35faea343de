"""Reads a response stream as a strict client does: no provider speaks this dialect, so nothing else reads it back."""

import json
from typing import Any

from freehold.wire.events import (
    Event,
    Finish,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    ToolCallStart,
    Usage,
)

DELTAS = {
    "response.output_text.delta": "message",
    "response.reasoning_summary_text.delta": "reasoning",
    "response.function_call_arguments.delta": "function_call",
}


def read(data: bytes) -> list[Event]:
    """The events of a whole stream. Asserts numbers, order, and that deltas, done events and the end agree."""
    items: dict[int, dict[str, Any]] = {}
    pieces: dict[int, str] = {}
    done: dict[int, dict[str, Any]] = {}
    ended: dict[str, Any] | None = None
    number = 0
    for block in data.decode("utf-8").split("\n\n"):
        if not block or block.startswith(":"):
            continue
        name, _, body = block.partition("\ndata: ")
        event = json.loads(body)
        assert name == f"event: {event['type']}"
        assert event["sequence_number"] == number
        assert ended is None, "nothing comes after the end"
        number += 1
        kind, index = event["type"], event.get("output_index")
        if kind == "response.output_item.added":
            assert index == len(items)
            assert event["item"]["status"] == "in_progress"
            items[index], pieces[index] = event["item"], ""
        elif index is not None and index not in done and kind in DELTAS:
            assert items[index]["type"] == DELTAS[kind]
            assert event["item_id"] == items[index]["id"]
            pieces[index] += event["delta"]
        elif kind in ("response.output_text.done", "response.reasoning_summary_text.done"):
            assert event["text"] == pieces[index]
        elif kind == "response.function_call_arguments.done":
            assert event["arguments"] == pieces[index]
        elif kind == "response.output_item.done":
            assert index in items
            done[index] = event["item"]
        elif kind in ("response.completed", "response.incomplete"):
            ended = event["response"]
            assert kind == f"response.{ended['status']}"
    assert ended is not None
    assert ended["output"] == [done[index] for index in sorted(items)]
    return events_of(ended)


def events_of(response: dict[str, Any]) -> list[Event]:
    """The events of a whole response."""
    events: list[Event] = []
    calls = 0
    for item in response["output"]:
        match item["type"]:
            case "message":
                events += [TextDelta(part["text"]) for part in item["content"]]
            case "reasoning":
                events += [ReasoningDelta(part["text"]) for part in item["summary"]]
                if item["encrypted_content"]:
                    events.append(ReasoningDelta("", item["encrypted_content"]))
            case "function_call":
                events += [ToolCallStart(calls, item["call_id"], item["name"]), ToolCallDelta(calls, item["arguments"])]
                calls += 1
    if usage := response["usage"]:
        read_details, written_details = usage["input_tokens_details"], usage["output_tokens_details"]
        events.append(
            Usage(
                usage["input_tokens"],
                usage["output_tokens"],
                read_details["cached_tokens"],
                written_details["reasoning_tokens"],
                read_details["cache_write_tokens"],
            )
        )
    incomplete = (response["incomplete_details"] or {}).get("reason")
    if incomplete:
        return [*events, Finish("length" if incomplete == "max_output_tokens" else "content_filter")]
    return [*events, Finish("tool_calls" if calls else "stop")]
