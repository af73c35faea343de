"""What the house does not let out never reaches a provider outside, whatever the dialect; and what does comes back."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from tests.chat.browser_like import Client
from tests.fakes.anthropic import AnthropicDialect
from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import API_KEY, Call, FakeUpstream, Script
from tests.services.freehold_server import FreeholdServer

KEY = "fh_border01_" + "b" * 43
MAIL, PHONE, CODE_NAME = "anna@example.com", "13812345678", "Projekt Adler"
CARD = "4111 1111 1111 1111"
SECRET = "AKIAIOSFODNN7EXAMPLE"
CLASSES = [
    {"id": "contact", "detect": ["email", "phone"], "action": "mask"},
    {"id": "budget", "words": ["final budget"], "action": "mask"},
    {"id": "plans", "words": [CODE_NAME, "绝密"], "action": "in_house"},
    {"id": "money", "detect": ["bank_card"], "action": "ask"},
    {"id": "keys", "detect": ["secret"], "action": "block"},
    {"id": "项目代号", "words": ["长城计划"], "action": "mask"},
    {"id": "客户", "words": ["客户甲"], "action": "mask"},
    {"id": "报价", "words": ["底价"], "action": "ask"},
]
OUTSIDE = ("out/gpt-4o", "claude/claude-sonnet-4-5")


@dataclass
class Place:
    """A server with one provider in the house and two outside."""

    server: FreeholdServer
    home: FakeUpstream
    out: FakeUpstream
    claude: FakeUpstream
    session: aiohttp.ClientSession

    async def ask(self, path: str, body: dict[str, Any], **headers: str) -> tuple[int, str, Any]:
        sent = {"Authorization": f"Bearer {KEY}"} | {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.post(self.server.url + path, json=body, headers=sent) as answer:
            return answer.status, await answer.text(), answer.headers

    @property
    def sent_out(self) -> str:
        """Everything that any provider outside was ever sent."""
        return json.dumps([one.body for fake in (self.out, self.claude) for one in fake.requests], ensure_ascii=False)

    def says(self, script: Script) -> None:
        for fake in (self.home, self.out, self.claude):
            fake.script = script
            fake.requests.clear()


@pytest.fixture(scope="module")
async def started(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    place: Path = tmp_path_factory.mktemp("border")
    async with (
        FakeUpstream(OpenAIDialect()) as home,
        FakeUpstream(OpenAIDialect()) as out,
        FakeUpstream(AnthropicDialect()) as claude,
        aiohttp.ClientSession() as session,
    ):
        own = {"kind": "openai_compatible", "self_hosted": True, "base_url": home.url}
        providers = [
            {"id": "home", **own, "api_key": API_KEY, "models": ["small"]},
            {"id": "out", "kind": "openai", "base_url": out.url, "api_key": API_KEY, "models": ["gpt-4o"]},
            {"id": "claude", "kind": "anthropic", "base_url": claude.url, "api_key": API_KEY,
             "models": ["claude-sonnet-4-5"]},
        ]  # fmt: skip
        models = {
            "both": {"targets": [{"provider": "out", "model": "gpt-4o"}], "fallback": ["home/small"]},
            "ours": {"targets": [{"provider": "home", "model": "small"}], "fallback": ["out/gpt-4o"]},
        }
        keys = [{"name": "tests", "key": KEY, "scopes": ["chat", "embeddings"]}]
        config = place / "freehold.yaml"
        rules = [{"id": "contracts", "when": {"keyword": "合同"}, "then": {"pin": OUTSIDE[0]}}]
        told = {"providers": providers, "models": models, "keys": keys, "privacy": {"classes": CLASSES}}
        told["routing"] = {"auto": {}, "rules": rules}
        config.write_text(json.dumps(told))
        server = FreeholdServer(place / "data", {"FREEHOLD_CONFIG": str(config)})
        server.data_dir.mkdir()
        await asyncio.to_thread(server.start)
        yield Place(server, home, out, claude, session)
        await asyncio.to_thread(server.stop)


@pytest.fixture
def place(started: Place) -> Place:
    started.says(Script())
    return started


def chat(text: str, model: str, **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}


@pytest.mark.parametrize("model", OUTSIDE)
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages", "/ollama/api/chat"])
async def test_stand_ins_go_out_and_the_real_things_come_back(
    place: Place, model: str, stream: bool, path: str
) -> None:
    place.says(Script(text=("I wrote to [EM", "AIL_1] and rang [PHONE", "_1], not [EMAIL_9]."), pause_s=0.01))
    said = f"Write to {MAIL}, ring {PHONE}."
    more = {} if "ollama" in path else {"max_tokens": 100}
    status, text, headers = await place.ask(path, chat(said, model, stream=stream, **more))
    assert status == 200, text
    assert MAIL not in place.sent_out
    assert PHONE not in place.sent_out
    assert "Write to [EMAIL_1], ring [PHONE_1]." in place.sent_out
    assert headers["x-freehold-hidden"] == "email=1, phone=1"
    assert text_of(text, path, stream) == f"I wrote to {MAIL} and rang {PHONE}, not [EMAIL_9]."


async def test_a_word_that_is_seen_but_not_found_again_stays_in(place: Place) -> None:
    status, told, _ = await place.ask("/v1/chat/completions", chat("Our Final  Budget", OUTSIDE[0]))
    assert status == 200, told
    assert "[BUDGET_1]" in place.sent_out
    place.says(Script())
    status, told, _ = await place.ask("/v1/chat/completions", chat("Our \ufb01nal budget", OUTSIDE[0]))
    assert (status, json.loads(told)["error"]["code"]) == (403, "data_stays_in_house")
    assert place.sent_out == "[]"


async def test_auto_answers_in_the_house_what_a_rule_would_have_sent_out(place: Place) -> None:
    status, told, headers = await place.ask("/v1/chat/completions", chat("这份合同怎么样？", "auto"))
    assert (status, headers["x-freehold-model"]) == (200, OUTSIDE[0]), told
    place.says(Script())
    status, told, headers = await place.ask("/v1/chat/completions", chat("这份绝密合同怎么样？", "auto"))
    assert (status, headers["x-freehold-model"]) == (200, "home/small"), told
    assert place.sent_out == "[]"
    sample = {"given": {"text": "这份绝密合同怎么样？"}}
    shown = await asyncio.to_thread(Client(place.server.url).call, "POST", "/api/routing/explain", sample)
    assert (shown["model"], shown["error"], shown["passed"]["action"]) == ("home/small", None, "in_house")


async def test_in_the_arguments_of_a_tool_call(place: Place) -> None:
    place.says(Script(text=(), calls=(Call("c1", "send", ('{"to": "[EMA', 'IL_1]"}')),), finish="tool_calls"))
    tool = {"type": "function", "function": {"name": "send", "description": f"as {MAIL}", "parameters": {}}}
    status, text, _ = await place.ask("/v1/chat/completions", chat(f"Write to {MAIL}", OUTSIDE[0], tools=[tool]))
    assert status == 200, text
    call = json.loads(text)["choices"][0]["message"]["tool_calls"][0]["function"]
    assert json.loads(call["arguments"]) == {"to": MAIL}
    assert MAIL not in place.sent_out


async def test_the_house_sees_everything(place: Place) -> None:
    status, text, headers = await place.ask(
        "/v1/chat/completions", chat(f"{MAIL} {CODE_NAME} {CARD} {SECRET}", "home/small")
    )
    assert status == 200, text
    assert MAIL in str(place.home.requests[-1].body)
    assert "x-freehold-hidden" not in headers


@pytest.mark.parametrize("text", [f"What of {CODE_NAME.lower()}?", "这是绝密文件", f"{CODE_NAME} for {MAIL}"])
async def test_what_stays_in_the_house(place: Place, text: str) -> None:
    status, told, _ = await place.ask("/v1/chat/completions", chat(text, OUTSIDE[0]))
    assert (status, json.loads(told)["error"]["code"]) == (403, "data_stays_in_house")
    assert "plans" in told
    status, told, headers = await place.ask("/v1/chat/completions", chat(text, "both"))
    assert (status, headers["x-freehold-model"]) == (200, "home/small"), told
    assert place.sent_out == "[]"
    sample = {"given": {"text": "这份绝密合同怎么样？"}}
    shown = await asyncio.to_thread(Client(place.server.url).call, "POST", "/api/routing/explain", sample)
    assert (shown["model"], shown["error"], shown["passed"]["action"]) == ("home/small", None, "in_house")


async def test_a_word_is_not_found_inside_another(place: Place) -> None:
    status, told, _ = await place.ask("/v1/chat/completions", chat("Projekt Adlerauge", OUTSIDE[0]))
    assert status == 200, told


async def test_what_is_refused(place: Place) -> None:
    for model in (*OUTSIDE, "both"):
        status, told, _ = await place.ask("/v1/chat/completions", chat(f"key {SECRET}", model))
        assert (status, json.loads(told)["error"]["code"]) == (403, "data_blocked")
    assert place.sent_out == "[]"


async def test_what_needs_a_yes(place: Place) -> None:
    body = chat(f"Pay with {CARD}, tell {MAIL}", OUTSIDE[0])
    status, told, _ = await place.ask("/v1/chat/completions", body)
    assert (status, json.loads(told)["error"]["code"]) == (409, "data_needs_consent")
    assert place.sent_out == "[]"
    status, told, _ = await place.ask("/v1/chat/completions", body, x_freehold_consent="other")
    assert status == 409
    status, told, _ = await place.ask("/v1/chat/completions", body, x_freehold_consent="money")
    assert status == 200, told
    assert CARD in place.sent_out
    assert MAIL not in place.sent_out  # a yes to the one is none to the other


async def test_a_class_may_have_a_name_in_any_script(place: Place) -> None:
    place.says(Script(text=("[DATA_1] 和 [DATA_2]",)))
    body = chat("长城计划和客户甲", OUTSIDE[0], stream=False)
    status, told, headers = await place.ask("/v1/chat/completions", body)
    assert (status, text_of(told, "/v1/chat/completions", False)) == (200, "长城计划 和 客户甲"), told
    assert headers["x-freehold-hidden"] == "%E9%A1%B9%E7%9B%AE%E4%BB%A3%E5%8F%B7=1, %E5%AE%A2%E6%88%B7=1"
    place.says(Script())
    body = chat("底价是多少？", OUTSIDE[0])
    status, told, _ = await place.ask("/v1/chat/completions", body)
    assert (status, json.loads(told)["error"]["code"]) == (409, "data_needs_consent")
    assert "报价" in told
    assert place.sent_out == "[]"
    for consent in (quote("报价"), f"money, {quote('报价')}", "报价"):  # the last one as UTF-8, as curl sends it
        status, told, _ = await place.ask("/v1/chat/completions", body, x_freehold_consent=consent)
        assert status == 200, told
    status, told, _ = await place.ask("/v1/chat/completions", body, x_freehold_consent="%E6%8A%A5")
    assert status == 409, told


@pytest.mark.parametrize("text", [f"Pay with {CARD}", f"key {SECRET}", CODE_NAME])
async def test_nobody_is_asked_where_the_house_answers(place: Place, text: str) -> None:
    status, told, headers = await place.ask("/v1/chat/completions", chat(text, "ours"))
    assert (status, headers["x-freehold-model"]) == (200, "home/small"), told
    place.home.script = Script(error="server")
    status, told, _ = await place.ask("/v1/chat/completions", chat(text, "ours"))
    assert status >= 500, told
    assert place.sent_out == "[]", "its fallback is outside"


@pytest.mark.parametrize(
    "body",
    [
        {"messages": [{"role": "user", "content": "Hi"}], "user": MAIL, "metadata": {"who": PHONE}},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": MAIL}]}]},
        {"messages": [{"role": "system", "content": MAIL}, {"role": "user", "content": "Hi", "name": "anna"}]},
        {"messages": [{"role": "assistant", "content": MAIL}, {"role": "user", "content": PHONE}]},
        {"messages": [{"role": "user", "content": "Hi"}], "prediction": {"type": "content", "content": MAIL}},
    ],
)
async def test_wherever_it_is_in_a_request(place: Place, body: dict[str, Any]) -> None:
    for model in OUTSIDE:
        await place.ask("/v1/chat/completions", {"model": model, **body})
    assert MAIL not in place.sent_out
    assert PHONE not in place.sent_out


async def test_requests_beside_chat_are_kept_in(place: Place) -> None:
    status, told, _ = await place.ask("/v1/embeddings", {"model": "out/gpt-4o", "input": [f"of {MAIL}"]})
    assert (status, json.loads(told)["error"]["code"]) == (403, "data_stays_in_house")
    assert place.sent_out == "[]"


def text_of(answer: str, path: str, stream: bool) -> str:
    """The text of an answer in the dialect of that path."""
    if not stream:
        told = json.loads(answer)
        if "choices" in told:
            return told["choices"][0]["message"]["content"]
        return told["message"]["content"] if "message" in told else told["content"][0]["text"]
    lines = [line.removeprefix("data: ") for line in answer.splitlines() if line[:6] in ("data: ", '{"mode')]
    pieces = [json.loads(line) for line in lines if line != "[DONE]"]
    found = ""
    for piece in pieces:
        for choice in piece.get("choices", []):
            found += choice["delta"].get("content") or ""
        found += piece.get("delta", {}).get("text", "") if "/messages" in path else ""
        found += piece.get("message", {}).get("content", "") if "ollama" in path else ""
    return found
