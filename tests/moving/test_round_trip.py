"""What is exported comes back as it was: the same tree, words, models and pictures, here and on another server."""

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio.to_thread
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import delete

from freehold.access.subject import Subject
from freehold.chat import models, schemas
from freehold.deps import Services
from freehold.kit.ids import new_id
from freehold.moving.archive_writer import ArchiveWriter
from freehold.moving.document import as_json, file_path
from tests.moving.conftest import RUN, plant, text
from tests.moving.test_export import export
from tests.moving.test_import import adds_up, bring, chats, shape
from tests.moving.test_import_hostile import told

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
PARTS = st.lists(
    st.builds(lambda words: {"type": "text", "text": words}, WORDS)
    | st.builds(
        lambda words, took: {"type": "reasoning", "text": words, "seconds": took}, WORDS, st.none() | st.just(1.5)
    )
    | st.builds(
        lambda words, result: {"type": "tool_call", "id": "c", "name": "n", "arguments": words, "result": result},
        WORDS,
        st.none() | WORDS,
    ),
    min_size=1,
    max_size=3,
)


@st.composite
def details(draw: st.DrawFn) -> schemas.ThreadDetail:
    """A chat of any shape: each message below any earlier one, or at the root."""
    thread_id = new_id()
    messages: list[schemas.Message] = []
    for number in range(draw(st.integers(0, 8))):
        above = draw(st.none() | st.sampled_from(messages)) if messages else None
        messages.append(
            schemas.Message.model_validate(
                {
                    "id": new_id(),
                    "thread_id": thread_id,
                    "parent_id": above.id if above else None,
                    "role": draw(st.sampled_from(["user", "assistant"])),
                    "status": draw(st.sampled_from(["complete", "stopped", "failed", "interrupted"])),
                    "parts": draw(PARTS),
                    "run": draw(st.none() | st.just(RUN)),
                    "created_at": AT + timedelta(seconds=number),
                }
            )
        )
    thread = schemas.Thread(
        id=thread_id,
        title=draw(WORDS),
        title_source="user",
        project_id=None,
        model=None,
        state="active",
        pinned=False,
        leaf_id=messages[-1].id if messages else None,
        last_activity_at=AT,
        created_at=AT,
    )
    return schemas.ThreadDetail(thread=thread, messages=messages)


