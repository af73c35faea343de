"""The search by HTTP: its contract, and how it refuses."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest

from freehold.chat.search.schemas import SearchPage
from tests.services.freehold_server import FreeholdServer, serving

QUESTION = "Wie heißt die 红熊猫 (<b>red</b> panda)?"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FreeholdServer]:
    with serving(Path(tmp_path_factory.mktemp("search")) / "data") as server:
        yield server


@pytest.fixture(scope="module")
def client(server: FreeholdServer) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=server.url, headers={"Origin": server.url}, timeout=20) as client:
        thread = client.post("/api/threads", json={"title": "Pandas"}).json()["id"]
        turn = {
            "kind": "send",
            "parent_id": None,
            "parts": [{"type": "text", "text": QUESTION}],
            "model": "echo/echo",
        }
        client.post(f"/api/threads/{thread}/turns", json=turn).read()
        yield client


def search(client: httpx2.Client, **params: Any) -> httpx2.Response:
    return client.get(f"/api/search?{urlencode(params)}")


def test_a_page_is_what_the_contract_says(client: httpx2.Client) -> None:
    answer = search(client, q="熊猫", role="user")
    assert answer.status_code == 200
    (group,) = SearchPage.model_validate(answer.json()).items
    (hit,) = group.hits
    assert hit.snippet.text == QUESTION, "as it was written, without markup of ours"
    assert [hit.snippet.text[start:end] for start, end in hit.snippet.ranges] == ["熊猫"]
    assert group.title.text == "Pandas"


@pytest.mark.parametrize(
    "params",
    [{"q": ""}, {"q": "a" * 201}, {"q": "?!"}, {"q": "a", "from": "yesterday"}, {"q": "a", "from": "2024-01-01T00:00"},
     {"q": "a", "role": "system"}, {"q": "a", "limit": 51}, {"q": "a", "cursor": "x"}, {"q": "a\0b"}, {}],
)  # fmt: skip
def test_a_bad_query_is_refused_in_words(client: httpx2.Client, params: dict[str, Any]) -> None:
    answer = search(client, **params)
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid_request"


def test_dates_at_the_ends_of_the_calendar_are_dates(client: httpx2.Client) -> None:
    ends = {"from": "0001-01-01T00:00:00Z", "to": "9999-12-31T23:59:59Z"}
    assert len(search(client, q="panda", **ends).json()["items"]) == 1
    assert search(client, q="panda", to="0001-01-02T00:00:00+14:00").json()["items"] == []
