"""Automatic titles: by a self-hosted model through a JSON schema, else the first words of what was asked."""

import re
from contextlib import aclosing
from typing import Any

import anyio
import orjson
import structlog

from freehold.access.subject import Subject
from freehold.chat import models, repository, schemas, views
from freehold.chat.announce import Announcer
from freehold.db import Database
from freehold.errors import FreeholdError
from freehold.gateway.call import Gateway
from freehold.kit.scripts import is_chinese, scripts
from freehold.wire.events import TextDelta
from freehold.wire.request import ChatRequest, JsonSchema, Message, Text

DEADLINE_SECONDS = 20.0
AT_A_TIME = 2  # a small machine has other things to do
LOOSE_ENDS = " ,;:.!…，、；：。！"
LONGEST = 80  # characters of an automatic title
SHORT = 60  # characters of a message that is its own title when only a demonstration model could write one
EXCERPT = 1_500  # characters of the question and of the answer that the model sees

SCHEMA = JsonSchema(
    name="title",
    schema={
        "type": "object",
        "properties": {"title": {"type": "string", "minLength": 2, "maxLength": LONGEST}},
        "required": ["title"],
        "additionalProperties": False,
    },
)
PROMPT = (
    "Name this conversation in 2 to 6 words, in the language of the user's message. "
    'No quotes, no full stop. Answer with JSON: {"title": "..."}'
)
PROMPT_CHINESE = '用简体中文给这段对话起一个标题，4 到 12 个字，不加引号和句号。只回答 JSON：{"title": "..."}'

_log = structlog.get_logger(__name__)


class Titles:
    """Writes the title of a thread that has none; one that its owner wrote is never touched.

    Nothing goes to a model outside: without a self-hosted one the first words are the title.
    """

    def __init__(self, database: Database, gateway: Gateway, announcer: Announcer) -> None:
        self._database = database
        self._gateway = gateway
        self._announcer = announcer
        self._room = anyio.Semaphore(AT_A_TIME)

    async def write(self, subject: Subject, thread: schemas.Thread, answer: schemas.Message) -> None:
        """Title the thread after an answer; never raises for storage or model trouble, the next answer tries again."""
        if thread.title_source != "none" or answer.parent_id is None:
            return
        try:
            async with self._database.read() as session:
                question = await session.get(models.Message, answer.parent_id)
            asked = text_of(question.parts) if question else ""
            said = text_of([part.model_dump() for part in answer.parts])
            title = await self._by_model(subject, asked, said) if asked and said else None
            title = title or first_words(asked)
            if not title:
                return
            async with self._database.begin() as session:
                if not await repository.set_automatic_title(session, subject.user_id, thread.id, title):
                    return
                row = await repository.find_thread(session, subject.user_id, thread.id)
                generating = await repository.is_generating(session, subject.user_id, thread.id)
        except FreeholdError as error:
            _log.info("title_not_written", thread_id=thread.id, code=error.code)
            return
        self._announcer.thread(subject.user_id, views.thread(row, generating=generating))

    async def _by_model(self, subject: Subject, asked: str, said: str) -> str | None:
        """The title that the self-hosted model wrote, or None."""
        model = self._gateway.local_model()
        if model is None:
            return None
        _, card, _ = await self._gateway.providers.resolve(model)
        if card.demonstration and (own := own_title(asked)):
            return own
        request = title_request(asked, said)
        pieces: list[str] = []
        try:
            async with self._room:
                with anyio.move_on_after(DEADLINE_SECONDS) as deadline:
                    async with aclosing(self._gateway.stream(subject, model, request, "title")) as items:
                        async for item in items:
                            if isinstance(item, TextDelta):
                                pieces.append(item.text)
        except FreeholdError as error:
            _log.info("title_model_failed", model=model, code=error.code)
            return None
        return None if deadline.cancelled_caught else read_title("".join(pieces), asked)


def own_title(asked: str) -> str | None:
    """What a message is called without a capable model: itself when it is short, its first words when it is Chinese.

    The smallest models write English after a fashion, and Chinese not at all. None: let one try.
    """
    if is_chinese(asked):
        return first_words(asked)
    asked = asked.strip()
    return None if len(asked) > SHORT or "\n" in asked else clean(asked).rstrip(LOOSE_ENDS) or None


def title_request(asked: str, said: str) -> ChatRequest:
    """What a small model is asked, in the user's language."""
    prompt = PROMPT_CHINESE if is_chinese(asked) else PROMPT
    excerpt = f"User: {asked[:EXCERPT]}\n\nAssistant: {said[:EXCERPT]}"
    return ChatRequest(
        model="",
        messages=(Message("user", (Text(f"{prompt}\n\n---\n{excerpt}\n---\n\n{prompt}"),)),),
        response_format=SCHEMA,
        temperature=0.2,
        max_tokens=60,
        reasoning_effort="off",
    )


def read_title(reply: str, asked: str) -> str | None:
    """The title in a model's reply; None when it is not usable: no JSON, empty, or in the wrong script."""
    start, end = reply.find("{"), reply.rfind("}")
    try:
        parsed: Any = orjson.loads(reply[start : end + 1]) if 0 <= start < end else None
    except orjson.JSONDecodeError:
        return None
    title = parsed.get("title") if isinstance(parsed, dict) else None
    if not isinstance(title, str):
        return None
    title = clean(clean(title).rstrip(LOOSE_ENDS))
    if len(title) < 2 or is_chinese(title) != is_chinese(asked):
        return None
    return title if scripts(title) & scripts(asked) else None


def first_words(asked: str) -> str:
    """A title from the question itself: its first sentence or words, without markup."""
    text = re.sub(r"```.*?(```|$)", " ", asked, flags=re.DOTALL) or asked
    lines = [line for line in (clean(line) for line in text.splitlines()) if line]
    line = lines[0] if lines else clean(asked)
    sentence = re.split(r"(?<=[.!?])\s|[。！？]", line, maxsplit=1)[0].rstrip(".")
    limit = 24 if is_chinese(sentence) else 48
    if len(sentence) <= limit:
        return sentence
    cut = sentence[:limit]
    if not is_chinese(cut) and " " in cut:
        cut = cut.rsplit(" ", 1)[0]
    return cut.rstrip(" ,;:，；：") + "…"


def clean(title: str) -> str:
    """One line without Markdown marks, quotes and control characters."""
    title = re.sub(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+", " ", title)
    title = re.sub(r"^[\s#>*\-+•]+|[*_`~]+", "", title)
    title = re.sub(r"\s+", " ", title).strip(" \"'“”‘’「」『』《》.。")
    return title[:LONGEST]


def text_of(parts: list[dict[str, Any]]) -> str:
    """The text parts joined."""
    return "\n".join(part["text"] for part in parts if part["type"] == "text").strip()
