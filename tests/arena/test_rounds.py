"""Rounds of the arena in the whole product: two real servers answer, in the house and outside; both databases."""

import asyncio
import json
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import orjson
import pytest
from pydantic import ValidationError
from sqlalchemy import delete, select

from freehold.arena import drawing, schemas
from freehold.arena.models import ArenaRound
from freehold.arena.ranking import NEEDED, Vote
from freehold.arena.service import LONGEST
from freehold.deps import Services
from freehold.errors import (
    Conflict,
    DataStaysInHouse,
    InvalidRequest,
    KeptInHouse,
    ModelNotFound,
    NotFound,
    TooFewModels,
)
from freehold.gateway.learning.models import RouteLabel
from freehold.identity.models import User
from freehold.kit.clock import now
from freehold.kit.ids import new_id
from freehold.usage.models import UsageRow
from freehold.usage.schemas import BudgetNew, LimitNew
from tests.chat.conftest import make_settings, model, new_user
from tests.chat.reading import Person
from tests.chat.spoken_model import SpokenModel
from tests.chat.test_house import CARD, HOME, MAIL, OUT, ann, answer_cache, cloud, services

__all__ = ["ann", "answer_cache", "cloud", "make_settings", "model", "services"]

TINY = "house/tiny"
WORDS = ("small", "large", "tiny", "house", "cloud", "openai")
"""What a name of a model or provider here is made of."""


async def test_a_round_that_nobody_ended_is_over_one_day(ann: Person, services: Services) -> None:
    chunks = await begin(ann)
    await chunks.aclose()  # as when the client left before the first word
    (row,) = (await services.arena.rounds(ann.subject, None, 10)).items
    assert (row.state, row.names) == ("asking", None)
    async with services.database.begin() as session:
        kept = await session.get(ArenaRound, row.id)
        assert kept is not None
        kept.created_at = now() - LONGEST - timedelta(seconds=1)
    shown = await services.arena.one(ann.subject, row.id)
    assert shown.state == "stopped"
    assert shown.names is not None
    with pytest.raises(Conflict):
        await services.arena.vote(ann.subject, row.id, schemas.ArenaVote(vote="a"))


async def begin(person: Person, prompt: str = "Greet me", **more: Any) -> AsyncGenerator[bytes]:
    new = schemas.ArenaRoundNew(prompt=prompt, **({"models": [HOME, OUT]} | more))
    return await person.services.arena.begin(person.subject, new)


async def read(chunks: AsyncGenerator[bytes]) -> list[dict[str, Any]]:
    """To the end."""
    async with asyncio.timeout(60):
        return [event_of(chunk) async for chunk in chunks]


def event_of(chunk: bytes) -> dict[str, Any]:
    event = orjson.loads(chunk.partition(b"data: ")[2])
    schemas.ArenaEvent.model_validate(event)
    return event


async def play(person: Person, prompt: str = "Greet me", **more: Any) -> dict[str, Any]:
    """A round to its end."""
    return (await read(await begin(person, prompt, **more)))[-1]["round"]


async def vote(person: Person, round_id: str, given: Vote) -> schemas.ArenaRoundInfo:
    return await person.services.arena.vote(person.subject, round_id, schemas.ArenaVote(vote=given))


async def rows(services: Services) -> list[ArenaRound]:
    async with services.database.read() as session:
        return list(await session.scalars(select(ArenaRound).order_by(ArenaRound.id)))


