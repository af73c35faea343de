"""Trying credentials: what each vendor's check really asks, so that a good report means a good key."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from freehold import errors
from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import FakeUpstream, Script
from tests.providers.stands import Stand, http_stand


class Gateway(OpenAIDialect):
    """A vendor whose list of models anyone may read, or that has none."""

    prefix = "/api/v1"

    def __init__(self, listed: list[str] | None) -> None:
        super().__init__()
        self.listed = listed

    def routes(self, fake: FakeUpstream) -> list[web.RouteDef]:
        async def models(request: web.Request) -> web.StreamResponse:
            await fake.record(request)
            if self.listed is None:
                return web.Response(status=404, text="404 page not found")
            return web.json_response({"data": [{"id": name} for name in self.listed]})

        async def key(request: web.Request) -> web.StreamResponse:
            await fake.record(request)
            return fake.refusal(request) or web.json_response({"data": {"label": "k"}})

        return [
            web.post("/api/v1/chat/completions", fake.answer),
            web.get("/api/v1/models", models),
            web.get("/api/v1/key", key),
        ]


def paths(stand: Stand) -> list[str]:
    return [request.path.removeprefix("/api/v1") for request in stand.requests]


@pytest.mark.parametrize(
    ("kind", "listed", "asked", "tried"),
    [
        ("openai_compatible", ["a"], ["/models"], None),
        ("openrouter", ["a"], ["/key", "/models"], None),  # its list is public, its key has a path of its own
        ("deepinfra", ["openai/gpt-oss-20b", "b"], ["/models", "/chat/completions"], "openai/gpt-oss-20b"),
        ("deepinfra", ["only/other"], ["/models", "/chat/completions"], "only/other"),
        ("perplexity", None, ["/chat/completions"], "sonar"),
        ("mistral", None, ["/models", "/chat/completions"], None),  # no list here: the price list names a model
        ("stepfun", None, ["/models", "/chat/completions"], "step-1-8k"),
    ],
)
async def test_what_a_check_asks(kind: str, listed: Any, asked: list[str], tried: str | None, tmp_path: Path) -> None:
    async with http_stand(kind, Gateway(listed), tmp_path) as stand:
        stand.prompt(Script(text=("ok",)))
        report = await stand.build().check()
        assert paths(stand) == asked
        if tried is not None:
            assert report.tried_model == tried
        assert (report.streamed is True) == ("/chat/completions" in asked)
        if listed:
            assert [card.id for card in report.models] == listed


@pytest.mark.parametrize("kind", ["openrouter", "deepinfra", "perplexity"])
async def test_a_wrong_key_is_found_out_even_where_the_list_is_public(kind: str, tmp_path: Path) -> None:
    async with http_stand(kind, Gateway(["a"]), tmp_path) as stand:
        with pytest.raises(errors.ProviderKeyRejected):
            await stand.build(api_key="wrong").check()


async def test_a_declared_model_is_the_one_that_is_tried(tmp_path: Path) -> None:
    async with http_stand("deepinfra", Gateway(["a", "b"]), tmp_path, models=("mine*", "mine")) as stand:
        stand.prompt(Script(text=("ok",)))
        assert (await stand.build().check()).tried_model == "mine"


async def test_a_page_that_is_no_api_fails_the_check(tmp_path: Path) -> None:
    async with http_stand("openai_compatible", Gateway(None), tmp_path) as stand:
        with pytest.raises(errors.ProviderProtocolError) as caught:
            await stand.build().check()
        assert "/v1" in caught.value.next_step
