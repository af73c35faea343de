"""The page of metrics says what the metrics say, and an answer moves them."""

import json
import urllib.request
from pathlib import Path

from freehold.observability.reference import metrics_page
from tests.services.freehold_server import serving


def test_the_metrics_page_is_current() -> None:
    written = (Path(__file__).parents[2] / "docs/reference/metrics.md").read_text(encoding="utf-8")
    assert written == metrics_page(), "run: .venv/bin/python -m freehold.observability.reference"


def test_an_answer_is_counted(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:

        def call(path: str, body: object = None) -> str:
            data = None if body is None else json.dumps(body).encode()
            headers = {"Origin": server.url, "Content-Type": "application/json"}
            with urllib.request.urlopen(urllib.request.Request(server.url + path, data, headers), timeout=20) as answer:
                return answer.read().decode()

        thread = json.loads(call("/api/threads", {}))["id"]
        parts = [{"type": "text", "text": "three words here"}]
        call(f"/api/threads/{thread}/turns", {"kind": "send", "parent_id": None, "parts": parts, "model": "echo/echo"})
        said = call("/metrics")
    assert 'freehold_generations_total{provider="echo",status="complete"} 1.0' in said
    assert "freehold_generations_running 0.0" in said
    assert 'freehold_upstream_requests_total{outcome="ok",provider="echo"} 1.0' in said
    assert 'freehold_tokens_total{kind="output",provider="echo"} 3.0' in said