async def test_a_round_is_blind_until_the_vote(ann: Person, services: Services) -> None:
    """Of all that is sent before the vote nothing but the words of the answers differs with who gave them."""
    both: set[str] = set()
    for _ in range(8):
        raw = b"".join([chunk async for chunk in await begin(ann)])
        events = [orjson.loads(line[6:]) for line in raw.splitlines() if line.startswith(b"data: ")]
        assert [one["type"] for one in events if one["type"] != "text"] == ["round", "done", "done", "end"]
        ready = events[-1]["round"]
        page = await services.arena.rounds(ann.subject, None, 5)
        one = await services.arena.one(ann.subject, ready["id"])
        said = {"a": ready["a"]["text"], "b": ready["b"]["text"]}
        assert sorted(said.values()) == ["Hello from home", "Hello from outside"]
        told = raw.decode() + page.items[0].model_dump_json() + one.model_dump_json()
        told = told.replace('"in_house":false', "").replace('"names":null', "")
        assert [word for word in WORDS if word in told.lower()] == []
        for name in ("model", "provider", "cost", "usage", "ms", "hosted", "tokens"):
            assert f'{name}"' not in told, name
        assert (ready["state"], ready["names"], ready["vote"]) == ("ready", None, None)
        assert set(ready) == {"id", "prompt", "in_house", "state", "a", "b", "vote", "names", "created_at"}
        assert all(set(ready[side]) == {"text", "error"} for side in "ab")
        shown = await vote(ann, ready["id"], "a")
        assert shown.names is not None
        found = {"a": shown.names.a, "b": shown.names.b}
        for side, text in said.items():
            assert found[side].model == found[side].answered_by == (HOME if "home" in text else OUT)
            assert found[side].self_hosted == ("home" in text)
            assert found[side].duration_ms is not None
        assert sorted(one.cost_usd or 0 for one in found.values()) == pytest.approx([0, 7e-6 + 3 * 2e-6])
        both.add(found["a"].model)
    # of eight rounds all on one side is a chance of one in 128
    if len(both) == 1:
        for _ in range(40):
            both.add((await vote(ann, (await play(ann))["id"], "b")).names.a.model)  # type: ignore[union-attr]
    assert both == {HOME, OUT}, "sides are drawn"


async def test_one_votes_once_and_only_on_two_answers(ann: Person, services: Services, cloud: SpokenModel) -> None:
    ready = await play(ann)
    bob = await new_user(services, "bob")
    for call in (services.arena.one, services.arena.remove):
        with pytest.raises(NotFound):
            await call(bob, ready["id"])
    with pytest.raises(NotFound):
        await services.arena.vote(bob, ready["id"], schemas.ArenaVote(vote="a"))
    assert (await vote(ann, ready["id"], "both_bad")).vote == "both_bad"
    with pytest.raises(Conflict):
        await vote(ann, ready["id"], "a")
    cloud.refusal = 400, {"error": {"message": "Cloud's large model is not in the mood"}}
    events = await read(await begin(ann))
    failed = events[-1]["round"]
    assert failed["state"] == "failed"
    assert sorted(filter(None, (failed["a"]["error"], failed["b"]["error"]))) == ["provider_refused"]
    # it is over, so the names may be known
    assert {failed["names"]["a"]["model"], failed["names"]["b"]["model"]} == {HOME, OUT}
    with pytest.raises(Conflict):
        await vote(ann, failed["id"], "a")
    assert (await services.arena.ranking(ann.subject.user_id)).votes == 1
    with pytest.raises(ValidationError):
        schemas.ArenaVote.model_validate({"vote": "c"})


async def test_leaving_ends_both_calls_and_the_round(
    ann: Person, services: Services, model: SpokenModel, cloud: SpokenModel
) -> None:
    model.script = cloud.script = None
    chunks = await begin(ann)
    assert event_of(await anext(chunks))["type"] == "round"
    waiting = asyncio.ensure_future(anext(chunks))
    calls = [await one.next_call() for one in (model, cloud)]
    calls[0].say("Wait for it")
    assert event_of(await waiting)["text"] == "Wait for it"
    # as a server does when its client has left in the middle of a wait
    waiting = asyncio.ensure_future(anext(chunks))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await chunks.aclose()
    async with asyncio.timeout(30):
        for call in calls:
            await call.left.wait()
    (row,) = await rows(services)
    assert row.state == "stopped"
    assert sorted((one or {})["text"] for one in (row.answer_a, row.answer_b)) == ["", "Wait for it"]
    with pytest.raises(Conflict):
        await vote(ann, row.id, "a")


async def test_a_round_that_was_removed_meanwhile_ends_quietly(
    ann: Person, services: Services, model: SpokenModel
) -> None:
    model.script = None
    chunks = await begin(ann)
    round_id = event_of(await anext(chunks))["id"]
    await services.arena.remove(ann.subject, round_id)
    rest = asyncio.ensure_future(read(chunks))
    call = await model.next_call()
    call.say("Nobody reads this")
    call.finish()
    assert "end" not in [event["type"] for event in await rest]
    assert await rows(services) == []


