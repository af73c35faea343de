"""Archives of many chats: all there is and nothing else, in a form that comes back, fetched in pieces, gone in time."""

import errno
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from sqlalchemy import select, update

from freehold.access.subject import Subject
from freehold.chat.schemas import ProjectNew
from freehold.deps import Services
from freehold.errors import Conflict, NotFound, TooManyAttempts
from freehold.kit.clock import now
from freehold.kit.ids import new_id
from freehold.moving import archive_writer, schemas
from freehold.moving.archive_writer import plain
from freehold.moving.models import Export
from freehold.prompts.schemas import PromptPut
from tests.moving.conftest import plant, text
from tests.moving.test_import import adds_up, bring, chats, shape
from tests.moving.test_round_trip import a_chat
from tests.services.freehold_server import serving


async def made(services: Services, who: Subject, **wish: Any) -> schemas.ExportInfo:
    begun = await services.exports.begin(who, schemas.ExportNew(**wish))
    return await ended(services, who, begun.id)


async def ended(services: Services, who: Subject, export_id: str) -> schemas.ExportInfo:
    with anyio.fail_after(60):
        while (found := await services.exports.one(who, export_id)).state == "running":
            await anyio.sleep(0.02)
    return found


async def fetched(services: Services, who: Subject, export_id: str) -> bytes:
    path, _ = await services.exports.content(who, export_id)
    return await anyio.Path(path).read_bytes()


async def test_everything_comes_back_to_another_person_as_the_same_trees(
    services: Services, ann: Subject, bob: Subject
) -> None:
    await a_chat(services, ann)
    project = await services.chat.create_project(ann, ProjectNew(name="Fjords / 峡湾"))
    await plant(services, ann, [("q", None, "user", text("in it"))], title="", project_id=project.id, pinned=True)
    await plant(
        services, ann, [("q", None, "user", text("old"))], title='Put: "away"?', state="archived", in_house=True
    )
    await plant(services, ann, [("q", None, "user", text("gone"))], title="Gone", state="deleted", deleted_at=now())
    await plant(services, bob, [("q", None, "user", text("his"))], title="His")
    await services.prompts.make(ann, PromptPut(title="Minutes", text="Who, what, by when: {{notes}}"))
    await services.prompts.make(bob, PromptPut(title="His prompt", text="his"))
    info = await made(services, ann)
    data = await fetched(services, ann, info.id)
    assert (info.state, info.done, info.total, info.size_bytes) == ("done", 3, 3, len(data))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        about = json.loads(archive.read("account.json"))
        markdown = next(archive.read(name).decode() for name in names if name.endswith("A chat.md"))
    assert "chats/00003 Put_ _away__.json" in names
    assert len([name for name in names if name.startswith("files/")]) == 1
    assert (about["account"]["email"], about["projects"][0]["name"]) == ("ann@example.com", "Fjords / 峡湾")
    assert [prompt["title"] for prompt in about["prompts"]] == ["Minutes"]
    assert about["arena"] == []
    assert "](../files/" in markdown
    assert b"Gone" not in data
    assert b"His" not in data

    done = await bring(services, bob, data)
    adds_up(done.report)
    assert (done.product, done.report.chats.imported, done.report.files, done.report.losses) == ("freehold", 3, 1, {})
    hers, his = await chats(services, ann), await chats(services, bob)
    for title, detail in hers.items():
        assert shape(his[title]) == shape(detail)
        kept = ("title", "state", "pinned", "in_house", "model", "last_activity_at", "created_at")
        assert [getattr(his[title].thread, name) for name in kept] == [getattr(detail.thread, name) for name in kept]
    (named,) = await services.chat.projects(bob)
    assert (named.name, his[""].thread.project_id) == ("Fjords / 峡湾", named.id)


async def test_some_are_exported_without_the_account(services: Services, ann: Subject, bob: Subject) -> None:
    one, _ = await plant(services, ann, [("q", None, "user", text("one"))], title="One")
    await plant(services, ann, [("q", None, "user", text("two"))], title="Two")
    foreign, _ = await plant(services, bob, [("q", None, "user", text("his"))], title="His")
    info = await made(services, ann, thread_ids=[one, foreign, new_id()])
    with zipfile.ZipFile(io.BytesIO(await fetched(services, ann, info.id))) as archive:
        assert archive.namelist() == ["chats/00001 One.md", "chats/00001 One.json"]
    for ask in (services.exports.one, services.exports.content, services.exports.remove):
        with pytest.raises(NotFound):
            await ask(bob, info.id)


