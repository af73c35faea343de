"""When an answer is given again: what settings and headers say, on the database and on a real Redis."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from freehold.access.subject import Subject
from freehold.db import Database, migrate, open_database, parse_target
from freehold.gateway.cache import store as stores
from freehold.gateway.cache.redis_store import RedisStore
from freehold.gateway.cache.service import AnswerCache, Lookup, Wish, of_person, wish
from freehold.gateway.cache.store import DatabaseStore, Entry, Recent, Store
from freehold.identity.people.membership import Membership
from freehold.kit import clock
from freehold.settings.areas import CacheSettings
from tests.services import redis
from tests.services.availability import missing
from tests.services.ports import free_port

SECRET = b"s" * 32
BODY: dict[str, Any] = {"model": "smart", "messages": [{"role": "user", "content": "Hello there"}]}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres), "redis"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    if request.param == "redis":
        program = redis.find_redis()
        if program is None:
            missing("Redis", redis.REMEDY)
        with redis.running(program, tmp_path) as url:
            kept = await RedisStore.at(url)
            yield kept
            await kept.aclose()
        return
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'freehold.sqlite'}"
    else:
        server = request.getfixturevalue("postgres_server")
        url = server.url(server.create())
    database: Database = open_database(parse_target(url, tmp_path))
    await migrate.upgrade(database, backups=tmp_path / "backups")
    yield DatabaseStore(database)
    await database.dispose()


def cache(store: Store, **settings: Any) -> AnswerCache:
    return AnswerCache(CacheSettings(**{"mode": "always", **settings}), store, SECRET)


async def find(answers: AnswerCache, body: dict[str, Any] = BODY, tenant: str = "ann", **headers: str) -> Lookup:
    return await answers.find(
        Subject(tenant, "member", None), "openai_chat", body, headers.get("header"), headers.get("control")
    )


async def asked_and_kept(answers: AnswerCache, answer: bytes = b'{"a":1}') -> None:
    answers.keep(await find(answers), answer, "application/json", "acme/alpha")
    await answers.written()


async def test_an_answer_is_given_again_also_by_another_process(store: Store) -> None:
    await asked_and_kept(cache(store))
    found = await find(cache(store))
    assert found.state == "hit"
    assert found.entry
    assert (found.entry.body, found.entry.media_type, found.entry.model) == (
        b'{"a":1}',
        "application/json",
        "acme/alpha",
    )
    assert abs(found.entry.made_at - clock.time()) < 60


async def test_the_newest_answer_wins_and_a_bad_one_is_forgotten(store: Store) -> None:
    answers = cache(store)
    await asked_and_kept(answers, b"old")
    await asked_and_kept(answers, b"old")
    answers.keep(await find(answers, header="refresh"), b"new", "application/json", "acme/alpha")
    await answers.written()
    found = await find(cache(store))
    assert found.entry
    assert found.entry.body == b"new"
    assert not await answers.forget(of_person("bob"), found.key), "nobody forgets another's answers"
    assert not await answers.forget(of_person("ann"), found.key[:20])
    assert not await answers.forget(of_person("ann"), b"")
    assert (await find(answers)).state == "hit"
    assert await answers.forget(of_person("ann"), found.key)
    assert (await find(answers)).state == "miss"
    assert (await find(cache(store))).state == "miss"


async def test_all_answers_of_some_or_of_everybody_are_forgotten(store: Store) -> None:
    answers = cache(store)

    async def states() -> list[str]:
        return [(await find(answers, tenant=who)).state for who in ("ann", "bob", "cat")]

    for who in ("ann", "bob", "cat"):
        for number in range(3):
            body = {**BODY, "seed": number} if number else BODY
            answers.keep(await find(answers, body, tenant=who), b"x", "t", "m")
    await answers.forget_all([of_person("ann"), of_person("cat")])
    assert await states() == ["miss", "hit", "miss"]
    assert (await find(cache(store), {**BODY, "seed": 1}, tenant="bob")).state == "hit"
    assert (await find(cache(store), {**BODY, "seed": 1}, tenant="ann")).state == "miss"
    await answers.forget_all()
    assert await states() == ["miss"] * 3
    assert (await find(cache(store), tenant="bob")).state == "miss"


async def test_another_process_follows_within_a_minute(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "RECENT_SECONDS", 0.3)
    one, other = cache(store), cache(store)
    await asked_and_kept(one)
    assert (await find(other)).state == "hit"
    await one.forget_all([of_person("ann")])
    deadline = clock.monotonic() + 10
    while (await find(other)).state == "hit":
        assert clock.monotonic() < deadline
        await asyncio.sleep(0.05)


async def test_an_expired_answer_is_none(store: Store) -> None:
    answers = cache(store, ttl_seconds=1)
    await asked_and_kept(answers)
    assert (await find(answers)).state == "hit"
    deadline = clock.monotonic() + 20
    while (await find(answers)).state == "hit" or (await find(cache(store))).state == "hit":
        assert clock.monotonic() < deadline
        await asyncio.sleep(0.1)


def test_whoever_shares_with_the_server_is_in_the_same_groups() -> None:
    legal, sales = Membership("1", "legal"), Membership("2", "sales")
    answers = AnswerCache(CacheSettings(mode="always", share="server"), None, SECRET)  # type: ignore[arg-type]

    def tenant(name: str, *groups: Membership) -> str:
        return answers.tenant(Subject(name, "member", None, groups=groups))

    assert tenant("ann", legal) == tenant("bob", legal)
    assert len({tenant("ann"), tenant("ann", legal), tenant("ann", sales), tenant("ann", legal, sales)}) == 4


async def test_another_person_gets_no_hit(store: Store) -> None:
    answers = cache(store)
    await asked_and_kept(answers)
    assert (await find(answers, tenant="bob")).state == "miss"


async def test_the_normalised_question_hits_unless_that_is_off(store: Store) -> None:
    other = {**BODY, "messages": [{"role": "user", "content": "  hello THERE? "}]}
    await asked_and_kept(cache(store))
    assert (await find(cache(store), other)).state == "hit"
    assert (await find(cache(store, normalise=False), other)).state == "miss"


async def test_what_is_too_large_or_has_tools_is_not_kept(store: Store) -> None:
    answers = cache(store, largest_answer_bytes=3)
    await asked_and_kept(answers)
    assert (await find(answers)).state == "miss"
    assert (await find(cache(store), {**BODY, "tools": [{}]})).state == "bypass"


async def test_a_redis_that_is_away_costs_the_saving_and_nothing_else() -> None:
    kept = await RedisStore.at(f"redis://127.0.0.1:{free_port()}/0")
    answers = cache(kept)
    assert (await find(answers)).state == "miss"
    await asked_and_kept(answers)
    assert (await find(answers)).state == "hit", "memory still has it"
    await kept.aclose()


@pytest.mark.parametrize(
    ("mode", "header", "control", "expected"),
    [
        ("off", "on", None, Wish(False, False)),
        ("on_request", None, None, Wish(False, False)),
        ("on_request", "on", None, Wish(True, True)),
        ("on_request", "refresh", None, Wish(False, True)),
        ("always", None, None, Wish(True, True)),
        ("always", "off", None, Wish(False, False)),
        ("always", None, "no-store", Wish(False, False)),
        ("always", None, "No-Cache", Wish(False, True)),
        ("always", None, "max-age=60", Wish(True, True, 60.0)),
        ("always", "nonsense", "nonsense", Wish(True, True)),
    ],
)
def test_settings_and_headers_together(mode: str, header: str | None, control: str | None, expected: Wish) -> None:
    assert wish(mode, header, control) == expected


def test_memory_is_bounded_and_forgets_the_oldest() -> None:
    recent, now = Recent(max_bytes=10), clock.time()
    entries = {bytes([number]): Entry(b"1234", "t", "m", now, now + 60) for number in range(3)}
    for name, entry in entries.items():
        recent.put(name, entry, now)
    assert recent.get(b"\x00", now) is None
    assert recent.get(b"\x02", now) is entries[b"\x02"]
    assert recent.get(b"\x02", now + 61) is None
    recent.put(b"x", Entry(b"12345678901", "t", "m", now, now + 60), now)
    assert recent.get(b"x", now) is None
    assert recent.get(b"\x01", now) is entries[b"\x01"]
