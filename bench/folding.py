"""What a chat of 200 turns sends with each turn, folded and not: `python -m bench.folding [TURNS]`.

A real server, and a model in the house on a real socket that counts what it is sent. Every 20 turns a fact is told, and
at the end each is asked for: `known` is how many of them stood in the request. The summaries of this model name none of
them, so what is known comes from the facts' form and from the search.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import aiohttp

from bench.table import render
from freehold.gateway.meter import estimate_tokens
from freehold.kit.ids import new_id
from tests.chat.spoken_model import speaking
from tests.chat.summariser import Summariser
from tests.services.freehold_server import FreeholdServer

TURNS, CONTEXT, EVERY = 200, 32_000, 20
ASKED = "Tell me more about the garden and what grows in it. " * 12
ANSWER = "The garden has beds and paths, and much of it grows slowly in the shade. " * 20
FACTS = [
    ("Dr {name} pays {price} for the greenhouse on {day} May 2027.", "What does Dr {name} pay for it?"),
    ("温室由{name}医生负责，费用{price}元，五月{day}日完工。", "{name}医生负责的费用是多少？"),
]
NAMES = ["Brandt", "沈一鸣", "Okafor", "林晓梅", "Lindqvist", "周文博", "Haddad", "赵立新", "Moreau", "钱思远"]


def fact(number: int) -> tuple[str, str, str]:
    """What is told, what is asked for it, and what must then stand in the request."""
    told, asked = FACTS[number % 2]
    price = f"{number + 3},{number * 37 % 900 + 100}"
    values = {"name": NAMES[number % len(NAMES)], "price": price, "day": number + 11}
    return told.format(**values), asked.format(**values), price


def tokens(body: dict[str, Any]) -> int:
    return round(sum(estimate_tokens(message["content"]) + 4 for message in body["messages"]))


async def chat(server: FreeholdServer, model: Summariser, turns: int, folding: str) -> tuple[list[int], int, int]:
    """The tokens of each turn, how many facts were known at the end, and the tokens read to write summaries."""
    model.asked.clear()
    model.folded.clear()
    thread_id, parent = new_id(), None
    sent: list[int] = []
    known = 0
    facts = [fact(number) for number in range(turns // EVERY)]
    headers = {"Origin": server.url}
    async with aiohttp.ClientSession(headers=headers) as session:

        async def call(method: str, path: str, body: dict[str, Any]) -> str:
            async with session.request(method, f"{server.url}/api/threads{path}", json=body) as answer:
                text = await answer.text()
                assert answer.status < 300, text
                return text

        async def say(text: str) -> None:
            nonlocal parent
            turn = {"kind": "send", "parent_id": parent, "parts": [{"type": "text", "text": text}], "model": "home/m"}
            frames = await call("POST", f"/{thread_id}/turns", turn)
            parent = json.loads(frames.strip().rpartition("data: ")[2])["message"]["id"]
            sent.append(tokens(model.asked[-1]))

        await call("POST", "", {"id": thread_id})
        await call("PATCH", f"/{thread_id}", {"folding": folding})
        for number in range(turns):
            told = facts[number // EVERY][0] + " " if number % EVERY == 3 and number // EVERY < len(facts) else ""
            await say(f"{told}{ASKED}{number}")
        every = sent[:]
        for _, asked, needed in facts:
            await say(asked)
            known += needed in json.dumps(model.asked[-1], ensure_ascii=False)
    return every, known, sum(round(estimate_tokens(one)) for one in model.folded)


async def main(turns: int) -> None:
    async with speaking(Summariser()) as model:
        assert isinstance(model, Summariser)
        model.script, model.title, model.summary = [ANSWER], '{"title": "A garden"}', "They talk about a garden."
        home = {"id": "home", "kind": "openai_compatible", "name": "Home", "base_url": model.url, "self_hosted": True}
        models = [{"id": "m", "context_tokens": CONTEXT}]
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder, "freehold.yaml")
            config.write_text(json.dumps({"providers": [home | {"api_key": "sk-none", "models": models}]}))
            server = FreeholdServer(Path(folder, "data"), {"FREEHOLD_CONFIG": str(config)})
            server.data_dir.mkdir()
            await asyncio.to_thread(server.start)
            try:
                found = {folding: await chat(server, model, turns, folding) for folding in ("never", "auto")}
            finally:
                await asyncio.to_thread(server.stop)
    (never, known_never, _), (auto, known_auto, read) = found["never"], found["auto"]
    rows = [
        (f"turn {turn}", f"{never[turn - 1]:,}", f"{auto[turn - 1]:,}", share(auto[turn - 1], never[turn - 1]))
        for turn in range(turns // 8, turns + 1, turns // 8)
    ]
    rows.append(("all turns", f"{sum(never):,}", f"{sum(auto):,}", share(sum(auto), sum(never))))
    rows.append(("read in the house for summaries", "0", f"{read:,}", ""))
    asked = turns // EVERY
    rows.append((f"facts known of {asked}", str(known_never), str(known_auto), ""))
    print(render(("tokens sent", "not folded", "folded", "less"), rows))


def share(one: int, other: int) -> str:
    return f"{1 - one / other:.0%}"


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else TURNS))
