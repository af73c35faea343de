"""OpenAI responses, as clients of /v1 speak them (https://platform.openai.com/docs/api-reference/responses).

Freehold keeps no responses: `store` is ignored (and answered with false), and what builds on stored ones is refused.
"""

from freehold.wire.openai_chat.errors import error_reply
from freehold.wire.openai_responses.encode import StreamEncoder, fold
from freehold.wire.openai_responses.parse import ResponseOptions, parse

__all__ = ["ResponseOptions", "StreamEncoder", "error_reply", "fold", "parse"]
