"""The search on both databases: what is found, by whom, and what is not found any more."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, text, update

from freehold.chat import jobs, models, schemas
from freehold.chat.search import repository
from freehold.chat.search.models import SearchDoc
from freehold.chat.search.words import terms
from freehold.errors import InvalidRequest
from freehold.kit.clock import now
from freehold.kit.ids import new_id
from tests.chat.reading import Person
from tests.chat.search.asking import ask, found, ids, marked
from tests.chat.spoken_model import SpokenModel


async def turn(ann: Person, model: SpokenModel, question: str, answer: str, **fields: Any) -> tuple[str, str, str]:
    """A thread with one question and its answer: the three ids."""
    thread = await ann.new_thread(**fields)
    model.script = [answer]
    message = await (await ann.send(thread.id, question)).to_end()
    return thread.id, message["parent_id"], message["id"]


async def write(person: Person, texts: list[str], *, thread_id: str | None = None, **fields: Any) -> list[str]:
    """Messages as they lie in the database, a minute apart, oldest first."""
    thread_id = thread_id or (await person.new_thread()).id
    rows = [
        models.Message(
            **{
                "id": new_id(),
                "thread_id": thread_id,
                "role": "user",
                "status": "complete",
                "parts": [{"type": "text", "text": text}],
                "created_at": now() - timedelta(minutes=len(texts) - number),
                **fields,
            }
        )
        for number, text in enumerate(texts)
    ]
    async with person.services.database.begin() as session:
        session.add_all(rows)
    return [row.id for row in rows]


async def test_questions_answers_and_titles_are_found(ann: Person, bob: Person, model: SpokenModel) -> None:
    thread_id, question, answer = await turn(ann, model, "Where do 红熊猫 live?", "In the Himalaya", title="Zoology")
    assert await found(ann, "熊猫") == [question]
    assert await found(ann, "HIMAL") == [answer]
    assert await found(ann, "zoology") == [thread_id]
    assert await found(ann, "himalaya pandas") == []
    for query in ("熊猫", "himalaya", "zoology"):
        assert await found(bob, query) == []
    page = await ask(ann, "himalaya")
    (group,) = page.items
    assert (group.title.text, group.archived, page.next_cursor) == ("Zoology", False, None)
    (hit,) = group.hits
    assert (hit.role, hit.model, marked(hit.snippet)) == ("assistant", "house/small", ["Himalaya"])


async def test_an_answer_is_found_once_it_is_written(ann: Person, model: SpokenModel) -> None:
    thread = await ann.new_thread()
    follower = await ann.send(thread.id, "q")
    call = await model.next_call()
    call.think("secretly")
    call.say("halfway")
    await follower.until("halfway")
    assert await found(ann, "halfway") == []
    await ann.stop(follower.generation_id)
    message = await follower.to_end()
    assert await found(ann, "halfway") == [message["id"]]
    assert await found(ann, "secretly") == [], "reasoning is not searched"


async def test_edits_and_new_titles_replace_what_was_found(ann: Person, model: SpokenModel) -> None:
    thread_id, question, _ = await turn(ann, model, "before", "answer", title="old name")
    patch = schemas.MessagePatch.model_validate({"parts": [{"type": "text", "text": "afterwards 之后"}]})
    await ann.services.chat.edit_message(ann.subject, question, patch)
    assert (await found(ann, "before"), await found(ann, "之后")) == ([], [question])
    await ann.services.chat.change_thread(ann.subject, thread_id, schemas.ThreadPatch(title="new name"))
    assert (await found(ann, "old"), await found(ann, "new")) == ([], [thread_id])
    (group,) = (await ask(ann, "afterwards")).items
    assert group.title.text == "new name"


async def test_an_automatic_title_is_found(ann: Person, model: SpokenModel) -> None:
    thread = await ann.new_thread()
    async with ann.services.database.begin() as session:
        from freehold.chat import repository as chat_rows

        assert await chat_rows.set_automatic_title(session, ann.subject.user_id, thread.id, "Written by itself")
    assert await found(ann, "itself") == [thread.id]


async def test_what_is_deleted_is_not_found_until_it_is_back(ann: Person, model: SpokenModel) -> None:
    thread = await ann.new_thread(title="kept apart")
    model.script = ["first answer", "second answer"]
    first = await (await ann.send(thread.id, "first question")).to_end()
    second = await (await ann.send(thread.id, "second question", parent_id=first["id"])).to_end()
    everything = [second["id"], second["parent_id"], first["id"], first["parent_id"]]
    chat = ann.services.chat

    async def all_found() -> list[str]:
        return [*await found(ann, "answer"), *await found(ann, "question")]

    assert sorted(await all_found()) == sorted(everything)
    await chat.delete_message(ann.subject, first["id"])
    assert await all_found() == [first["parent_id"]]
    await chat.restore_message(ann.subject, first["id"])
    assert sorted(await all_found()) == sorted(everything)
    await chat.delete_thread(ann.subject, thread.id)
    assert (await all_found(), await found(ann, "apart")) == ([], [])
    await chat.restore_thread(ann.subject, thread.id)
    assert len(await all_found()) == 4


async def test_an_answer_below_a_deleted_question_stays_hidden(ann: Person) -> None:
    thread = await ann.new_thread()
    (question,) = await write(ann, ["question"], thread_id=thread.id, deleted_at=now())
    await write(ann, ["late answer"], thread_id=thread.id, role="assistant", parent_id=question)
    assert await found(ann, "late") == []


async def test_archived_chats_are_found_and_say_so(ann: Person, model: SpokenModel) -> None:
    thread_id, question, _ = await turn(ann, model, "attic", "answer")
    await ann.services.chat.change_thread(ann.subject, thread_id, schemas.ThreadPatch(state="archived"))
    (group,) = (await ask(ann, "attic")).items
    assert (ids(group), group.archived) == ([question], True)


async def test_nothing_is_left_of_what_was_purged(ann: Person, model: SpokenModel) -> None:
    thread_id, question, _ = await turn(ann, model, "gone for good", "answer", title="gone")
    kept_id, kept, _ = await turn(ann, model, "gone as well", "answer")
    await ann.services.chat.delete_thread(ann.subject, thread_id)
    await ann.services.chat.delete_message(ann.subject, kept)
    database = ann.services.database
    async with database.begin() as session:
        long_ago = now() - timedelta(days=31)
        await session.execute(update(models.Thread).where(models.Thread.id == thread_id).values(deleted_at=long_ago))
        await session.execute(update(models.Message).where(models.Message.id == kept).values(deleted_at=long_ago))
    await jobs.sweep(database, ann.services.files)
    async with database.read() as session:
        left = (await session.scalars(select(SearchDoc.thread_id))).all()
        assert set(left) <= {kept_id}
        if database.dialect == "sqlite":
            query = text("SELECT count(*) FROM search_index WHERE search_index MATCH :q")
            doc = repository.Wanted(ann.subject.user_id, "message", ())
            assert await session.scalar(query, {"q": f'"{doc.scope}gone"'}) == 0, "nor in the index"
    del question


async def test_names_of_files_are_found(ann: Person) -> None:
    image = {"type": "image", "file_id": new_id(), "name": "夏天 holiday-2024.jpg"}
    thread = await ann.new_thread()
    (with_file,) = await write(ann, [""], thread_id=thread.id, parts=[image])
    (without,) = await write(ann, ["holiday plans"], thread_id=thread.id)
    assert await found(ann, "夏天") == [with_file]
    assert await found(ann, "holiday", has_file=True) == [with_file]
    assert await found(ann, "holiday", has_file=False) == [without]
    assert await found(ann, "jpg") == [with_file]


async def test_filters(ann: Person, model: SpokenModel) -> None:
    project = await ann.services.chat.create_project(ann.subject, schemas.ProjectNew(name="P"))
    inside, question, answer = await turn(ann, model, "topic a", "topic b", title="topic", project_id=project.id)
    (old,) = await write(ann, ["topic of old"], created_at=now() - timedelta(days=400))
    assert await found(ann, "topic", role="user") == [question, old]
    assert await found(ann, "topic", role="assistant") == [answer]
    assert await found(ann, "topic", model="house/small") == [answer]
    assert await found(ann, "topic", model="house/other") == []
    assert set(await found(ann, "topic", project_id=project.id)) == {question, answer}
    year = now() - timedelta(days=365)
    assert set(await found(ann, "topic", since=year)) == {question, answer}
    assert await found(ann, "topic", until=year) == [old]
    assert await found(ann, "topic", kind="title") == [inside]
    assert len((await ask(ann, "topic", kind="message")).items) == 2


async def test_titles_come_first(ann: Person) -> None:
    titled = await ann.new_thread(title="apples")
    await write(ann, ["apples"])
    page = await ask(ann, "apples")
    assert page.items[0].thread_id == titled.id
    assert [len(group.hits) for group in page.items] == [0, 1]


@pytest.mark.parametrize(("newest", "days"), [(1, 1 / 1440), (3, 7), (3, 70), (1000, 1 / 1440)])
async def test_pages_show_everything_once_newest_first(
    ann: Person, monkeypatch: pytest.MonkeyPatch, newest: int, days: float
) -> None:
    """The index is asked season by season: many messages lie in one, or there are seasons without any."""
    monkeypatch.setattr(repository, "NEWEST", newest)
    one, two = await ann.new_thread(title="x"), await ann.new_thread(title="y")
    texts = [f"number {number} {'even 偶数' if number % 2 == 0 else 'odd 奇数'}" for number in range(24)]
    rows = [
        (
            await write(
                ann, [said], thread_id=(one, two)[number % 3 > 0].id, created_at=now() + timedelta(days=days * number)
            )
        )[0]
        for number, said in enumerate(texts)
    ]
    for query, expected in (
        ("number", rows),
        ("偶数", rows[::2]),
        ("odd", rows[1::2]),
        ('"23 odd"', rows[23:]),
        ("7 number", [rows[7]]),
        ("odd 偶数", []),
    ):
        seen: list[str] = []
        cursor = None
        while True:
            page = await ask(ann, query, limit=5, cursor=cursor)
            assert sum(len(group.hits) for group in page.items) <= 5
            seen += [hit.message_id for group in page.items for hit in group.hits]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert sorted(seen) == sorted(expected)
        assert len(set(seen)) == len(seen)
    with pytest.raises(InvalidRequest):
        await ask(ann, "number", cursor="bm90IGEgY3Vyc29y")


async def test_numbers_are_found_in_their_season_alone(ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that was wrong puts a chat into 1970, and every season since is asked."""
    monkeypatch.setattr(repository, "NEWEST", 1)
    start = datetime(1970, 1, 2, tzinfo=UTC)
    thread = await ann.new_thread()
    rows = [
        await write(ann, [f"{number} apples"], thread_id=thread.id, created_at=start + timedelta(days=199 * number))
        for number in range(105)
    ]
    expected = [*range(104, 99, -1), *range(19, 9, -1), 1]
    assert await found(ann, "1") == [rows[number][0] for number in expected]
    assert await found(ann, "10") == [rows[number][0] for number in (104, 103, 102, 101, 100, 10)]


