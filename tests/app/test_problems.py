"""Every failure becomes a problem with a stable code; a fault of ours tells nothing but its id."""

import logging
from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx2
import pytest
from fastapi import Body, FastAPI
from pydantic import BaseModel

from freehold import problems
from freehold.edge import Edge
from freehold.errors import NotFound, ProviderRateLimited
from freehold.settings import Settings

FAULT = "sensitive detail of a bug"


class Inner(BaseModel):
    text: str


class Outer(BaseModel):
    parts: list[Inner]


def failing_app() -> FastAPI:
    app = FastAPI()
    problems.install(app)
    app.add_middleware(Edge, settings=Settings())

    @app.get("/known")
    async def known() -> None:
        raise NotFound

    @app.get("/limited")
    async def limited() -> None:
        raise ProviderRateLimited("Slow down.", provider="P", provider_id="p", retry_after_s=7)

    @app.get("/bug")
    async def bug() -> None:
        raise ValueError(FAULT)

    @app.get("/full")
    async def full() -> None:
        raise OSError(28, "No space left on device")

    @app.get("/missing-file")
    async def missing_file() -> None:
        raise FileNotFoundError(2, FAULT)

    @app.post("/body")
    async def body(body: Annotated[Outer, Body()]) -> None:
        del body

    return app


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(failing_app(), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


async def problem(client: httpx2.AsyncClient, path: str) -> dict[str, Any]:
    reply = await client.get(path)
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["cache-control"] == "no-store"
    body = reply.json()
    assert body["status"] == reply.status_code
    assert body["title"] == body["message"]
    assert body["request_id"] == reply.headers["x-request-id"]
    return body


async def test_a_known_error_has_all_members(client: httpx2.AsyncClient) -> None:
    body = await problem(client, "/known")
    assert (body["status"], body["code"], body["type"], body["retryable"]) == (404, "not_found", "about:blank", False)
    assert body["next_step"]


async def test_a_wait_is_also_a_header(client: httpx2.AsyncClient) -> None:
    reply = await client.get("/limited")
    assert (reply.status_code, reply.headers["retry-after"]) == (429, "7")
    assert reply.json()["params"] == {"provider": "P", "provider_id": "p", "retry_after_s": 7}


@pytest.mark.parametrize("path", ["/bug", "/missing-file"])
async def test_a_bug_tells_only_its_id_and_is_logged(
    client: httpx2.AsyncClient, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        reply = await client.get(path)
    assert reply.status_code == 500
    assert reply.json()["code"] == "internal_error"
    assert FAULT not in reply.text
    assert any(record.exc_info and FAULT in str(record.exc_info[1]) for record in caplog.records)
    assert "content-security-policy" in reply.headers


async def test_a_full_disk_is_named_wherever_it_strikes(client: httpx2.AsyncClient) -> None:
    assert (await problem(client, "/full"))["code"] == "disk_full"


async def test_a_wrong_field_is_named_by_its_path(client: httpx2.AsyncClient) -> None:
    reply = await client.post("/body", json={"parts": [{"text": "a"}, {"text": 5}]})
    assert reply.status_code == 422
    assert reply.json()["code"] == "invalid_request"
    assert [field["path"] for field in reply.json()["fields"]] == ["parts.1.text"]


async def test_broken_json_is_an_invalid_request(client: httpx2.AsyncClient) -> None:
    reply = await client.post("/body", content=b"{", headers={"Content-Type": "application/json"})
    assert (reply.status_code, reply.json()["code"]) == (422, "invalid_request")
