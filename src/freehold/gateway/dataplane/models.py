"""The list of models as programs read it, in OpenAI's shape or, for clients that say so, in Anthropic's."""

from datetime import UTC, datetime
from typing import Any

import orjson

from freehold.errors import ModelNotFound
from freehold.gateway.dataplane.dialects import ANTHROPIC
from freehold.gateway.dataplane.plane import Call
from freehold.providers.schemas import ModelInfo

_EPOCH = 0  # providers do not say when a model was made; OpenAI's field must be a number


async def list_models(call: Call) -> None:
    """Every model and alias that the key may use."""
    found = await allowed_models(call)
    shown = [_shown(call, info) for info in found]
    if call.dialect is ANTHROPIC:
        ends = {"first_id": shown[0]["id"] if shown else None, "last_id": shown[-1]["id"] if shown else None}
        body: dict[str, Any] = {"data": shown, "has_more": False, **ends}
    else:
        body = {"object": "list", "data": shown}
    await call.exchange.answer(200, orjson.dumps(body))


async def get_model(call: Call) -> None:
    """One of them, by the rest of the path. Raises ModelNotFound."""
    wanted = call.exchange.path.removeprefix("/v1/models/")
    for info in await allowed_models(call):
        if wanted in (info.ref, info.id):
            await call.exchange.answer(200, orjson.dumps(_shown(call, info)))
            return
    raise ModelNotFound(f"There is no model {wanted!r}, or this key may not use it.", provider="", provider_id="")


async def allowed_models(call: Call) -> list[ModelInfo]:
    """The models and aliases that the key may use."""
    models = await call.services.gateway.models_for(call.subject)
    return [info for info in models.items if call.allowed(info.ref)]


def _shown(call: Call, info: ModelInfo) -> dict[str, Any]:
    if call.dialect is ANTHROPIC:
        made = datetime.fromtimestamp(_EPOCH, UTC).isoformat().replace("+00:00", "Z")
        return {"type": "model", "id": info.ref, "display_name": info.name, "created_at": made}
    return {"id": info.ref, "object": "model", "created": _EPOCH, "owned_by": info.provider_id}
