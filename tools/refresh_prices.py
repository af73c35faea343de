"""Writes src/freehold/providers/catalogue/prices.json from the genai-prices package (MIT, Pydantic Services Inc.).

    uv run --no-project --with genai-prices python tools/refresh_prices.py

The package itself is not a dependency: its data costs 65 MB of memory once imported, ours under 2 MB. Kept of each
model: name, context, the standard prices in US dollars per million tokens, and how its id is recognised. Where
prices change with the time of day the highest is kept, where they grow with the prompt the lowest tier.
"""

import datetime
import importlib.metadata
import json
from pathlib import Path
from typing import Any

from genai_prices import data, types  # type: ignore[import-not-found]  # pyright: ignore[reportMissingImports]

TARGET = Path(__file__).parents[1] / "src/freehold/providers/catalogue/prices.json"

# Vendors of our catalogue, by the name the price list gives them; not those whose own model list carries prices.
VENDORS = set(
    """
    anthropic arcee avian azure baseten cerebras cloudflare cohere deepseek fireworks google groq
    huggingface_together meta minimax mistral moonshotai novita openai ovhcloud perplexity together
    voyageai x-ai zai zhipuai
    """.split()  # noqa: SIM905
)


NAMES = {
    "input": "input_mtok",
    "output": "output_mtok",
    "cached_input": "cache_read_mtok",
    "cache_write": "cache_write_mtok",
    "audio_input": "input_audio_mtok",
    "audio_output": "output_audio_mtok",
    "image_output": "output_image_mtok",
}
"""Our names of prices, and those of the list. What is written to a cache for an hour costs more and is left out."""


def clause(match: Any) -> Any:
    """A match rule as JSON: one key that names the test."""
    for kind, key, field in (
        (types.ClauseEquals, "equals", "equals"),
        (types.ClauseStartsWith, "starts_with", "starts_with"),
        (types.ClauseEndsWith, "ends_with", "ends_with"),
        (types.ClauseContains, "contains", "contains"),
        (types.ClauseRegex, "regex", "regex"),
    ):
        if isinstance(match, kind):
            return {key: getattr(match, field)}
    if isinstance(match, types.ClauseOr):
        return {"or": [clause(part) for part in match.or_]}
    if isinstance(match, types.ClauseAnd):
        return {"and": [clause(part) for part in match.and_]}
    raise TypeError(f"unknown match rule {match!r}")


def number(price: Any) -> float | None:
    """Dollars per million tokens of the lowest tier."""
    if price is None:
        return None
    return float(getattr(price, "base", price))


def prices(model: Any, today: datetime.date) -> dict[str, float]:
    """The prices in force today; of several times of day the dearest."""
    options = model.prices if isinstance(model.prices, list) else [None]
    candidates = []
    for option in options:
        if option is None:
            candidates = [model.prices]
        elif isinstance(option.constraint, types.StartDateConstraint):
            if option.constraint.start_date <= today:
                candidates = [option.prices]  # a later start replaces what was before
        else:
            candidates.append(option.prices)
    found = {}
    for ours, theirs in NAMES.items():
        values = [value for value in (number(getattr(one, theirs, None)) for one in candidates) if value is not None]
        if values:
            found[ours] = max(values)
    return found


def main() -> None:
    today = datetime.datetime.now(datetime.UTC).date()
    vendors: dict[str, list[dict[str, Any]]] = {}
    for provider in data.providers:
        if provider.id not in VENDORS:
            continue
        vendors[provider.id] = [
            {
                "id": model.id,
                **({"name": model.name} if model.name else {}),
                **({"context": model.context_window} if model.context_window else {}),
                **prices(model, today),
                "match": clause(model.match),
                **({"old": True} if model.deprecated else {}),
            }
            for model in provider.models
        ]
    result = {
        "source": "https://github.com/pydantic/genai-prices (MIT)",
        "version": importlib.metadata.version("genai-prices"),
        "date": today.isoformat(),
        "unit": "US dollars per million tokens",
        "vendors": vendors,
    }
    lines = json.dumps(result, ensure_ascii=False, separators=(",", ":")).replace('{"id":', '\n{"id":')
    TARGET.write_text(lines + "\n", encoding="utf-8")
    print(f"{TARGET}: {sum(map(len, vendors.values()))} models of {len(vendors)} vendors")


if __name__ == "__main__":
    main()