@given(detail=details())
@settings(max_examples=150, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_tree_is_read_as_it_was_written(tmp_path: Path, detail: schemas.ThreadDetail) -> None:
    lines = told(tmp_path, b"".join(as_json(detail, [])))
    (found,) = (line for line in lines if line["kind"] == "conversation")
    assert [line["kind"] for line in lines[-1:]] == ["end"]
    assert (found["source_id"], found["title"], found["leaf"]) == (
        detail.thread.id,
        detail.thread.title,
        detail.thread.leaf_id,
    )
    assert found["lost"] == {}
    written = json.loads(b"".join(as_json(detail, [])))["messages"]
    for node, message in zip(found["nodes"], written, strict=True):
        assert (node["key"], node["parent"], node["role"]) == (message["id"], message["parent_id"], message["role"])
        assert (node["parts"], node["run"], node["status"]) == (message["parts"], message["run"], message["status"])
        assert datetime.fromtimestamp(node["created_at"], UTC) == datetime.fromisoformat(message["created_at"])


async def a_chat(services: Services, who: Subject) -> str:
    picture = io.BytesIO()
    Image.new("RGB", (30, 20), "green").save(picture, "PNG")
    file = await services.files.store(who.user_id, "峡湾.png", picture.getvalue())
    image: dict[str, Any] = {"type": "image", "file_id": file.id, "name": file.name, "media_type": file.media_type}
    image |= {"width": 30, "height": 20}
    thread_id, _ = await plant(
        services,
        who,
        [
            ("q", None, "user", [*text("Where is it?"), image]),
            ("a", "q", "assistant", text("In Norway.")),
            ("b", "q", "assistant", [{"type": "reasoning", "text": "?", "seconds": 1.0}, *text("挪威。")]),
            ("r", None, "user", text("A second beginning")),
            ("c", "b", "user", text("Sure?")),
        ],
        leaf="a",
    )
    return thread_id


async def test_a_chat_that_is_here_is_known(services: Services, ann: Subject) -> None:
    thread_id = await a_chat(services, ann)
    before = await chats(services, ann)
    done = await bring(services, ann, (await export(services, ann, thread_id, "json")).encode())
    adds_up(done.report)
    assert (done.product, done.report.messages.already, done.report.messages.imported) == ("freehold", 5, 0)
    assert await chats(services, ann) == before


async def test_a_chat_in_the_bin_comes_out_of_it(services: Services, ann: Subject) -> None:
    thread_id = await a_chat(services, ann)
    before = await chats(services, ann)
    data = (await export(services, ann, thread_id, "json")).encode()
    await services.chat.delete_thread(ann, thread_id)
    assert await chats(services, ann) == {}
    done = await bring(services, ann, data)
    adds_up(done.report)
    assert (done.report.chats.imported, done.report.chats.already, done.report.messages.already) == (1, 0, 5)
    assert await chats(services, ann) == before


async def test_a_chat_that_was_deleted_for_good_comes_back_as_it_was(services: Services, ann: Subject) -> None:
    thread_id = await a_chat(services, ann)
    before = (await chats(services, ann))["A chat"]
    data = (await export(services, ann, thread_id, "json")).encode()
    async with services.database.begin() as session:
        await session.execute(delete(models.Thread).where(models.Thread.id == thread_id))
    done = await bring(services, ann, data)
    assert done.report.messages.imported == 5
    after = (await chats(services, ann))["A chat"]
    assert after == before


async def test_an_archive_brings_attached_texts_back(
    services: Services, ann: Subject, bob: Subject, tmp_path: Path
) -> None:
    file = await services.files.store(ann.user_id, "notes.md", "# 笔记".encode("gb18030"))
    part = {"type": "file", "file_id": file.id, "name": "notes.md", "media_type": "text/plain", "size_bytes": 8}
    thread_id, _ = await plant(services, ann, [("q", None, "user", [part, *text("What is it?")])])
    detail = await services.chat.thread(ann, thread_id)
    stored = await services.files.open(ann.user_id, file.id)

    def write() -> bytes:
        archive = ArchiveWriter(tmp_path / "a.zip", "en")
        archive.put_chat(detail, [file], None)
        archive.put_file(file_path(file.id, file.media_type), stored.path)
        archive.close()
        return (tmp_path / "a.zip").read_bytes()

    data = await anyio.to_thread.run_sync(write)
    assert "[notes.md](files/" in await export(services, ann, thread_id, "markdown")
    assert "<summary>notes.md</summary><pre># 笔记</pre>" in await export(services, ann, thread_id, "html")
    done = await bring(services, bob, data)
    adds_up(done.report)
    assert done.report.losses == {}
    (shown, _) = (await chats(services, bob))["A chat"].messages[0].parts
    assert isinstance(shown, schemas.FilePart)
    assert (shown.name, shown.size_bytes) == ("notes.md", 8)
    assert await services.files.text(bob.user_id, shown.file_id) == "# 笔记"


async def test_another_persons_export_becomes_ones_own(services: Services, ann: Subject, bob: Subject) -> None:
    thread_id = await a_chat(services, ann)
    done = await bring(services, bob, (await export(services, ann, thread_id, "json")).encode())
    adds_up(done.report)
    assert done.report.losses == {"file_missing": 1}
    hers, his = (await chats(services, ann))["A chat"], (await chats(services, bob))["A chat"]
    assert his.thread.id != hers.thread.id
    assert {m.id for m in his.messages}.isdisjoint(m.id for m in hers.messages)
    # her picture is not his, though he knows its id
    assert shape(his) == _without_picture(shape(hers))
    assert [m.run.model for m in his.messages if m.run] == ["acme/large", "acme/large"]


def _without_picture(tree: list[Any]) -> list[Any]:
    return [(role, words.replace(" <image/png>", ""), _without_picture(below)) for role, words, below in tree]
