"""Anthropic messages, as clients of /v1 speak them (https://docs.anthropic.com/en/api/messages)."""

from freehold.wire.anthropic_messages.encode import StreamEncoder, fold
from freehold.wire.anthropic_messages.errors import error_reply
from freehold.wire.anthropic_messages.parse import MessageOptions, count_reply, parse, parse_count
from freehold.wire.anthropic_messages.watch import AnthropicStreamWatch, usage_in

__all__ = [
    "AnthropicStreamWatch",
    "MessageOptions",
    "StreamEncoder",
    "count_reply",
    "error_reply",
    "fold",
    "parse",
    "parse_count",
    "usage_in",
]
