"""Attached texts: the model reads them with their names, and what keeps watch over words reads them as well."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from freehold.assembly import running_services
from freehold.chat import schemas
from freehold.chat.attached import written_out
from freehold.chat.compaction.plan import tokens_of
from freehold.chat.models import Message
from freehold.deps import Services
from freehold.errors import InvalidRequest, NotFound
from freehold.settings import Settings
from tests.chat.conftest import new_user
from tests.chat.reading import Person
from tests.chat.spoken_model import SpokenModel, speaking
from tests.files.conftest import picture

OUT, HOME = "cloud/large", "house/small"
CLASSES = [
    {"id": "contact", "detect": ["email"], "action": "mask"},
    {"id": "plans", "words": ["绝密"], "action": "in_house"},
]


@pytest.fixture
async def cloud() -> AsyncIterator[SpokenModel]:
    """The provider outside, which remembers everything that it was sent."""
    async with speaking() as cloud:
        cloud.script, cloud.title = ["Hello", " from outside"], "A title"
        yield cloud


@pytest.fixture
async def services(
    make_settings: Callable[..., Settings], cloud: SpokenModel, model: SpokenModel
) -> AsyncIterator[Services]:
    model.script, model.title = ["Hello", " from home"], '{"title": "A title"}'
    plain = make_settings()
    providers = [*plain.declared.model_dump()["providers"]]
    for declared in providers:
        declared["models"] = declared.pop("declared_models", declared.get("models"))
    outside = {"id": "cloud", "kind": "openai_compatible", "name": "Cloud", "base_url": cloud.url}
    providers.append(outside | {"self_hosted": False, "models": [{"id": "large", "prices": {"input": 1, "output": 2}}]})
    targets = [{"provider": "cloud", "model": "large"}, {"provider": "house", "model": "small", "priority": 1}]
    declared = {"providers": providers, "models": {"both": {"targets": targets}}, "privacy": {"classes": CLASSES}}
    settings = plain.model_copy(update={"declared": type(plain.declared).model_validate(declared)})
    async with running_services(settings) as services:
        yield services


@pytest.fixture
async def ann(services: Services) -> Person:
    return Person(services, await new_user(services, "ann"))


async def asked_with(person: Person, data: bytes, *, name: str = "notes.md", model: str = HOME) -> dict[str, Any]:
    """The answer to a question with that file."""
    file = await person.services.files.store(person.subject.user_id, name, data)
    thread = await person.new_thread()
    parts: Any = [{"type": "file", "file_id": file.id}, {"type": "text", "text": "What does it say?"}]
    turn = schemas.SendTurn(kind="send", parent_id=None, parts=parts, model=model)
    return await (await person.turn(thread.id, turn)).to_end()


def last_words(model: SpokenModel) -> str:
    content = model.asked[-1]["messages"][-1]["content"]
    return content if isinstance(content, str) else "\n\n".join(part["text"] for part in content)


async def test_the_model_reads_the_words_with_their_name(ann: Person, model: SpokenModel) -> None:
    answer = await asked_with(ann, "# Notes\n```\ncode\n```\n你好\n".encode("gb18030"))
    assert last_words(model) == "notes.md:\n````\n# Notes\n```\ncode\n```\n你好\n````\n\nWhat does it say?"
    detail = await ann.thread(answer["thread_id"])
    (shown, said) = detail.messages[0].parts
    assert isinstance(shown, schemas.FilePart)
    assert (shown.name, shown.media_type, said.type) == ("notes.md", "text/plain", "text")


async def test_what_stands_in_a_file_does_not_leave_the_house(
    ann: Person, cloud: SpokenModel, model: SpokenModel
) -> None:
    answer = await asked_with(ann, "这是绝密计划".encode("gb18030"), model="both")
    assert answer["run"]["model"] == HOME
    assert answer["run"]["passed"]["classes"] == ["plans"]
    assert cloud.asked == []
    assert "绝密" in last_words(model)


async def test_what_is_hidden_of_words_is_hidden_of_files(ann: Person, cloud: SpokenModel) -> None:
    await asked_with(ann, b"write to anna@example.com", model=OUT)
    assert "anna@example.com" not in json.dumps(cloud.asked)
    assert "write to [EMAIL_1]" in last_words(cloud)


async def test_a_locked_thread_keeps_its_files(ann: Person, cloud: SpokenModel) -> None:
    file = await ann.services.files.store(ann.subject.user_id, "a.txt", b"plain")
    thread = await ann.new_thread()
    await ann.services.chat.change_thread(ann.subject, thread.id, schemas.ThreadPatch(in_house=True))
    parts: Any = [{"type": "file", "file_id": file.id}]
    turn = schemas.SendTurn(kind="send", parent_id=None, parts=parts, model=OUT)
    answer = await (await ann.turn(thread.id, turn)).to_end()
    assert (answer["status"], answer["error"]["code"]) == ("failed", "kept_in_house")
    assert cloud.asked == []


async def test_a_file_is_its_owners_and_of_its_kind(ann: Person, bob: Person) -> None:
    files, owner = ann.services.files, ann.subject.user_id
    text, image = await files.store(owner, "a.txt", b"plain"), await files.store(owner, "a.png", picture())
    thread, theirs = await ann.new_thread(), await bob.new_thread()
    for person, thread_id, part, refusal in (
        (bob, theirs.id, {"type": "file", "file_id": text.id}, NotFound),
        (ann, thread.id, {"type": "image", "file_id": text.id}, InvalidRequest),
        (ann, thread.id, {"type": "file", "file_id": image.id}, InvalidRequest),
    ):
        parts: Any = [part]
        with pytest.raises(refusal):
            await person.turn(thread_id, schemas.SendTurn(kind="send", parent_id=None, parts=parts, model=HOME))


async def test_a_chat_of_a_file_alone_is_called_as_the_file(ann: Person, model: SpokenModel) -> None:
    model.title = "no JSON"
    file = await ann.services.files.store(ann.subject.user_id, "budget.csv", b"a,b\n1,2\n")
    thread = await ann.new_thread()
    parts: Any = [{"type": "file", "file_id": file.id}]
    await (await ann.turn(thread.id, schemas.SendTurn(kind="send", parent_id=None, parts=parts, model=HOME))).to_end()
    assert (await ann.thread(thread.id)).thread.title == "budget.csv"


async def test_a_file_that_is_gone_is_named(ann: Person) -> None:
    part = {"type": "file", "file_id": "gone", "name": "lost.txt", "media_type": "text/plain", "size_bytes": 8_000}
    message = Message(id="m", role="user", parts=[part])
    assert tokens_of(message) == 2_004
    (written,) = await written_out(ann.services.files, ann.subject.user_id, [message])
    assert written.parts == [{"type": "text", "text": "[file: lost.txt]"}]
    assert message.parts == [part]


async def test_a_draft_tells_what_its_files_are(ann: Person) -> None:
    file = await ann.services.files.store(ann.subject.user_id, "a.txt", b"plain")
    put = schemas.DraftPut(text="", file_ids=[file.id, "gone"])
    assert [one.name for one in (await ann.services.chat.put_draft(ann.subject, "new", put)).files] == ["a.txt"]
    draft = await ann.services.chat.draft(ann.subject, "new")
    assert (draft.file_ids, draft.files) == ([file.id, "gone"], [file])
