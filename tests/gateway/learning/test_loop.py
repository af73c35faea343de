"""The whole loop over HTTP: answers are compared, a scorer is trained, and Auto sends out what is hard, no more."""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from freehold.kit.ids import new_id
from tests.gateway.learning.world import Pair, declared
from tests.gateway.routing.scorer.test_scorer import english
from tests.services.freehold_server import FreeholdServer

KEY = "fh_learns001_" + "s" * 43
LABELS = 310


def prompt(*, hard: bool, chance: random.Random) -> str:
    """Length says nothing about what is hard."""
    return english(hard, chance) + " Thank you very much for your kind help." * chance.randint(0, 2)


class Site:
    """A server with a house and a cloud, as its clients see it."""

    def __init__(self, session: aiohttp.ClientSession, url: str, pair: Pair) -> None:
        self.session, self.url, self.pair = session, url, pair

    async def api(self, method: str, path: str, body: Any = None) -> Any:
        async with self.session.request(method, f"{self.url}{path}", json=body, headers={"Origin": self.url}) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json(content_type=None)

    async def learning(self) -> Any:
        return await self.api("GET", "/api/routing/learning")

    async def ask(self, text: str, *, stream: bool = False) -> tuple[str, str]:
        """The model that answered, and how it was chosen."""
        body = {"model": "auto", "messages": [{"role": "user", "content": text}], "stream": stream}
        headers = {"Authorization": f"Bearer {KEY}"}
        async with self.session.post(f"{self.url}/v1/chat/completions", json=body, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            await answer.read()
            return answer.headers["x-freehold-model"], answer.headers["x-freehold-route"]

    async def chat(self, text: str, *, locked: bool) -> None:
        """One turn of a new thread, to its end."""
        turn = {
            "kind": "send",
            "parent_id": None,
            "parts": [{"type": "text", "text": text}],
            "model": "auto",
            "first": {"in_house": locked},
        }
        headers = {"Origin": self.url, "Idempotency-Key": new_id()}
        async with self.session.post(f"{self.url}/api/threads/{new_id()}/turns", json=turn, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            assert b'"status":"complete"' in (await answer.read())

    async def idle(self) -> None:
        """Until nobody has been asked for a while: whatever was to be compared has been."""
        seen, since = -1, 0
        while since < 10:
            count = len(self.pair.cloud.asked)
            seen, since = count, since + 1 if count == seen else 0
            await asyncio.sleep(0.05)

    async def labelled(self, wanted: int) -> Any:
        async with asyncio.timeout(90):
            while True:
                state = await self.learning()
                if sum(one["labels"] for one in state["by_source"]) >= wanted:
                    return state
                await asyncio.sleep(0.05)


@pytest.fixture
async def site(pair: Pair, database_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    keys = [{"name": "learns", "key": KEY, "scopes": ["chat"]}]
    file = declared(pair, {"shadow_usd_per_day": 100}, keys=keys)
    (tmp_path / "freehold.yaml").write_text(json.dumps(file))  # JSON is YAML
    environment = {"FREEHOLD_CONFIG": str(tmp_path / "freehold.yaml"), "FREEHOLD_ECHO__ENABLED": "false"}
    server = FreeholdServer(tmp_path / "data", {**environment, "DATABASE_URL": database_url})
    server.data_dir.mkdir()
    await asyncio.to_thread(server.start)
    try:
        async with aiohttp.ClientSession() as session:
            yield Site(session, server.url, pair)
    finally:
        await asyncio.to_thread(server.stop)


async def test_what_is_hard_is_learned_and_sent_out(site: Site) -> None:
    pair, chance = site.pair, random.Random(3)
    for _ in range(6):
        await site.chat(prompt(hard=True, chance=chance), locked=True)
    assert pair.cloud.asked == [], "nothing of a locked thread is compared"

    await site.chat(prompt(hard=False, chance=chance), locked=False)
    await site.labelled(1)
    for begun in range(0, LABELS, 10):  # no faster than they are compared
        asked = [prompt(hard=at % 2 == 1, chance=chance) for at in range(10)]
        told = await asyncio.gather(*[site.ask(text, stream=at % 2 == 0) for at, text in enumerate(asked)])
        assert {model for model, _ in told} == {"house/m"}, "the prior keeps all of it at home"
        await site.labelled(1 + begun + 10)
    state = await site.learning()
    (learned,) = state["learned"]
    assert (learned["model"], learned["language"], learned["state"]) == ("house/m", "en", "prior")
    assert state["by_source"] == [{"source": "pair", "labels": LABELS + 1}]

    done = await site.api("POST", "/api/routing/learning/train")
    assert [one["result"] for one in done["results"]] == ["took_over"]
    (learned,) = done["state"]["learned"]
    scorer = learned["scorers"][0]
    assert (learned["state"], scorer["state"], scorer["why"]) == ("learned", "acting", None)
    assert scorer["low"] > 0.5

    fresh = [(hard, prompt(hard=hard, chance=chance)) for hard in (False, True) * 15]
    for hard, text in fresh:
        model, route = await site.ask(text)
        assert model == ("cloud/m" if hard else "house/m"), (text, route)
    sample = {"given": {"text": fresh[1][1]}}
    explained = await site.api("POST", "/api/routing/explain", sample)
    need = explained["route"]["need"]
    assert need["learned"]
    assert need["low"] < need["p"] < need["high"] < need["floor"]
    assert need["because"][0]["effect"] < 0
    assert len(explained["words"]) == 5
    assert all(one["word"] in fresh[1][1].lower() and one["effect"] < 0 for one in explained["words"])

    await site.chat("Zebra: " + prompt(hard=True, chance=chance), locked=True)
    await site.chat("Zebra: " + prompt(hard=False, chance=chance), locked=True)

    back = await site.api("POST", "/api/routing/learning/roll-back", {"model": "house/m", "language": "en"})
    assert [one["state"] for one in back["learned"]] == ["prior"]
    model, route = await site.ask(fresh[1][1])
    assert model == "house/m", route
    await site.idle()
    assert not any("Zebra" in text for text in pair.cloud.asked), "a locked thread stays at home, however hard it is"


async def test_the_server_answers_while_it_trains(site: Site) -> None:
    """Training is work of another process: what is asked meanwhile waits for no more than a moment."""
    chance = random.Random(4)
    for begun in range(0, LABELS, 10):
        await asyncio.gather(*[site.ask(prompt(hard=at % 2 == 1, chance=chance)) for at in range(10)])
        await site.labelled(begun + 10)
    training = asyncio.create_task(site.api("POST", "/api/routing/learning/train"))
    waits: list[float] = []
    while not training.done():
        began = time.monotonic()
        async with site.session.get(f"{site.url}/healthz") as answer:
            assert answer.status == 200
        waits.append(time.monotonic() - began)
        await asyncio.sleep(0.01)
    done = await training
    assert done["results"][0]["result"] == "took_over"
    assert len(waits) > 20, "it took a while"
    assert sorted(waits)[len(waits) // 2] < 0.5