async def test_what_stays_in_the_house_is_answered_there(
    ann: Person, services: Services, cloud: SpokenModel, model: SpokenModel
) -> None:
    everyone = [HOME, TINY, OUT]
    for prompt, more in (("Greet me", {"in_house": True}), ("The plan is 绝密", {}), (f"Charge {CARD}", {})):
        for _ in range(3):
            ready = await play(ann, prompt, models=everyone, **more)
            shown = await vote(ann, ready["id"], "both_good")
            assert shown.names is not None
            assert {shown.names.a.model, shown.names.b.model} == {HOME, TINY}
    assert [*cloud.asked, *cloud.named] == []
    with pytest.raises(KeptInHouse):
        await begin(ann, in_house=True)
    with pytest.raises(DataStaysInHouse):
        await begin(ann, "The plan is 绝密")
    # what may go out with stand-ins goes out with them
    model.script = cloud.script = ["Hello"]
    ready = await play(ann, f"Write to {MAIL}")
    assert ready["state"] == "ready"
    assert MAIL not in json.dumps(cloud.asked)
    assert len(cloud.asked) == 1


async def test_who_is_drawn(ann: Person, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    new = schemas.ArenaRoundNew(prompt="Hello")
    drawn = {
        frozenset(await drawing.drawn(services.gateway, ann.subject, new.prompt, None, in_house=False))
        for _ in range(200)
    }
    known = {one.ref for one in (await services.gateway.models_for(ann.subject)).items if not one.targets}
    assert frozenset().union(*drawn) == known
    assert all(len(pair) == 2 for pair in drawn)
    with pytest.raises(ModelNotFound):
        await begin(ann, models=[HOME, "house/none"])
    with pytest.raises(InvalidRequest):
        await begin(ann, models=[HOME, "auto"])
    with pytest.raises(TooFewModels):
        await begin(ann, models=[HOME, HOME])
    monkeypatch.setattr(services.gateway, "models_for", _nobody)
    with pytest.raises(TooFewModels):
        await begin(ann, models=None)
    with pytest.raises(ValidationError):
        schemas.ArenaRoundNew(prompt="  ")
    assert await rows(services) == []


async def _nobody(_subject: Any) -> Any:
    class Nothing:
        items: tuple[()] = ()

    return Nothing


async def test_it_is_in_the_ledger_and_within_budgets(ann: Person, services: Services) -> None:
    await play(ann)
    await services.usage.ledger.flush()
    async with services.database.read() as session:
        found = list(await session.scalars(select(UsageRow)))
    assert sorted((row.source, row.model, row.baseline) for row in found) == [
        ("arena", OUT, None),
        ("arena", HOME, None),
    ]
    budget = BudgetNew(holder_kind="user", holder_id=ann.subject.user_id, period="day", usd=0.000001)
    await services.usage.administration.add(budget)
    failed = await play(ann)
    assert failed["state"] == "failed"
    assert "budget_exceeded" in (failed["a"]["error"], failed["b"]["error"])


async def test_where_one_call_at_a_time_is_allowed_the_other_side_waits(
    ann: Person, services: Services, model: SpokenModel
) -> None:
    limit = LimitNew(holder_kind="user", holder_id=ann.subject.user_id, concurrency=1)
    await services.usage.limit_administration.add(limit)
    model.pause_s = 0.1
    assert (await play(ann, models=[HOME, TINY]))["state"] == "ready"


@pytest.mark.parametrize(
    ("given", "home_is", "quality"),
    [
        ("a", "a", (1.0, 0.0)),
        ("a", "b", (0.0, 1.0)),
        ("b", "b", (1.0, 0.0)),
        ("both_good", "a", (1.0, 1.0)),
        ("both_bad", "b", (0.0, 0.0)),
    ],
)
async def test_a_vote_teaches_routing_where_one_is_at_home_and_the_other_is_not(
    ann: Person, services: Services, monkeypatch: pytest.MonkeyPatch, given: Vote, home_is: str, quality: Any
) -> None:
    sides = (HOME, OUT) if home_is == "a" else (OUT, HOME)
    monkeypatch.setattr(drawing._chance, "sample", lambda _able, _count: sides)
    ready = await play(ann, "Prove that there are endlessly many primes.")
    assert await labels(services) == [], "before the vote nothing is learned"
    await vote(ann, ready["id"], given)
    (label,) = await labels(services)
    assert (label.source, label.model, label.rival, label.language) == ("vote", HOME, OUT, "en")
    assert (label.local, label.premium, label.user_id) == (*quality, ann.subject.user_id)
    assert b"primes" not in label.features
    # two of one kind say nothing about where to ask
    monkeypatch.undo()
    await vote(ann, (await play(ann, models=[HOME, TINY]))["id"], given)
    assert len(await labels(services)) == 1
    await services.arena.remove(ann.subject, ready["id"])
    assert await labels(services) == []
    await vote(ann, (await play(ann))["id"], given)
    assert len(await labels(services)) == 1
    await services.arena.remove_all(ann.subject)
    assert await labels(services) == []


async def labels(services: Services) -> list[RouteLabel]:
    async with services.database.read() as session:
        return list(await session.scalars(select(RouteLabel)))


async def test_the_ranking_is_of_ones_own_votes_and_of_all(ann: Person, services: Services) -> None:
    bob = await new_user(services, "bob")
    async with services.database.begin() as session:
        for who, votes in ((ann.subject, ["a"] * NEEDED), (bob, ["b"] * 5 + ["both_good"])):
            for at, given in enumerate(votes):
                turned = at % 2 and given in ("a", "b")
                sides = (OUT, HOME) if turned else (HOME, OUT)
                session.add(
                    ArenaRound(
                        id=new_id(),
                        owner_id=who.user_id,
                        prompt="Hello",
                        in_house=False,
                        state="voted",
                        model_a=sides[0],
                        model_b=sides[1],
                        vote={"a": "b", "b": "a"}[given] if turned else given,
                        voted_at=now(),
                        created_at=now(),
                    )
                )
    mine = await services.arena.ranking(ann.subject.user_id)
    assert [(one.model, one.won, one.lost, one.tied) for one in mine.items] == [(HOME, 20, 0, 0), (OUT, 0, 20, 0)]
    assert (mine.votes, mine.needed) == (20, NEEDED)
    assert mine.items[0].rating is not None
    assert mine.items[0].low is not None
    assert mine.items[0].rating > mine.items[0].low > 1000
    his = await services.arena.ranking(bob.user_id)
    assert [(one.model, one.won, one.lost, one.tied, one.rating) for one in his.items] == [
        (OUT, 5, 0, 1, None),
        (HOME, 0, 5, 1, None),
    ]
    site = await services.arena.ranking(None)
    assert site.votes == 26
    assert [(one.model, one.rival, one.points, one.votes) for one in site.pairs] == [
        (OUT, HOME, 5.5, 26),
        (HOME, OUT, 20.5, 26),
    ]
    lines = (await services.arena.ranking_csv(None)).decode("utf-8-sig").splitlines()
    assert lines[0] == (
        "rank,model,rating,low,high,votes,won,lost,tied,points against house/small,points against cloud/large"
    )
    assert lines[1].startswith("1,house/small,")
    assert lines[1].endswith(",26,20,5,1,,20.5")
    # the votes go with whoever gave them, by round, all at once, and with the person
    page = await services.arena.rounds(ann.subject, None, 15)
    rest = await services.arena.rounds(ann.subject, page.next_cursor, 15)
    assert (len(page.items), len(rest.items), rest.next_cursor) == (15, 5, None)
    await services.arena.remove(ann.subject, page.items[0].id)
    assert len(await services.arena.everything(ann.subject)) == 19
    await services.arena.remove_all(ann.subject)
    assert (await services.arena.ranking(ann.subject.user_id)).items == []
    assert (await services.arena.ranking(None)).votes == 6
    async with services.database.begin() as session:
        await session.execute(delete(User).where(User.id == bob.user_id))
    assert (await services.arena.ranking(None)).votes == 0
