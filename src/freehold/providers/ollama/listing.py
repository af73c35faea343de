"""Model cards from what /api/tags and /api/show say; pure functions."""

import re
from typing import Any

from freehold.providers.base import Ability, ModelCard

_ABILITIES: dict[str, Ability] = {
    "vision": "vision",
    "tools": "tools",
    "thinking": "reasoning",
    "audio": "audio",
    "embedding": "embeddings",
}
_NUM_CTX = re.compile(r"^num_ctx\s+(\d+)", re.MULTILINE)


def is_remote(entry: dict[str, Any]) -> bool:
    """Whether Ollama passes the model's requests on to its own cloud."""
    return bool(entry.get("remote_host") or entry.get("remote_model"))


def card(entry: dict[str, Any], shown: dict[str, Any] | None, num_ctx: int | None) -> ModelCard:
    """One model of /api/tags; `shown` is its reply of /api/show, `num_ctx` the context the options set."""
    name = str(entry.get("model") or entry["name"])
    details = entry.get("details") or {}
    capabilities = (shown or {}).get("capabilities") or entry.get("capabilities") or []
    abilities: set[Ability] = {_ABILITIES[word] for word in capabilities if word in _ABILITIES}
    chat = not capabilities or "completion" in capabilities
    if chat and capabilities:
        abilities.add("json_schema")
    about = [str(details[key]) for key in ("parameter_size", "quantization_level") if details.get(key)]
    return ModelCard(
        id=name,
        name=name.removesuffix(":latest"),
        kind="chat" if chat else "embedding" if "embedding" in capabilities else "other",
        context_tokens=context_tokens(shown or {}, num_ctx),
        abilities=frozenset(abilities),
        size_bytes=entry.get("size") or None,
        description=" ".join(about) or None,
    )


def context_tokens(shown: dict[str, Any], num_ctx: int | None) -> int | None:
    """What the model can read: its own limit, unless the options or its Modelfile set a smaller one."""
    info = shown.get("model_info") or {}
    trained = info.get(f"{info.get('general.architecture')}.context_length")
    written = _NUM_CTX.search(str(shown.get("parameters") or ""))
    wanted = num_ctx or (int(written[1]) if written else None)
    if not isinstance(trained, int):
        return wanted
    return min(trained, wanted) if wanted else trained


def takes_levels(shown: dict[str, Any]) -> bool:
    """gpt-oss takes low, medium and high for `think`, and ignores true and false."""
    family = (shown.get("details") or {}).get("family") or (shown.get("model_info") or {}).get("general.architecture")
    return str(family or "").replace("-", "") == "gptoss"
