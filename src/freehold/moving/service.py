"""One chat on its way out: as Markdown, JSON or one web page, in pieces as they are made."""

from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal

import anyio

from freehold.access.subject import Subject
from freehold.chat import schemas
from freehold.chat.service import Chat
from freehold.errors import NotFound
from freehold.files.service import Files
from freehold.moving.document import Line, as_json, file_ids, file_path, shown_path, whole_tree
from freehold.moving.markdown import as_markdown, one_line
from freehold.moving.page import as_page
from freehold.moving.words import WORDS, Language

Format = Literal["markdown", "json", "html"]
Scope = Literal["path", "tree"]

ENDINGS: dict[Format, str] = {"markdown": "md", "json": "json", "html": "html"}
LARGEST_INLINE = 3_000_000  # bytes; a larger image is shown in the size that models get


@dataclass(frozen=True, slots=True)
class Exported:
    """A chat as a file; `chunks` are made while they are read."""

    name: str
    chunks: AsyncIterator[bytes]


class ChatExports:
    """Reads through the chat's own service, so that nothing is exported that its owner could not see."""

    def __init__(self, chat: Chat, files: Files) -> None:
        self._chat = chat
        self._files = files

    async def export(
        self, subject: Subject, thread_id: str, *, form: Format, scope: Scope, language: Language
    ) -> Exported:
        """A chat; JSON always holds every branch. Raises NotFound before anything is sent."""
        detail = await self._chat.thread(subject, thread_id)
        title = one_line(detail.thread.title) or WORDS[language].untitled
        return Exported(f"{title[:120]}.{ENDINGS[form]}", self.render(subject.user_id, detail, form, scope, language))

    async def render(
        self, owner_id: str, detail: schemas.ThreadDetail, form: Format, scope: Scope, language: Language
    ) -> AsyncIterator[bytes]:
        """The pieces of a chat in one of its forms; `owner_id` is whose files it shows."""
        if form == "json":
            files = await self._files.described(owner_id, file_ids(detail.messages))
            for chunk in as_json(detail, files):
                yield chunk
            return
        lines: list[Line] = whole_tree(detail) if scope == "tree" else shown_path(detail)
        if form == "markdown":
            for text in as_markdown(detail.thread, lines, _relative, language):
                yield text.encode()
            return

        async def load(part: schemas.ImagePart | schemas.FilePart) -> str | None:
            if isinstance(part, schemas.ImagePart):
                return await self._data_address(owner_id, part.file_id)
            try:
                return await self._files.text(owner_id, part.file_id)
            except NotFound:
                return None

        async for text in as_page(detail.thread, lines, load, language):
            yield text.encode()

    async def _data_address(self, owner_id: str, file_id: str) -> str | None:
        try:
            stored = await self._files.open(owner_id, file_id)
            if (await anyio.Path(stored.path).stat()).st_size > LARGEST_INLINE:
                stored = await self._files.open(owner_id, file_id, "model")
            data = await anyio.Path(stored.path).read_bytes()
        except (NotFound, FileNotFoundError):
            return None
        return f"data:{stored.media_type};base64,{b64encode(data).decode()}"


def _relative(part: schemas.ImagePart | schemas.FilePart) -> str:
    return file_path(part.file_id, part.media_type)
