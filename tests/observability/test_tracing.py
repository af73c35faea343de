"""Spans as a collector gets them by OTLP/HTTP: one for a request, one for each attempt, nothing of what was said."""

import asyncio
import gzip
import json
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import aiohttp
import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanMessage
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import API_KEY, Counts, FakeUpstream, Script
from tests.services.freehold_server import FreeholdServer

KEY = "fh_traces001_" + "t" * 43
SECRET = "the colour of the owl is a secret"
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@dataclass
class Span:
    """One that came, with its attributes as plain values."""

    message: SpanMessage
    attributes: dict[str, Any]

    @property
    def id(self) -> str:
        return self.message.span_id.hex()

    @property
    def parent(self) -> str:
        return self.message.parent_span_id.hex()


@dataclass
class Collector:
    """An OTLP/HTTP receiver: POST /v1/traces with protobuf."""

    url: str = ""
    spans: list[Span] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    resource: dict[str, Any] = field(default_factory=dict)

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes([web.post("/v1/traces", self._take)])
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = "http://{}:{}".format(*self._runner.addresses[0][:2])
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        assert request.content_type == "application/x-protobuf"
        body = await request.read()
        body = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
        self.bodies.append(body)
        for part in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.resource = _plain(part.resource.attributes)
            self.spans += [Span(one, _plain(one.attributes)) for scope in part.scope_spans for one in scope.spans]
        answer = ExportTraceServiceResponse().SerializeToString()
        return web.Response(body=answer, content_type="application/x-protobuf")

    async def wait(self, number: int) -> list[Span]:
        """So many spans, in the order in which they began."""
        until = time.monotonic() + 15
        while len(self.spans) < number and time.monotonic() < until:
            await asyncio.sleep(0.05)
        assert len(self.spans) == number
        return sorted(self.spans, key=lambda span: (span.message.start_time_unix_nano, span.message.kind))


def _plain(attributes: Any) -> dict[str, Any]:
    def value(held: Any) -> Any:
        if held.WhichOneof("value") == "array_value":
            return [value(one) for one in held.array_value.values]
        return getattr(held, held.WhichOneof("value"))

    return {one.key: value(one.value) for one in attributes}


@dataclass
class World:
    collector: Collector
    vendor: FakeUpstream
    house: FakeUpstream
    server: FreeholdServer
    session: aiohttp.ClientSession

    async def chat(self, model: str, *, stream: bool = True, **headers: str) -> int:
        body = {"model": model, "stream": stream, "messages": [{"role": "user", "content": SECRET}]}
        url = f"{self.server.url}/v1/chat/completions"
        async with self.session.post(url, json=body, headers={"Authorization": f"Bearer {KEY}", **headers}) as answer:
            await answer.read()
            return answer.status


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    place: Path = tmp_path_factory.mktemp("traces")
    async with (
        Collector() as collector,
        FakeUpstream(OpenAIDialect()) as vendor,
        FakeUpstream(OpenAIDialect()) as house,
    ):
        shared = {"api_key": API_KEY, "models": ["large"]}
        providers = [
            {"id": "acme", "kind": "openai", "base_url": vendor.url, **shared},
            {"id": "home", "kind": "vllm", "base_url": house.url, "self_hosted": True, **shared},
        ]
        models = {
            "smart": {"targets": [{"provider": "acme", "model": "large"}], "fallback": ["home/large"], "retries": 0}
        }
        keys = [{"name": "traces", "key": KEY, "scopes": ["chat", "embeddings"]}]
        config = place / "freehold.yaml"
        config.write_text(json.dumps({"providers": providers, "models": models, "keys": keys}))
        environment = {
            "FREEHOLD_CONFIG": str(config),
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_BSP_SCHEDULE_DELAY": "100",
            "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=tests",
        }
        server = FreeholdServer(place / "data", environment)
        server.data_dir.mkdir()
        await asyncio.to_thread(server.start)
        async with aiohttp.ClientSession() as session:
            yield World(collector, vendor, house, server, session)
        await asyncio.to_thread(server.stop)


@pytest.fixture
def world(running: World) -> World:
    running.vendor.script = running.house.script = Script(usage=Counts(11, 7, 4, 2))
    for kept in (running.collector.spans, running.collector.bodies, running.vendor.requests, running.house.requests):
        kept.clear()
    return running


