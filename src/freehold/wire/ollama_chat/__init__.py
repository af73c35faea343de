"""Ollama's chat, as clients of /ollama/api/chat speak it (https://github.com/ollama/ollama/blob/main/docs/api.md)."""

from freehold.wire.ollama_chat.encode import StreamEncoder, error_reply, fold, loaded
from freehold.wire.ollama_chat.parse import OllamaOptions, parse

__all__ = ["OllamaOptions", "StreamEncoder", "error_reply", "fold", "loaded", "parse"]
