"""What Ollama's clients ask besides an answer: which models there are, what one is, embeddings, the version."""

from datetime import UTC, datetime
from typing import Any

import orjson

from freehold.errors import ModelNotFound
from freehold.gateway.dataplane.models import allowed_models
from freehold.gateway.dataplane.plane import Call
from freehold.providers.schemas import ModelInfo
from freehold.wire.fields import model_of

SPOKEN = "0.12.0"
"""The version of Ollama's API that this speaks; clients ask it before they use what is newer."""

_ABILITIES = {"vision": "vision", "tools": "tools", "reasoning": "thinking"}
_LONG_AGO = datetime.fromtimestamp(0, UTC).isoformat().replace("+00:00", "Z")


async def version(call: Call) -> None:
    """The version of the API."""
    await call.exchange.answer(200, orjson.dumps({"version": SPOKEN}))


async def tags(call: Call) -> None:
    """Every model and alias that the key may use."""
    models = [_listed(info) for info in await allowed_models(call)]
    await call.exchange.answer(200, orjson.dumps({"models": models}))


async def show(call: Call) -> None:
    """What one of them is. Raises ModelNotFound."""
    body = await call.exchange.read_object(call.services.settings.limits.api_bytes)
    wanted = model_of({"model": body.get("model") or body.get("name")})
    for info in await allowed_models(call):
        if wanted in (info.ref, info.id):
            await call.exchange.answer(200, orjson.dumps(_shown(info)))
            return
    raise ModelNotFound(f"There is no model {wanted!r}, or this key may not use it.", provider="", provider_id="")


def _listed(info: ModelInfo) -> dict[str, Any]:
    named = {"name": info.ref, "model": info.ref, "modified_at": _LONG_AGO}
    return {**named, "size": info.size_bytes or 0, "digest": "", "details": _details(info)}


def _details(info: ModelInfo) -> dict[str, Any]:
    return {"format": "", "family": info.provider_id, "families": None, "parameter_size": "", "quantization_level": ""}


def _shown(info: ModelInfo) -> dict[str, Any]:
    known: dict[str, Any] = {"general.architecture": info.provider_id, "general.basename": info.id}
    if info.context_tokens:
        known[f"{info.provider_id}.context_length"] = info.context_tokens
    abilities = [_ABILITIES[ability] for ability in info.abilities if ability in _ABILITIES]
    kind = "embedding" if info.kind == "embedding" else "completion"
    return {
        "modelfile": "",
        "parameters": "",
        "template": "",
        "details": _details(info),
        "model_info": known,
        "capabilities": [kind, *abilities],
        "modified_at": _LONG_AGO,
    }
