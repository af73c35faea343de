"""OpenAI chat completions, as clients of /v1 speak them (https://platform.openai.com/docs/api-reference/chat)."""

from freehold.wire.openai_chat.encode import StreamEncoder, fold
from freehold.wire.openai_chat.errors import error_reply
from freehold.wire.openai_chat.parse import ChatOptions, parse
from freehold.wire.openai_chat.watch import OpenAIStreamWatch, usage_in

__all__ = ["ChatOptions", "OpenAIStreamWatch", "StreamEncoder", "error_reply", "fold", "parse", "usage_in"]
