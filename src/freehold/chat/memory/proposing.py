"""Proposes facts to remember, by a model in the house that reads what the user said; only their yes keeps one."""

from contextlib import aclosing
from typing import Any

import anyio
import orjson
import structlog

from freehold.access.subject import Subject
from freehold.chat import models, schemas
from freehold.chat.announce import Announcer
from freehold.chat.memory import repository
from freehold.chat.memory.models import Fact
from freehold.chat.memory.service import wanted
from freehold.chat.titles import text_of
from freehold.db import Database
from freehold.errors import FreeholdError
from freehold.gateway.call import Gateway
from freehold.kit.clock import now
from freehold.kit.ids import new_id
from freehold.kit.scripts import is_chinese, scripts
from freehold.wire.events import TextDelta
from freehold.wire.request import ChatRequest, JsonSchema, Message, Text

DEADLINE_SECONDS = 30.0
EXCERPT = 3_000  # characters of the message
AT_MOST = 2  # of one message
PENDING = 20  # of one person; then nothing more is proposed until they have answered
SHORTEST, LONGEST = 8, 200

SCHEMA = JsonSchema(
    name="facts",
    schema={
        "type": "object",
        "properties": {
            "facts": {"type": "array", "items": {"type": "string", "maxLength": LONGEST}, "maxItems": AT_MOST}
        },
        "required": ["facts"],
        "additionalProperties": False,
    },
)
PROMPT = (
    "Which lasting facts about themselves does the user state in this message (name, work, family, preferences, tools "
    "they use)? Not what they ask for, not what is true only today. Write each as one short sentence about the user. "
    'Most messages have none. Answer with JSON: {"facts": []}'
)
PROMPT_CHINESE = (
    "用户在这条消息里说了哪些关于自己的、长期不变的事实（姓名、工作、家庭、偏好、使用的工具）？不要写用户的请求，也不要写"
    '一时的情况。每条写成一句关于用户的短句。大多数消息一条也没有。只回答 JSON：{"facts": []}'
)

_log = structlog.get_logger(__name__)


class Proposals:
    """Nothing goes to a model outside, nothing of a temporary chat is looked at, and nothing while it is off."""

    def __init__(self, database: Database, gateway: Gateway, announcer: Announcer) -> None:
        self._database = database
        self._gateway = gateway
        self._announcer = announcer
        self._room = anyio.Semaphore(1)

    async def write(self, subject: Subject, thread: schemas.Thread, answer: schemas.Message) -> None:
        """Propose what the message before an answer says of its author; never raises for storage or model trouble."""
        if thread.expires_at is not None or answer.parent_id is None:
            return
        try:
            async with self._database.read() as session:
                if not await wanted(session, subject.user_id, "memory_proposals"):
                    return
                question = await session.get(models.Message, answer.parent_id)
                asked = text_of(question.parts) if question else ""
                if not asked or await repository.count(session, subject.user_id, "proposed") >= PENDING:
                    return
            found = await self._by_model(subject, asked)
            if found and await self._keep(subject, thread.id, found):
                self._announcer.memory(subject.user_id)
        except FreeholdError as error:
            _log.info("facts_not_proposed", thread_id=thread.id, code=error.code)

    async def _by_model(self, subject: Subject, asked: str) -> list[str]:
        model = self._gateway.local_model()
        if model is None:
            return []
        _, card, _ = await self._gateway.providers.resolve(model)
        if card.demonstration:  # the smallest models invent people
            return []
        pieces: list[str] = []
        async with self._room:
            with anyio.move_on_after(DEADLINE_SECONDS) as deadline:
                async with aclosing(self._gateway.stream(subject, model, facts_request(asked), "title")) as items:
                    async for item in items:
                        if isinstance(item, TextDelta):
                            pieces.append(item.text)
        return [] if deadline.cancelled_caught else read_facts("".join(pieces), asked)

    async def _keep(self, subject: Subject, thread_id: str, found: list[str]) -> bool:
        at = now()
        async with self._database.begin() as session:
            known = {row.text.casefold() for row in await repository.everything(session, subject.user_id)}
            fresh = [text for text in found if text.casefold() not in known]
            # the chat may have been deleted meanwhile: then nothing is asked about it
            if not fresh or await session.get(models.Thread, thread_id) is None:
                return False
            for text in fresh:
                session.add(
                    Fact(
                        id=new_id(),
                        owner_id=subject.user_id,
                        text=text,
                        state="proposed",
                        thread_id=thread_id,
                        created_at=at,
                        updated_at=at,
                    )
                )
        return True


def facts_request(asked: str) -> ChatRequest:
    """What a small model is asked, in the user's language."""
    prompt = PROMPT_CHINESE if is_chinese(asked) else PROMPT
    return ChatRequest(
        model="",
        messages=(Message("user", (Text(f"{prompt}\n\n---\n{asked[:EXCERPT]}\n---\n\n{prompt}"),)),),
        response_format=SCHEMA,
        temperature=0.0,
        max_tokens=200,
        reasoning_effort="off",
    )


def read_facts(reply: str, asked: str) -> list[str]:
    """The facts in a model's reply, each once; without what is too short, too long or in another script."""
    start, end = reply.find("{"), reply.rfind("}")
    try:
        parsed: Any = orjson.loads(reply[start : end + 1]) if 0 <= start < end else None
    except orjson.JSONDecodeError:
        return []
    listed = parsed.get("facts") if isinstance(parsed, dict) else None
    said = [" ".join(text.split()) for text in listed if isinstance(text, str)] if isinstance(listed, list) else []
    shortest = SHORTEST // 2 if is_chinese(asked) else SHORTEST
    fitting = [text for text in said if shortest <= len(text) <= LONGEST and scripts(text) & scripts(asked)]
    return list(dict.fromkeys(fitting))[:AT_MOST]
