"""Attached texts in the form that models read them: in their message, with their name, as words like any other.

Whatever judges what is said, such as the border of the house, rules and folds, so reads them as well.
"""

import re
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from freehold.chat import models
from freehold.errors import NotFound
from freehold.files import repository as file_rows
from freehold.files.schemas import FileInfo
from freehold.files.service import Files, info


def fenced(text: str, language: str = "") -> str:
    """A code block, whose fence is longer than any in the text (CommonMark, section 4.5)."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


async def attached_to(session: AsyncSession, owner_id: str, draft: models.Draft | None) -> list[FileInfo]:
    """What of a draft's files is still there, in its order."""
    ids = draft.content.get("file_ids", []) if draft else []
    found = await file_rows.find_all(session, owner_id, ids)
    return [info(found[file_id]) for file_id in ids if file_id in found]


def has_files(messages: Sequence[models.Message]) -> bool:
    """Whether a text is attached to any of them."""
    return any(part["type"] == "file" for message in messages for part in message.parts)


async def written_out(files: Files, owner_id: str, messages: Sequence[models.Message]) -> list[models.Message]:
    """The messages with the words of attached texts in their parts; where one is gone, its name says so.

    Those with a text are copies that belong to no session.
    """
    return [await _written_out(files, owner_id, one) if has_files([one]) else one for one in messages]


async def _written_out(files: Files, owner_id: str, message: models.Message) -> models.Message:
    parts = []
    for part in message.parts:
        if part["type"] != "file":
            parts.append(part)
            continue
        try:
            words = f"{part['name']}:\n{fenced((await files.text(owner_id, part['file_id'])).rstrip())}"
        except NotFound:
            words = f"[file: {part['name']}]"
        parts.append({"type": "text", "text": words})
    values = {column.key: getattr(message, column.key) for column in models.Message.__table__.columns}
    return models.Message(**{**values, "parts": parts})
