"""The pictures of one's chats: each once, where it came from, newest first, and nobody else's."""

from typing import Any

from freehold.chat import schemas
from freehold.chat.gallery.schemas import GalleryPage
from freehold.chat.models import Message
from freehold.kit.clock import now
from freehold.kit.ids import new_id
from tests.chat.reading import Person
from tests.chat.spoken_model import SpokenModel
from tests.files.conftest import picture

RUN = {"model": "house/draw", "model_id": "draw", "provider_id": "house", "provider_name": "House"}


async def stored(person: Person, name: str) -> str:
    size = (20 + len(name), 20)  # of each its own bytes
    return (await person.services.files.store(person.subject.user_id, f"{name}.png", picture(size=size))).id


async def attach(person: Person, thread_id: str, *files: str, text: str = "Look", parent: str | None = None) -> Any:
    follower = await person.send(thread_id, text, images=files, parent_id=parent)
    await follower.to_end()
    return follower.start


async def drawn(person: Person, thread_id: str, file_id: str, parent_id: str) -> str:
    """An answer that is a picture."""
    row = Message(
        id=new_id(),
        thread_id=thread_id,
        parent_id=parent_id,
        role="assistant",
        status="complete",
        parts=[{"type": "image", "file_id": file_id, "name": "fox.png", "media_type": "image/png"}],
        run={**RUN, "self_hosted": True},
        created_at=now(),
    )
    async with person.services.database.begin() as session:
        session.add(row)
    return row.id


async def shown(person: Person, **asked: Any) -> GalleryPage:
    wish: dict[str, Any] = {"origin": None, "cursor": None, "limit": 50, **asked}
    return await person.services.gallery.page(person.subject, **wish)


async def names(person: Person, **asked: Any) -> list[str]:
    return [item.file.name for item in (await shown(person, **asked)).items]


async def test_each_is_listed_once_where_it_came_from(ann: Person, bob: Person, model: SpokenModel) -> None:
    model.script = ["I see"]
    thread = await ann.new_thread()
    sky, fox = await stored(ann, "sky"), await stored(ann, "fox")
    start = await attach(ann, thread.id, sky, text="The sky")
    answer = await drawn(ann, thread.id, fox, start["user_message"]["id"])
    await attach(ann, thread.id, fox, text="Make it blue", parent=answer)  # what was drawn, given back to be changed
    drawing, given = (await shown(ann)).items
    assert (drawing.file.id, drawing.origin, drawing.message_id) == (fox, "drawn", answer)
    assert (drawing.prompt, drawing.model_id, drawing.self_hosted) == ("The sky", "draw", True)
    assert (given.file.id, given.origin, given.prompt) == (sky, "attached", "The sky")
    assert (given.thread_id, given.message_id, given.model) == (thread.id, start["user_message"]["id"], None)
    assert await names(ann, origin="drawn") == ["fox.png"]
    assert await names(ann, origin="attached") == ["sky.png"]
    assert await names(bob) == []


async def test_pages_hold_every_picture_once(ann: Person, model: SpokenModel) -> None:
    model.script = ["I see"]
    thread = await ann.new_thread()
    many = ["a", "bb", "ccc", "dddd", "eeeee"]
    files = [await stored(ann, name) for name in many]
    await attach(ann, thread.id, *files[:3])
    await attach(ann, thread.id, *files[3:])
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = await shown(ann, limit=2, cursor=cursor)
        found += [item.file.name for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert found == ["eeeee.png", "dddd.png", "ccc.png", "bb.png", "a.png"]


async def test_what_no_chat_shows_is_not_there(ann: Person, model: SpokenModel) -> None:
    model.script = ["I see"]
    chat = ann.services.chat
    kept, temporary = await ann.new_thread(), await ann.new_thread(temporary=True)
    start = await attach(ann, kept.id, await stored(ann, "above"))
    await attach(ann, kept.id, await stored(ann, "below!"), parent=start["message"]["id"])
    await attach(ann, temporary.id, await stored(ann, "temporary"))
    gone = await ann.new_thread()
    await attach(ann, gone.id, lost := await stored(ann, "deleted chat"))
    await stored(ann, "never sent at all")
    assert await names(ann) == ["deleted chat.png", "below!.png", "above.png"]
    await chat.delete_message(ann.subject, start["message"]["id"])
    await chat.delete_thread(ann.subject, gone.id)
    assert await names(ann) == ["above.png"]
    await chat.restore_message(ann.subject, start["message"]["id"])
    await chat.restore_thread(ann.subject, gone.id)
    await chat.change_thread(ann.subject, kept.id, schemas.ThreadPatch(state="archived"))
    await ann.services.files.remove(ann.subject.user_id, lost)
    assert await names(ann) == ["below!.png", "above.png"]