async def test_a_fallback_is_a_request_with_two_attempts_in_the_callers_trace(world: World) -> None:
    world.vendor.script = Script(error="overloaded")
    assert await world.chat("smart", traceparent=f"00-{TRACE}-{PARENT}-01") == 200
    request, first, second = await world.collector.wait(3)
    assert {span.message.trace_id.hex() for span in (request, first, second)} == {TRACE}
    assert (request.parent, first.parent, second.parent) == (PARENT, request.id, request.id)
    kinds = [span.message.kind for span in (request, first, second)]
    assert kinds == [SpanMessage.SPAN_KIND_SERVER, SpanMessage.SPAN_KIND_CLIENT, SpanMessage.SPAN_KIND_CLIENT]
    assert [span.message.name for span in (request, first, second)] == ["chat smart", "chat large", "chat large"]
    assert request.attributes["gen_ai.request.model"] == "smart"
    assert request.attributes["gen_ai.response.model"] == "large"
    assert request.attributes["freehold.attempts"] == 2
    assert "gen_ai.usage.input_tokens" not in request.attributes, "added up with the attempts' it would count twice"
    assert request.message.status.code == Status.STATUS_CODE_UNSET
    assert first.attributes["gen_ai.provider.name"] == "openai"
    assert first.attributes["error.type"] == "provider_overloaded"
    assert first.message.status.code == Status.STATUS_CODE_ERROR
    assert (first.attributes["server.address"], first.attributes["server.port"]) == ("127.0.0.1", world.vendor.port)
    assert second.attributes["gen_ai.provider.name"] == "vllm"
    assert second.attributes["freehold.attempt"] == "fallback: overloaded"
    assert second.attributes["gen_ai.response.finish_reasons"] == ["stop"]
    names = ("input_tokens", "output_tokens", "cache_read.input_tokens", "reasoning.output_tokens")
    assert [second.attributes[f"gen_ai.usage.{name}"] for name in names] == [11, 7, 4, 2]
    assert request.message.end_time_unix_nano >= second.message.end_time_unix_nano > first.message.end_time_unix_nano
    assert world.collector.resource["service.name"] == "freehold"
    assert world.collector.resource["deployment.environment.name"] == "tests"
    # the trace goes on at the server in the house, and ends at the vendor's door
    (asked,) = world.house.requests
    assert asked.headers["traceparent"] == f"00-{TRACE}-{second.id}-01"
    assert "traceparent" not in {name.lower() for name in world.vendor.requests[0].headers}
    assert await world.chat("smart") == 200
    later = (await world.collector.wait(6))[-1]
    assert later.message.trace_id.hex() != TRACE
    told = world.house.requests[1].headers["traceparent"]
    assert told.split("-")[1:3] == [later.message.trace_id.hex(), later.id]


async def test_nothing_of_what_is_said_is_in_a_span(world: World) -> None:
    world.vendor.script = Script(text=("An owl is grey.",))
    assert await world.chat("acme/large", stream=False) == 200
    world.vendor.script = Script(fault="cut", text=("An owl ", "is grey."))
    assert await world.chat("acme/large") == 200
    spans = await world.collector.wait(4)
    assert all(not span.message.events for span in spans)
    for body in world.collector.bodies:
        assert b"owl" not in body
        assert KEY.encode() not in body
    assert spans[-1].attributes["error.type"] == "provider_protocol_error"
    assert spans[-1].attributes["freehold.usage.estimated"] is True


async def test_a_refused_request_has_a_span_with_its_error(world: World) -> None:
    assert await world.chat("acme/nothing") == 404
    (span,) = await world.collector.wait(1)
    assert span.attributes["error.type"] == "model_not_found"


async def test_embeddings_have_their_own_operation(world: World) -> None:
    body = {"model": "home/large", "input": SECRET}
    headers = {"Authorization": f"Bearer {KEY}"}
    async with world.session.post(f"{world.server.url}/v1/embeddings", json=body, headers=headers) as answer:
        assert answer.status == 200
    request, attempt = await world.collector.wait(2)
    assert request.message.name == "embeddings home/large"
    assert attempt.attributes["gen_ai.operation.name"] == "embeddings"
    assert attempt.attributes["gen_ai.usage.input_tokens"] == 5


async def test_a_client_that_leaves_ends_the_spans_without_an_error(world: World) -> None:
    world.vendor.script = Script(fault="stuck")
    task = asyncio.create_task(world.chat("acme/large"))
    assert await world.vendor.wait_busy(10)
    await asyncio.sleep(0.2)
    task.cancel()
    for span in await world.collector.wait(2):
        assert "error.type" not in span.attributes
        assert "gen_ai.response.finish_reasons" not in span.attributes


async def test_without_an_endpoint_the_library_is_not_even_imported(tmp_path: Path) -> None:
    """Off means off: no module, no thread."""
    program = "import sys, freehold.cli, freehold.app, freehold.assembly; print('opentelemetry.sdk' in sys.modules)"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE, cwd=tmp_path
    )
    assert (await process.communicate())[0].strip() == b"False"
