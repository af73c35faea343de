"""Lists of models as the vendors of the OpenAI dialect send them -> model cards."""

from typing import Any

from freehold.providers.base import Ability, ModelCard, Prices

_CONTEXT_FIELDS = (
    "context_length",  # OpenRouter, Together, Fireworks, Moonshot, Cerebras
    "max_model_len",  # vLLM, SGLang
    "context_window",  # Groq, Vercel
    "max_context_length",  # Mistral, LM Studio
    "context_size",  # Novita, PPIO
    "n_ctx",  # llama.cpp, inside meta
)
_OUTPUT_FIELDS = ("max_completion_tokens", "max_output_tokens", "max_tokens", "max_output_length")


def cards(data: Any) -> list[ModelCard]:
    """One card per model; what the vendor does not say stays unknown. Raises ValueError for another shape."""
    entries = data.get("data", data.get("models")) if isinstance(data, dict) else data
    if entries is None and isinstance(data, dict):
        raise ValueError("no list of models")
    if not isinstance(entries, list):
        raise ValueError("no list of models")
    found = [_card(entry) for entry in entries]
    return [card for card in found if card is not None]


def _card(entry: Any) -> ModelCard | None:
    if isinstance(entry, str):
        return ModelCard(entry)
    if not isinstance(entry, dict):
        return None
    model_id = entry.get("id") or entry.get("name") or entry.get("model")
    if not isinstance(model_id, str) or not model_id:
        return None
    name = entry.get("display_name") or entry.get("name")
    top = entry.get("top_provider") if isinstance(entry.get("top_provider"), dict) else {}
    meta = entry.get("meta") if isinstance(entry.get("meta"), dict) else {}
    limits = entry.get("limits") if isinstance(entry.get("limits"), dict) else {}  # GitHub Models
    return ModelCard(
        id=model_id.removeprefix("models/"),
        name=name if isinstance(name, str) and name != model_id else None,
        kind=_kind(entry),
        context_tokens=_first_int(entry, _CONTEXT_FIELDS)
        or _first_int(top, _CONTEXT_FIELDS)
        or _first_int(meta, ("n_ctx", "n_ctx_train"))
        or _first_int(limits, ("max_input_tokens",)),
        max_output_tokens=_first_int(entry, _OUTPUT_FIELDS[:2])
        or _first_int(top, _OUTPUT_FIELDS)
        or _first_int(limits, ("max_output_tokens",)),
        abilities=_abilities(entry),
        prices=_prices(entry),
        size_bytes=_first_int(meta, ("size",)),
        description=_text(entry.get("description")),
    )


def _first_int(entry: dict[str, Any] | None, names: tuple[str, ...]) -> int | None:
    for name in names:
        value = (entry or {}).get(name)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
    return None


def _text(value: Any) -> str | None:
    return value.strip()[:600] or None if isinstance(value, str) else None


def _kind(entry: dict[str, Any]) -> Any:
    """From `type` (Together, LM Studio) or output modalities (OpenRouter); the catalogue's rules know more by name."""
    kind = str(entry.get("type") or "")
    if kind in ("embedding", "embeddings"):
        return "embedding"
    if kind in ("image", "audio"):
        return kind
    if kind in ("moderation", "rerank", "reranker", "transcribe", "video"):
        return "other"
    outputs = _modalities(entry)[1]
    if outputs and "text" not in outputs:
        if "embeddings" in outputs:
            return "embedding"
        return "image" if "image" in outputs else "other"
    return "chat"


def _modalities(entry: dict[str, Any]) -> tuple[list[str], list[str]]:
    nested = entry.get("architecture") if isinstance(entry.get("architecture"), dict) else {}
    found: list[list[str]] = []
    for field, github in (
        ("input_modalities", "supported_input_modalities"),
        ("output_modalities", "supported_output_modalities"),
    ):
        value = (nested or {}).get(field) or entry.get(field) or entry.get(github)
        found.append([str(item) for item in value] if isinstance(value, list) else [])
    return found[0], found[1]


def _abilities(entry: dict[str, Any]) -> frozenset[Ability]:
    """What the vendor itself says: OpenRouter, Mistral, Novita, SiliconFlow-like flags, GitHub."""
    found: set[Ability] = set()
    inputs, outputs = _modalities(entry)
    if "image" in inputs:
        found.add("vision")
    if "audio" in inputs:
        found.add("audio")
    if "image" in outputs and "text" in outputs:
        found.add("image_output")
    words = {str(word) for field in ("supported_parameters", "features", "tags") for word in _list(entry.get(field))}
    capabilities = entry.get("capabilities")
    if isinstance(capabilities, dict):
        words |= {name for name, value in capabilities.items() if value is True}
    words |= {str(word) for word in _list(capabilities)}
    words |= {name for name in ("supports_image_in", "supports_reasoning", "supports_tools") if entry.get(name) is True}
    for ability, names in _WORDS.items():
        if words & names:
            found.add(ability)
    return frozenset(found)


_WORDS: dict[Ability, set[str]] = {
    "tools": {
        "tools",
        "tool_call",
        "tool-calling",
        "function_calling",
        "function-calling",
        "supports_tools",
        "tool-use",
    },
    "reasoning": {"reasoning", "include_reasoning", "supports_reasoning", "thinking"},
    "json_schema": {"structured_outputs", "structured-outputs"},
    "vision": {"vision", "supports_image_in"},
}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _prices(entry: dict[str, Any]) -> Prices:
    """OpenRouter, Vercel and Requesty give dollars per token as text; other shapes stay unknown."""
    pricing = entry.get("pricing")
    if not isinstance(pricing, dict):
        return Prices()
    return Prices(
        input=_per_million(pricing.get("prompt", pricing.get("input"))),
        output=_per_million(pricing.get("completion", pricing.get("output"))),
        cached_input=_per_million(pricing.get("input_cache_read")),
        cache_write=_per_million(pricing.get("input_cache_write")),
    )


def _per_million(value: Any) -> float | None:
    if not isinstance(value, str):  # numbers: Together's are per million already, others per token; text is per token
        return None
    try:
        price = float(value)
    except ValueError:
        return None
    return round(price * 1_000_000, 6) if price >= 0 else None
