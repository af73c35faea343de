"""Ollama's generate, as clients of /ollama/api/generate speak it: a chat of one turn, answered in `response`."""

from freehold.wire.ollama_chat.encode import StreamEncoder, error_reply, fold, loaded
from freehold.wire.ollama_chat.parse import OllamaOptions
from freehold.wire.ollama_generate.parse import parse

__all__ = ["OllamaOptions", "StreamEncoder", "error_reply", "fold", "loaded", "parse"]
