"""Ollama over its native API: chat, lists, downloads."""
