"""A link shows the chat as it was shared, to whoever has it, until it ends; and nothing else of anybody's."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from pydantic import SecretStr
from sqlalchemy import delete, select, update

from freehold.access.subject import Subject
from freehold.assembly import running_services
from freehold.chat import jobs, models
from freehold.chat.schemas import MessagePatch, TextInput, TextPart
from freehold.deps import Services
from freehold.errors import NotFound, TooManyAttempts
from freehold.files.models import File
from freehold.kit.clock import now
from freehold.settings import Settings
from freehold.sharing import schemas
from freehold.sharing.models import Share
from freehold.sharing.service import PasswordNeeded, SelectionRefused, SharingOff
from tests.moving.conftest import add_person, plant, text

PASSWORD = "correct horse"


async def a_chat(services: Services, who: Subject) -> tuple[str, dict[str, str], str]:
    picture = io.BytesIO()
    Image.new("RGB", (30, 20), "green").save(picture, "PNG")
    file = await services.files.store(who.user_id, "ann's passport.png", picture.getvalue())
    image = {"type": "image", "file_id": file.id, "name": file.name, "media_type": "image/png"}
    thread_id, ids = await plant(
        services,
        who,
        [
            ("q", None, "user", [*text("Where?"), image]),
            ("a", "q", "assistant", text("In Norway.")),
            ("b", "q", "assistant", text("In Chile.")),
        ],
        leaf="b",
    )
    return thread_id, ids, file.id


async def share(services: Services, who: Subject, thread_id: str, **wish: Any) -> schemas.ShareMade:
    return await services.sharing.share(who, schemas.ShareNew(thread_id=thread_id, **wish))


def said(shown: schemas.SharedChat) -> list[str]:
    return [part.text for line in shown.lines for part in line.parts if isinstance(part, TextPart)]


async def test_a_link_shows_the_chat_and_not_whose_it_is(services: Services, ann: Subject) -> None:
    thread_id, ids, file_id = await a_chat(services, ann)
    made = await share(services, ann, thread_id)
    shown = await services.sharing.open(made.token, None, "198.51.100.7")
    assert said(shown) == ["Where?", "In Chile."]
    assert [(line.model, line.provider, line.number, line.count) for line in shown.lines] == [
        (None, None, 1, 1),
        ("large", "Acme", 1, 1),  # of versions that are not shown nothing is said
    ]
    told = shown.model_dump_json()
    for secret in (ann.user_id, "ann", "acme/large", thread_id, *ids.values()):
        assert secret not in told, secret
    stored = await services.sharing.file(made.token, file_id, None, "full")
    assert stored.media_type == "image/png"
    whole = await share(services, ann, thread_id, scope="tree")
    shown = await services.sharing.open(whole.token, None, "x")
    assert said(shown) == ["Where?", "In Norway.", "In Chile."]
    assert [(line.number, line.count) for line in shown.lines] == [(1, 1), (1, 2), (2, 2)]


async def test_the_token_is_kept_nowhere(services: Services, ann: Subject) -> None:
    thread_id, _, _ = await a_chat(services, ann)
    made = await share(services, ann, thread_id, password=SecretStr(PASSWORD))
    assert len(made.token) >= 32
    async with services.database.read() as session:
        (row,) = (await session.scalars(select(Share))).all()
    kept = repr({column.name: getattr(row, column.name) for column in Share.__table__.columns})
    assert made.token not in kept
    assert PASSWORD not in kept
    assert row.password_hash is not None
    assert row.password_hash.startswith("$argon2id$")


async def test_what_is_written_later_is_not_shown_until_it_is_updated(services: Services, ann: Subject) -> None:
    thread_id, ids, _ = await a_chat(services, ann)
    made = await share(services, ann, thread_id)
    patch = MessagePatch(parts=[TextInput(type="text", text="In Peru.")])
    await services.chat.edit_message(ann, ids["b"], patch)
    assert said(await services.sharing.open(made.token, None, "x")) == ["Where?", "In Chile."]
    await services.sharing.update(ann, made.share.id)
    assert said(await services.sharing.open(made.token, None, "x")) == ["Where?", "In Peru."]


async def test_a_link_ends_when_it_is_revoked_expires_or_its_chat_is_deleted(services: Services, ann: Subject) -> None:
    thread_id, _, file_id = await a_chat(services, ann)
    revoked, expired, orphan = [await share(services, ann, thread_id, days=3) for _ in range(3)]
    await services.sharing.revoke(ann, revoked.share.id)
    async with services.database.begin() as session:
        ended = update(Share).where(Share.id == expired.share.id).values(expires_at=now() - timedelta(seconds=1))
        await session.execute(ended)
    for made in (revoked, expired):
        with pytest.raises(NotFound):
            await services.sharing.open(made.token, None, "x")
        with pytest.raises(NotFound):
            await services.sharing.file(made.token, file_id, None, "full")
    assert said(await services.sharing.open(orphan.token, None, "x"))
    await services.chat.delete_thread(ann, thread_id)
    with pytest.raises(NotFound):
        await services.sharing.open(orphan.token, None, "x")
    await services.sharing.sweep()
    assert [item.id for item in (await services.sharing.mine(ann, None)).items] == [orphan.share.id]


async def test_a_password_is_asked_for_and_cannot_be_guessed_fast(services: Services, ann: Subject) -> None:
    thread_id, _, file_id = await a_chat(services, ann)
    made = await share(services, ann, thread_id, password=SecretStr(PASSWORD))
    with pytest.raises(PasswordNeeded):
        await services.sharing.open(made.token, None, "x")
    with pytest.raises(NotFound):
        await services.sharing.file(made.token, file_id, None, "full")
    shown = await services.sharing.open(made.token, PASSWORD, "x")
    assert (await services.sharing.file(made.token, file_id, shown.ticket, "full")).media_type == "image/png"
    assert shown.ticket is not None
    until, _, proof = shown.ticket.partition(".")
    for forged in (f"{int(until) + 1}.{proof}", f"{until}.{'0' * 64}", "x", "9999999999."):
        with pytest.raises(NotFound):
            await services.sharing.file(made.token, file_id, forged, "full")
    for _ in range(5):
        with pytest.raises(PasswordNeeded):
            await services.sharing.open(made.token, "wrong", "203.0.113.9")
    with pytest.raises(TooManyAttempts):
        await services.sharing.open(made.token, PASSWORD, "203.0.113.9")


async def test_only_files_of_the_shared_branch_are_served(services: Services, ann: Subject) -> None:
    thread_id, _, _ = await a_chat(services, ann)
    _, _, other = await a_chat(services, ann)
    made = await share(services, ann, thread_id)
    with pytest.raises(NotFound):
        await services.sharing.file(made.token, other, None, "full")


async def test_nobody_shares_or_ends_what_is_anothers(services: Services, ann: Subject, bob: Subject) -> None:
    thread_id, _, _ = await a_chat(services, ann)
    with pytest.raises(NotFound):
        await share(services, bob, thread_id)
    made = await share(services, ann, thread_id)
    assert (await services.sharing.mine(bob, None)).items == []
    for attempt in (services.sharing.revoke, services.sharing.update):
        with pytest.raises(NotFound):
            await attempt(bob, made.share.id)


async def test_a_shared_image_outlives_its_message(services: Services, ann: Subject) -> None:
    thread_id, ids, file_id = await a_chat(services, ann)
    made = await share(services, ann, thread_id)
    async with services.database.begin() as session:
        await session.execute(update(models.Message).where(models.Message.id == ids["q"]).values(parts=text("Gone")))
        await session.execute(update(File).values(created_at=now() - timedelta(days=3)))
    await jobs.sweep(services.database, services.files, services.sharing.files_in_use)
    assert await (await services.sharing.file(made.token, file_id, None, "full")).exists()
    await services.sharing.revoke(ann, made.share.id)
    await jobs.sweep(services.database, services.files, services.sharing.files_in_use)
    with pytest.raises(NotFound):
        await services.files.open(ann.user_id, file_id)


async def test_where_sharing_is_off_no_link_works(make_settings: Callable[..., Settings]) -> None:
    async with running_services(make_settings()) as services:
        ann = await add_person(services, "ann")
        thread_id, _, _ = await a_chat(services, ann)
        made = await share(services, ann, thread_id)
    async with running_services(make_settings(sharing={"enabled": False})) as services:
        with pytest.raises(NotFound):
            await services.sharing.open(made.token, None, "x")
        with pytest.raises(SharingOff):
            await share(services, ann, thread_id)
        assert (await services.sharing.mine(ann, None)).enabled is False


async def test_a_selection_shows_what_was_selected_and_nothing_else(services: Services, ann: Subject) -> None:
    thread_id, ids, file_id = await a_chat(services, ann)
    made = await share(services, ann, thread_id, message_ids=[ids["b"]])
    shown = await services.sharing.open(made.token, None, "x")
    assert said(shown) == ["In Chile."]
    told = shown.model_dump_json()
    for secret in (thread_id, *ids.values()):
        assert secret not in told
    with pytest.raises(NotFound):  # its picture is in a message that was not selected
        await services.sharing.file(made.token, file_id, None, "full")
    (listed,) = (await services.sharing.mine(ann, None)).items
    assert (listed.scope, listed.messages, listed.of) == ("selected", 1, 2)
    # in the order of the chat, whatever the order of the request
    both = await share(services, ann, thread_id, message_ids=[ids["b"], ids["q"], ids["b"]])
    assert said(await services.sharing.open(both.token, None, "x")) == ["Where?", "In Chile."]
    assert (await services.sharing.file(both.token, file_id, None, "full")).media_type == "image/png"
    # of a branch that is not looked at now, too
    other = await share(services, ann, thread_id, message_ids=[ids["q"], ids["a"]])
    assert said(await services.sharing.open(other.token, None, "x")) == ["Where?", "In Norway."]


async def test_what_is_deleted_vanishes_from_a_selection(services: Services, ann: Subject) -> None:
    thread_id, ids, file_id = await a_chat(services, ann)
    made = await share(services, ann, thread_id, message_ids=[ids["q"], ids["b"]])
    patch = MessagePatch(parts=[TextInput(type="text", text="In Peru.")])
    await services.chat.edit_message(ann, ids["b"], patch)
    assert said(await services.sharing.open(made.token, None, "x")) == ["Where?", "In Chile."]
    await services.chat.delete_message(ann, ids["b"])
    assert said(await services.sharing.open(made.token, None, "x")) == ["Where?"]
    (listed,) = (await services.sharing.mine(ann, None)).items
    assert (listed.messages, listed.of) == (1, 1), "the number is of what is left"
    assert (await services.sharing.update(ann, made.share.id)).messages == 1
    await services.chat.delete_message(ann, ids["q"])
    assert said(await services.sharing.open(made.token, None, "x")) == []
    with pytest.raises(NotFound):
        await services.sharing.file(made.token, file_id, None, "full")
    with pytest.raises(SelectionRefused):
        await services.sharing.update(ann, made.share.id)


async def test_what_cannot_come_back_is_not_kept_in_a_selection(services: Services, ann: Subject) -> None:
    thread_id, ids, _ = await a_chat(services, ann)
    made = await share(services, ann, thread_id, message_ids=[ids["q"], ids["b"]])
    await services.chat.delete_message(ann, ids["b"])

    async def stored() -> str:
        async with services.database.read() as session:
            row = await session.get(Share, made.share.id)
            assert row is not None
            return json.dumps(row.snapshot)

    await services.sharing.sweep()
    assert "In Chile." in await stored(), "whoever deleted it may undo that"
    async with services.database.begin() as session:
        await session.execute(delete(models.Message).where(models.Message.id == ids["b"]))
    await services.sharing.sweep()
    assert "In Chile." not in await stored()
    assert said(await services.sharing.open(made.token, None, "x")) == ["Where?"]


async def test_only_messages_of_one_branch_of_ones_own_chat_are_selected(
    services: Services, ann: Subject, bob: Subject
) -> None:
    thread_id, ids, _ = await a_chat(services, ann)
    other_thread, other_ids, _ = await a_chat(services, ann)
    for wrong in ([ids["q"], other_ids["q"]], [other_ids["b"]], ["0" * 36]):
        with pytest.raises(SelectionRefused) as refused:
            await share(services, ann, thread_id, message_ids=wrong)
        assert refused.value.params["why"] == "gone"
    with pytest.raises(SelectionRefused) as refused:
        await share(services, ann, thread_id, message_ids=[ids["a"], ids["b"]])
    assert refused.value.params["why"] == "branches"
    with pytest.raises(NotFound):
        await share(services, bob, thread_id, message_ids=[ids["q"]])
    await services.chat.delete_message(ann, ids["a"])
    with pytest.raises(SelectionRefused):
        await share(services, ann, thread_id, message_ids=[ids["a"]])
    assert (await services.sharing.mine(ann, other_thread)).items == []
