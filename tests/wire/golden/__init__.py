"""Golden files: one conversation and one answer, through every pair of a client's dialect and a provider's.

`requests/<client>.json` is what a client sends, `requests/<client>-to-<provider>.json` what a provider gets.
`streams/<provider>.txt` is what a provider answers, `streams/<provider>-to-<client>.txt` what a client gets, and
`streams/<provider>-to-<client>.json` the same without streaming.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.wire.dialects import CLIENTS, PROVIDERS

FOLDER = Path(__file__).parent


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def made() -> dict[Path, bytes]:
    """Every expected file and its content as the code makes it now."""
    found: dict[Path, bytes] = {}
    for client_name, client in CLIENTS.items():
        body = json.loads((FOLDER / "requests" / f"{client_name}.json").read_bytes())
        for provider_name, provider in PROVIDERS.items():
            request = replace(client.module.parse(body).request, model=provider.model)
            place = FOLDER / "requests" / f"{client_name}-to-{provider_name}.json"
            found[place] = _json(provider.encode(request))
            answered = (FOLDER / "streams" / f"{provider_name}.txt").read_bytes()
            stem = f"{provider_name}-to-{client_name}"
            found[FOLDER / "streams" / f"{stem}.txt"] = client.stream(provider.read(answered))
            found[FOLDER / "streams" / f"{stem}.json"] = _json(client.fold(provider.read(answered)))
    return found
