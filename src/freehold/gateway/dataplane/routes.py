"""Which endpoint answers which path of the data plane."""

from functools import partial

from freehold.gateway.dataplane import ollama
from freehold.gateway.dataplane.asking import ask, forget
from freehold.gateway.dataplane.forwarding import count, embed, forward
from freehold.gateway.dataplane.models import get_model, list_models
from freehold.gateway.dataplane.plane import Endpoint
from freehold.gateway.dataplane.uploads import upload

ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    ("POST", "/v1/chat/completions"): Endpoint("/v1/chat/completions", "chat", ask),
    ("POST", "/v1/messages"): Endpoint("/v1/messages", "chat", ask),
    ("POST", "/v1/responses"): Endpoint("/v1/responses", "chat", ask),
    ("POST", "/v1/messages/count_tokens"): Endpoint("/v1/messages/count_tokens", "chat", count),
    ("GET", "/v1/models"): Endpoint("/v1/models", "models", list_models),
    ("POST", "/v1/embeddings"): Endpoint("/v1/embeddings", "embeddings", partial(forward, kind="openai_embeddings")),
    ("POST", "/v1/images/generations"): Endpoint(
        "/v1/images/generations", "images", partial(forward, kind="openai_images")
    ),
    ("POST", "/v1/images/edits"): Endpoint("/v1/images/edits", "images", partial(upload, kind="openai_image_edits")),
    ("POST", "/v1/audio/transcriptions"): Endpoint(
        "/v1/audio/transcriptions", "audio", partial(upload, kind="openai_transcriptions")
    ),
    ("POST", "/v1/audio/translations"): Endpoint(
        "/v1/audio/translations", "audio", partial(upload, kind="openai_translations")
    ),
    ("POST", "/v1/audio/speech"): Endpoint("/v1/audio/speech", "audio", partial(forward, kind="openai_speech")),
    ("POST", "/ollama/api/chat"): Endpoint("/ollama/api/chat", "chat", ask),
    ("POST", "/ollama/api/generate"): Endpoint("/ollama/api/generate", "chat", ask),
    ("POST", "/ollama/api/embed"): Endpoint("/ollama/api/embed", "embeddings", embed),
    ("GET", "/ollama/api/tags"): Endpoint("/ollama/api/tags", "models", ollama.tags),
    ("POST", "/ollama/api/show"): Endpoint("/ollama/api/show", "models", ollama.show),
    ("GET", "/ollama/api/version"): Endpoint("/ollama/api/version", "models", ollama.version),
}

BELOW: dict[tuple[str, str], Endpoint] = {
    ("GET", "/v1/models/"): Endpoint("/v1/models/{model}", "models", get_model),
    ("DELETE", "/v1/cache/"): Endpoint("/v1/cache/{key}", "chat", forget),
}
"""Endpoints that take the rest of the path as the name of something."""