async def test_a_long_passage_is_found_by_its_words(ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """More tokens than the index is asked for: the others are looked for in the rows."""
    monkeypatch.setattr(repository, "NEWEST", 1)
    passage = "".join(chr(0x4E00 + number * 7) for number in range(150))
    rows = await write(ann, [passage, passage[:140], f"words before {passage[20:]}", "最新"])
    assert await found(ann, passage) == rows[:1]
    assert await found(ann, passage[20:140]) == [rows[2], rows[1], rows[0]]


@pytest.mark.parametrize("newest", [1, 1000])
@pytest.mark.parametrize(
    "query",
    [
        '"',
        "a AND b",
        "NEAR(a b)",
        "a*",
        "^a",
        "tokens:a",
        "a' OR 1=1 --",
        "\\",
        "a:*",
        "a & !b",
        "%",
        "a_b",
        "''",
        "-a",
    ],
)
async def test_no_query_is_a_syntax_error(
    ann: Person, monkeypatch: pytest.MonkeyPatch, query: str, newest: int
) -> None:
    monkeypatch.setattr(repository, "NEWEST", newest)
    await write(ann, ["one", "two"])
    if terms(query):
        assert (await ask(ann, query)).items == []
    else:
        with pytest.raises(InvalidRequest, match="no word"):
            await ask(ann, query)


WORD = st.text(alphabet="abcdefghijklmnopqrstuvwxyzäöéABCＡＢß0123456789", min_size=1, max_size=12)
CHINESE = st.text(
    alphabet="的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动", min_size=2, max_size=12
)
TEXTS = st.lists(st.one_of(WORD, CHINESE), min_size=1, max_size=8)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(pieces=TEXTS, indexed=st.booleans())
async def test_every_word_and_every_pair_of_characters_finds_its_message(
    ann: Person, pieces: list[str], indexed: bool
) -> None:
    (message,) = await write(ann, [" ".join(pieces)])
    before = repository.NEWEST
    repository.NEWEST = 1 if indexed else before
    try:
        if indexed:
            await write(ann, ["…later"])
        for piece in pieces:
            chinese = "一" <= piece[0] <= "鿿"
            for query in [piece[at : at + 2] for at in range(len(piece) - 1)] if chinese else [piece, piece[:2]]:
                assert message in await found(ann, query, limit=50), query
    finally:
        repository.NEWEST = before


async def test_bulk_rows_past_the_session_can_be_indexed(ann: Person) -> None:
    from freehold.chat.search import keeping

    thread = await ann.new_thread()
    at = now()
    rows = [
        {
            "id": new_id(),
            "thread_id": thread.id,
            "role": "user",
            "status": "complete",
            "parts": [{"type": "text", "text": f"bulk {n}"}],
            "created_at": at,
        }
        for n in range(3)
    ]
    async with ann.services.database.begin() as session:
        await session.execute(insert(models.Message), rows)
        written = (await session.scalars(select(models.Message).where(models.Message.thread_id == thread.id))).all()
        connection = await session.connection()
        await connection.run_sync(keeping.index_messages, written)
    assert len(await found(ann, "bulk")) == 3
