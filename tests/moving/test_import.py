"""What other products exported comes in whole: trees, times, models, files; the rest is counted and named."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import pytest
from sqlalchemy import update

from freehold.access.subject import Subject
from freehold.assembly import running_services
from freehold.chat import schemas as chat
from freehold.deps import Services
from freehold.errors import StorageError
from freehold.kit.clock import now
from freehold.moving import place, schemas
from freehold.moving.models import Import
from freehold.settings import Settings
from tests.moving import exports
from tests.moving.conftest import add_person


async def bring(services: Services, who: Subject, data: bytes, *, piece: int = 1_000_000) -> schemas.ImportInfo:
    """Send an archive in pieces and wait for the end of the import."""
    begun = await services.imports.begin(who, schemas.ImportNew(name="export.zip", size_bytes=len(data)))
    for offset in range(0, len(data), piece):

        async def chunks(at: int = offset) -> Any:
            yield data[at : at + piece]

        await services.imports.receive(who, begun.id, offset, chunks())
    return await ended(services, who, begun.id)


async def ended(services: Services, who: Subject, import_id: str) -> schemas.ImportInfo:
    with anyio.fail_after(60):
        while True:
            found = await services.imports.one(who, import_id)
            if found.state in ("done", "failed"):
                return found
            await anyio.sleep(0.02)


async def chats(services: Services, who: Subject) -> dict[str, chat.ThreadDetail]:
    found: dict[str, chat.ThreadDetail] = {}
    for state in ("active", "archived"):
        page = await services.chat.threads(who, state=state, pinned=None, project_id=None, cursor=None, limit=100)
        for thread in page.items:
            found[thread.title] = await services.chat.thread(who, thread.id)
    return found


def shape(detail: chat.ThreadDetail) -> list[Any]:
    """The tree as nested lists of (role, words, children), siblings in their order."""
    below: dict[str | None, list[chat.Message]] = {}
    for message in detail.messages:
        below.setdefault(message.parent_id, []).append(message)

    def branch(parent: str | None) -> list[Any]:
        return [(message.role[0], words(message), branch(message.id)) for message in below.get(parent, [])]

    return branch(None)


def words(message: chat.Message) -> str:
    texts: list[str] = []
    for part in message.parts:
        if isinstance(part, chat.TextPart):
            texts.append(part.text)
        elif isinstance(part, chat.ReasoningPart):
            texts.append(f"({part.text})")
        elif isinstance(part, chat.ToolCallPart):
            texts.append(f"{part.name}[{part.arguments}]={part.result}")
        else:
            texts.append(f"<{part.media_type}>")
    return " ".join(texts)


def adds_up(report: schemas.ImportReport) -> None:
    for counts in (report.chats, report.messages):
        assert counts.found == counts.imported + counts.already + counts.not_taken


async def notes(services: Services, who: Subject, import_id: str) -> dict[str, dict[str, int]]:
    page = await services.imports.notes(who, import_id, None, 200)
    return {note.title: {item.code: item.count for item in note.items} for note in page.items}


async def test_chatgpt(services: Services, ann: Subject) -> None:
    done = await bring(services, ann, exports.chatgpt(), piece=700)
    assert (done.state, done.product, done.progress) == ("done", "chatgpt", 1.0)
    found = await chats(services, ann)
    assert shape(found["Mooring"]) == [
        (
            "u",
            "How do I moor a boat?",
            [
                ("a", "With two lines.", [("u", "And in wind?", [])]),
                (
                    "a",
                    "With two lines and springs: see 海图.",
                    [
                        (
                            "u",
                            "<image/png> Which berth is free?",
                            [
                                (
                                    "a",
                                    "(The third berth looks empty.) python[berths = [1, 0, 1]\nberths.index(0)]=1 "
                                    "The second berth is free. <image/webp>",
                                    [],
                                )
                            ],
                        )
                    ],
                ),
            ],
        )
    ]
    mooring = found["Mooring"]
    assert mooring.thread.leaf_id == mooring.messages[-1].id
    assert mooring.thread.created_at == datetime.fromtimestamp(1714800000.25, UTC)
    assert mooring.thread.last_activity_at == datetime.fromtimestamp(1714800205, UTC)
    assert [message.run.model_id for message in mooring.messages if message.run] == ["gpt-4", "gpt-4o", "o3"]
    assert found["晚饭"].thread.state == "archived"
    report = done.report
    adds_up(report)
    assert report.chats == schemas.Counts(found=3, imported=2, not_taken=1)
    assert report.messages == schemas.Counts(found=16, imported=12, not_taken=4)
    assert report.files == 2
    assert await notes(services, ann, done.id) == {
        "Mooring": {"hidden_message": 2, "file_missing": 1},
        "晚饭": {"empty_message": 1, "unreadable_message": 1},
        "Damaged": {"conversation_unreadable": 1},
        "": {"archive_part": 4},
    }


async def test_claude(services: Services, ann: Subject) -> None:
    done = await bring(services, ann, exports.claude())
    assert (done.state, done.product) == ("done", "claude")
    found = await chats(services, ann)
    attached = "Read my recipe. **recipe.txt**\n\n````\nflour\n```\nwater\n````"
    assert shape(found["Bread"]) == [
        (
            "u",
            attached,
            [
                (
                    "a",
                    '(It lacks salt.) search[{"q": "salt in bread"}]=2 % Add 2 % salt.',
                    [("u", "面粉呢？", [("a", "高筋面粉。", [])])],
                ),
                ("a", "It is fine.", []),
            ],
        )
    ]
    assert shape(found["Old, in a line"]) == [("u", "Hello", [("a", "Hi", [])])]
    adds_up(done.report)
    assert done.report.messages == schemas.Counts(found=8, imported=7, not_taken=1)
    assert await notes(services, ann, done.id) == {
        "Bread": {"file_missing": 1, "content_kind": 1},
        "Old, in a line": {"empty_message": 1},
        "": {"archive_part": 2},
    }


async def test_open_webui(services: Services, ann: Subject) -> None:
    done = await bring(services, ann, exports.open_webui())
    assert (done.state, done.product) == ("done", "open_webui")
    found = await chats(services, ann)
    assert shape(found["Weather"]) == [
        (
            "u",
            "What is in the picture? <image/png>",
            [
                ("a", "(A yellow box & nothing else.) A yellow box.", [("u", "谢谢", [])]),
                ("a", "(Colour?) look[{}]=yellow Yellow.", []),
            ],
        )
    ]
    weather = found["Weather"]
    assert weather.thread.pinned
    assert words(next(m for m in weather.messages if m.id == weather.thread.leaf_id)).endswith("Yellow.")
    assert found["Before branches"].thread.state == "archived"
    adds_up(done.report)
    assert done.report.messages == schemas.Counts(found=6, imported=6)
    assert await notes(services, ann, done.id) == {"Weather": {"instructions": 1, "file_missing": 1}}


async def test_librechat(services: Services, ann: Subject) -> None:
    done = await bring(services, ann, exports.librechat())
    assert (done.state, done.product) == ("done", "librechat")
    found = await chats(services, ann)
    assert shape(found["Virtual environments"]) == [
        (
            "u",
            "How do I make one?",
            [
                (
                    "a",
                    '(Which system?) shell[{"cmd":"ls"}]=bin python -m venv .venv',
                    [("u", "谢谢", []), ("u", "It fails.", [("a", "Use venv.", [])])],
                ),
                ("a", "virtualenv .venv", []),
            ],
        )
    ]
    assert [m.status for m in found["Virtual environments"].messages if words(m) == "Use venv."] == ["stopped"]
    adds_up(done.report)
    assert done.report.messages == schemas.Counts(found=6, imported=6)
    assert await notes(services, ann, done.id) == {"Virtual environments": {"instructions": 1, "file_missing": 1}}


async def test_lobechat(services: Services, ann: Subject) -> None:
    done = await bring(services, ann, exports.lobechat())
    assert (done.state, done.product) == ("done", "lobechat")
    found = await chats(services, ann)
    assert shape(found["包饺子"]) == [
        ("u", "怎么包饺子？", [("a", "先买皮。", []), ("a", "先和面。", [("u", "然后呢？", [])])])
    ]
    assert shape(found["厨师"]) == [("u", "没有话题", [])]
    (project,) = await services.chat.projects(ann)
    assert (project.name, project.threads) == ("厨师", 2)
    adds_up(done.report)
    assert done.report.messages == schemas.Counts(found=5, imported=5)


async def test_lobechat_of_a_server(services: Services, ann: Subject) -> None:
    done = await bring(services, ann, exports.lobechat_server())
    assert (done.state, done.product) == ("done", "lobechat")
    found = await chats(services, ann)
    assert shape(found["Sorting"]) == [("u", "Sort this", [("a", '(Quick or merge?) run[{"x":1}]=[1,2] Sorted.', [])])]
    adds_up(done.report)
    assert done.report.messages == schemas.Counts(found=4, imported=4)
    assert await notes(services, ann, done.id) == {"Sorting": {"file_missing": 1}, "": {"archive_part": 1}}


EVERY = [
    exports.chatgpt,
    exports.claude,
    exports.open_webui,
    exports.librechat,
    exports.lobechat,
    exports.lobechat_server,
]


@pytest.mark.parametrize("export", EVERY, ids=lambda export: export.__name__)
async def test_what_was_imported_is_known_when_it_comes_again(
    services: Services, ann: Subject, export: Callable[[], bytes]
) -> None:
    first = await bring(services, ann, export())
    before = await chats(services, ann)
    again = await bring(services, ann, export())
    adds_up(again.report)
    assert again.report.messages.imported == 0
    assert again.report.messages.already == first.report.messages.imported
    assert await chats(services, ann) == before


async def test_what_was_said_since_is_added(services: Services, ann: Subject) -> None:
    older = exports.sample("claude")[:1]
    older[0]["chat_messages"] = older[0]["chat_messages"][:2]
    await bring(services, ann, json.dumps(older).encode())
    done = await bring(services, ann, exports.claude())
    assert (done.report.extended, done.report.messages.already, done.report.messages.imported) == (1, 2, 5)
    assert len((await chats(services, ann))["Bread"].messages) == 5


async def test_two_people_may_import_the_same(services: Services, ann: Subject, bob: Subject) -> None:
    await bring(services, ann, exports.claude())
    done = await bring(services, bob, exports.claude())
    assert done.report.messages.imported == 7
    hers, his = await chats(services, ann), await chats(services, bob)
    assert shape(hers["Bread"]) == shape(his["Bread"])
    assert {m.id for m in hers["Bread"].messages}.isdisjoint(m.id for m in his["Bread"].messages)


async def test_a_killed_server_goes_on_behind_the_last_chat(
    make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    write = place.write

    async def fails_at_the_second(session: Any, owner_id: str, conversation: Any, *rest: Any, **more: Any) -> None:
        await write(session, owner_id, conversation, *rest, **more)
        if conversation["title"] == "晚饭":
            raise StorageError("gone")

    monkeypatch.setattr(place, "write", fails_at_the_second)
    data = exports.chatgpt()
    async with running_services(make_settings()) as services:
        ann = await add_person(services, "ann")
        begun = await services.imports.begin(ann, schemas.ImportNew(name="e.zip", size_bytes=len(data)))

        async def chunks() -> Any:
            yield data

        await services.imports.receive(ann, begun.id, 0, chunks())
        with anyio.fail_after(60):
            while (await services.imports.one(ann, begun.id)).report.chats.found < 1:
                await anyio.sleep(0.02)
        await anyio.sleep(0.2)
        assert list(await chats(services, ann)) == ["Mooring"]
        async with services.database.begin() as session:  # as long ago as a server that died
            await session.execute(update(Import).values(heartbeat_at=now() - timedelta(hours=1)))
    monkeypatch.setattr(place, "write", write)
    async with running_services(make_settings()) as services:
        done = await ended(services, ann, begun.id)
        assert (done.report.chats.imported, done.report.chats.not_taken) == (2, 1)
        assert done.report.messages == schemas.Counts(found=16, imported=12, not_taken=4)
        assert set(await chats(services, ann)) == {"Mooring", "晚饭"}