async def test_one_that_is_removed_while_it_is_made_leaves_nothing(
    services: Services, ann: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await plant(services, ann, [("q", None, "user", text("one"))])
    hold = anyio.Event()
    asked = services.chat.projects

    async def slow(subject: Subject) -> Any:
        await hold.wait()
        return await asked(subject)

    monkeypatch.setattr(services.chat, "projects", slow)
    begun = await services.exports.begin(ann, schemas.ExportNew())
    other = await services.exports.begin(ann, schemas.ExportNew())
    with pytest.raises(Conflict):
        await services.exports.content(ann, begun.id)
    with pytest.raises(TooManyAttempts):
        await services.exports.begin(ann, schemas.ExportNew())
    await services.exports.remove(ann, begun.id)
    hold.set()
    await ended(services, ann, other.id)
    folder = tmp_path / "data" / "exports"
    with anyio.fail_after(30):
        while [path.name async for path in anyio.Path(folder).iterdir()] != [f"{other.id}.zip"]:
            await anyio.sleep(0.02)
    assert [info.id for info in await services.exports.shown(ann)] == [other.id]


async def test_a_full_disk_is_told(services: Services, ann: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    await plant(services, ann, [("q", None, "user", text("one"))])

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(archive_writer.ArchiveWriter, "put_chat", full)
    info = await made(services, ann)
    assert (info.state, info.refusal) == ("failed", "disk_full")
    with pytest.raises(NotFound):
        await services.exports.content(ann, info.id)


async def test_archives_are_gone_after_a_day_and_dead_ones_are_told(
    services: Services, ann: Subject, tmp_path: Path
) -> None:
    old, new, dead = [await made(services, ann) for _ in range(3)]
    async with services.database.begin() as session:
        aged = now() - timedelta(days=1, minutes=1)
        await session.execute(update(Export).where(Export.id == old.id).values(created_at=aged))
        silent = {"state": "running", "heartbeat_at": now() - timedelta(hours=1)}
        await session.execute(update(Export).where(Export.id == dead.id).values(silent))
    with pytest.raises(NotFound):
        await services.exports.one(ann, old.id)
    await services.exports.sweep()
    assert {path.name for path in (tmp_path / "data" / "exports").iterdir()} == {f"{new.id}.zip"}
    async with services.database.read() as session:
        assert set(await session.scalars(select(Export.id))) == {new.id, dead.id}
    assert (await services.exports.one(ann, dead.id)).refusal == "interrupted"


def test_a_download_goes_on_where_it_broke_off(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server, httpx2.Client(base_url=server.url) as client:
        headers = {"Origin": server.url}
        for number in range(3):
            assert client.post("/api/threads", json={"title": f"Chat {number}"}, headers=headers).status_code == 201
        export_id = client.post("/api/exports", json={}, headers=headers).json()["id"]
        with anyio.from_thread.start_blocking_portal() as portal:
            while client.get(f"/api/exports/{export_id}").json()["state"] == "running":
                portal.call(anyio.sleep, 0.05)
        address = f"/api/exports/{export_id}/content"
        whole = client.get(address)
        assert whole.headers["content-type"] == "application/zip"
        assert "Freehold" in whole.headers["content-disposition"]
        wanted = {"Range": "bytes=100-", "If-Range": whole.headers["etag"]}
        rest = client.get(address, headers=wanted)
        assert rest.status_code == 206
        assert whole.content[:100] + rest.content == whole.content
        assert client.get(address, headers={**wanted, "If-Range": '"another"'}).status_code == 200


def test_a_title_is_a_name_on_every_system() -> None:
    assert plain('a/b\\c:d*e?"f"<g>|h\n') == "a_b_c_d_e__f__g__h_"
    assert plain("../../etc/passwd") == "_.._etc_passwd"
    assert plain(" .. ") == "_"
    assert len(plain("峡" * 300)) == 60
