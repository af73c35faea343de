"""The data plane: /v1 and /ollama as raw ASGI, ahead of the web framework's layers."""
