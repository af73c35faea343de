"""The gallery: every picture that a person's chats show, newest first."""

from freehold.access.subject import Subject
from freehold.chat.gallery import repository
from freehold.chat.gallery.repository import Place
from freehold.chat.gallery.schemas import GalleryPage, GalleryPicture, Origin
from freehold.chat.models import Message
from freehold.chat.titles import text_of
from freehold.db import Database
from freehold.files import repository as files
from freehold.files.models import File
from freehold.files.service import info
from freehold.kit.pagination import decode_cursor, encode_cursor, page_of

LONGEST_PROMPT = 2_000  # characters
AT_ONCE = 200  # files that are looked up together


class Gallery:
    """One per process; every method acts for one subject and sees only that one's rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, subject: Subject, *, origin: Origin | None, cursor: str | None, limit: int) -> GalleryPage:
        """A page of the pictures, or of those of one origin. Raises InvalidRequest for a foreign cursor."""
        after = decode_cursor(cursor, str, int) if cursor else None
        async with self._database.read() as session:
            places = await repository.places(session, subject.user_id)
            wanted = [
                place
                for place in places
                if (origin is None or place.drawn == (origin == "drawn"))
                and (after is None or (place.message_id, place.at) < after)
            ]
            there: dict[str, File] = {}
            found: list[Place] = []
            for start in range(0, len(wanted), AT_ONCE):
                some = wanted[start : start + AT_ONCE]
                there |= await files.find_all(session, subject.user_id, [place.file_id for place in some])
                # one whose file was deleted is in its message still
                found += [place for place in some if place.file_id in there]
                if len(found) > limit:
                    break
            shown, more = page_of(found, limit)
            messages = await repository.messages_by_id(session, subject.user_id, [place.message_id for place in shown])
            above = [message.parent_id for message, _ in messages.values() if message.parent_id]
            messages |= await repository.messages_by_id(session, subject.user_id, above)
        last = shown[-1] if shown else None
        return GalleryPage(
            items=[_picture(place, there[place.file_id], messages) for place in shown],
            next_cursor=encode_cursor(last.message_id, last.at) if more and last else None,
        )


def _picture(place: Place, file: File, messages: dict[str, tuple[Message, str]]) -> GalleryPicture:
    message, title = messages[place.message_id]
    asked = message
    if place.drawn and message.parent_id in messages:
        asked, _ = messages[message.parent_id]
    run = message.run or {} if place.drawn else {}
    return GalleryPicture(
        file=info(file),
        origin="drawn" if place.drawn else "attached",
        thread_id=place.thread_id,
        thread_title=title,
        message_id=place.message_id,
        prompt=text_of(asked.parts)[:LONGEST_PROMPT],
        model=run.get("model"),
        model_id=run.get("model_id"),
        provider_name=run.get("provider_name"),
        self_hosted=run.get("self_hosted"),
        at=message.created_at,
    )
