"""The objects of a response: the response itself and the items of its output."""

import base64
from typing import Any

from freehold.wire.dialect import AnswerHead
from freehold.wire.events import Finish, Usage
from freehold.wire.openai_responses.parse import ResponseOptions
from freehold.wire.request import Image, Part, Reasoning, Text, ToolCall

_PREFIXES: dict[type[Part], str] = {Text: "msg", Reasoning: "rs", ToolCall: "fc", Image: "ig"}


def item_id(head: AnswerHead, part: Part, index: int) -> str:
    """The id of the output item at `index`."""
    return f"{_PREFIXES[type(part)]}_{head.id}_{index}"


def item(head: AnswerHead, part: Part, index: int, *, status: str = "completed") -> dict[str, Any]:
    """One item of the output. A signature goes out as encrypted content, and so comes back."""
    started: dict[str, Any] = {"id": item_id(head, part, index), "status": status}
    match part:
        case Text(text=text):
            content = [] if status == "in_progress" else [output_text(text)]
            return {**started, "type": "message", "role": "assistant", "content": content}
        case Reasoning(text=text, signature=signature):
            summary = [summary_text(text)] if text else []
            return {**started, "type": "reasoning", "summary": summary, "encrypted_content": signature}
        case ToolCall(id=call_id, name=name, arguments=arguments):
            return {**started, "type": "function_call", "call_id": call_id, "name": name, "arguments": arguments}
        case Image(data=data):
            return {**started, "type": "image_generation_call", "result": base64.b64encode(data).decode()}
        case _:
            raise TypeError(f"a model does not make a {type(part).__name__}")


def output_text(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def summary_text(text: str) -> dict[str, Any]:
    return {"type": "summary_text", "text": text}


def usage_object(usage: Usage) -> dict[str, Any]:
    return {
        "input_tokens": usage.input_tokens,
        "input_tokens_details": {
            "cached_tokens": usage.cached_input_tokens,
            "cache_write_tokens": usage.cache_write_tokens,
        },
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.input_tokens + usage.output_tokens,
    }


def response(
    head: AnswerHead, options: ResponseOptions, status: str, output: list[dict[str, Any]], **more: Any
) -> dict[str, Any]:
    """The response object."""
    return {
        "id": f"resp_{head.id}",
        "object": "response",
        "created_at": head.created,
        "status": status,
        "background": False,
        "error": None,
        "incomplete_details": None,
        **options.echo,
        "model": head.model,
        "output": output,
        "previous_response_id": None,
        "store": False,
        "usage": None,
        **more,
    }


def ended(
    head: AnswerHead,
    options: ResponseOptions,
    output: list[dict[str, Any]],
    finish: Finish,
    usage: Usage | None,
) -> dict[str, Any]:
    """The response object of an answer that came to its end."""
    counts = usage_object(usage) if usage else None
    reason = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(finish.reason)
    if reason is None:
        return response(head, options, "completed", output, usage=counts)
    return response(head, options, "incomplete", output, usage=counts, incomplete_details={"reason": reason})
