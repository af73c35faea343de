"""Writes web/openapi.json, the contract that the app's types are generated from. Run with the project's Python."""

import json
import tempfile
from pathlib import Path
from typing import Any

from freehold.app import create_app
from freehold.chat.schemas import LiveEvent
from freehold.settings import load_settings


def contract() -> dict[str, Any]:
    """The OpenAPI document, with the frames of the WebSocket, which OpenAPI has no place for."""
    with tempfile.TemporaryDirectory() as data_dir:
        document = create_app(load_settings({"data_dir": data_dir})).openapi()
    live = LiveEvent.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
    schemas = document["components"]["schemas"]
    for name, schema in live.pop("$defs", {}).items():
        schemas.setdefault(name, schema)
    schemas["LiveEvent"] = live
    return document


if __name__ == "__main__":
    target = Path(__file__).parent.parent / "openapi.json"
    target.write_text(json.dumps(contract(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
