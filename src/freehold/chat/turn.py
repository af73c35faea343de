"""Builds the request for a model from a branch of the tree: what is sent, in which form, within its context."""

import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from freehold.chat import models, schemas
from freehold.errors import ContextTooLong, NotFound
from freehold.gateway.meter import request_tokens
from freehold.kit.scripts import is_chinese
from freehold.providers.base import ModelCard, ProviderConfig
from freehold.providers.prefill import prefill
from freehold.wire.request import ChatRequest, Image, Message, Part, Text

DEFAULT_RESERVE = 4_096  # tokens kept free for the answer when the model's own limit is unknown
CONTINUE = (
    "Your last message was cut off. Continue it exactly where it stops, with the very next character. "
    "Repeat nothing of it, and do not comment on this."
)
CONTINUE_CHINESE = "你的上一条回答中断了。请从断开处的下一个字接着写，不要重复已写的内容，也不要作任何说明。"

LoadImage = Callable[[str], Awaitable[Image]]
"""Gets the bytes of a file by its id. Raises NotFound."""


async def build_request(
    branch: Sequence[models.Message],
    card: ModelCard,
    config: ProviderConfig,
    load_image: LoadImage,
    *,
    before: Mapping[str, str] | None = None,
    sees_images: bool = True,
    parameters: schemas.Parameters | None = None,
    instructions: str = "",
) -> ChatRequest:
    """The request that answers the last message of `branch`; when that one is an answer, the model goes on with it.

    A provider that can is sent that answer last and nothing after it, others are asked to go on. A model writes the
    blank before a word itself, so the answer goes out without those at its end: see `missing_blanks`.
    Reasoning of earlier answers stays here. Empty messages are left out and neighbours of one role are joined, because
    many models accept only strict turns. A model that does not see gets words in the place of earlier images, and one
    that draws none in the place of those in answers; those of the last message go out as they are, for the gateway to
    refuse. `before`: texts that stand in front of messages, by their ids, as a user's. `instructions` go before all of
    it, unless they would leave no room for the last turn.
    Raises ContextTooLong.
    """
    last_user = max((at for at, message in enumerate(branch) if message.role == "user"), default=-1)
    messages: list[Message] = []
    for at, stored in enumerate(branch):
        # providers take pictures in an answer only from a model that makes them
        shown = stored.role == "user" or "image_output" in card.abilities
        parts = await _parts(stored, load_image if shown and (sees_images or at == last_user) else None)
        if before and (text := before.get(stored.id)):
            _add(messages, "user", (Text(text),))
        if parts:
            _add(messages, stored.role, parts)
    extra: dict[str, Any] = {}
    if messages and messages[-1].role == "assistant":
        extra = _go_on(messages, card, config)
    chosen = parameters or schemas.Parameters()
    kept = _with_system(messages, chosen, instructions, card, config)
    return ChatRequest(
        model=card.id,
        messages=tuple(kept),
        temperature=chosen.temperature,
        top_p=chosen.top_p,
        max_tokens=chosen.max_tokens,
        reasoning_effort=chosen.reasoning_effort,
        extra=extra,
    )


def missing_blanks(request: ChatRequest, kept: Sequence[dict[str, Any]]) -> str:
    """The blanks at the end of the kept text that the model was not sent and may write again; "" when it saw all."""
    if request.messages[-1].role != "assistant" or not kept or kept[-1]["type"] != "text":
        return ""
    text = kept[-1]["text"]
    return text[len(text.rstrip()) :]


def _go_on(messages: list[Message], card: ModelCard, config: ProviderConfig) -> dict[str, Any]:
    """Make the model go on with the last message; the fields of the call that this needs."""
    answer = messages[-1]
    extra = prefill(config, card.id)
    if extra is not None and isinstance(last := answer.parts[-1], Text):
        messages[-1] = Message("assistant", (*answer.parts[:-1], Text(last.text.rstrip())))
        return extra
    chinese = is_chinese(next((m.text() for m in reversed(messages) if m.role == "user"), ""))
    messages.append(Message("user", (Text(CONTINUE_CHINESE if chinese else CONTINUE),)))
    return {}


def _with_system(
    messages: list[Message], chosen: schemas.Parameters, instructions: str, card: ModelCard, config: ProviderConfig
) -> list[Message]:
    """What fits behind the chat's own system prompt, which is sent in any case, and the instructions, which are not."""
    own = chosen.system if chosen.system and chosen.system.strip() else ""

    def behind(text: str) -> list[Message]:
        system = [Message("system", (Text(text),))] if text else []
        return [*system, *fit(messages, card, config, before=system, wanted=chosen.max_tokens)]

    if instructions:
        with contextlib.suppress(ContextTooLong):
            return behind(f"{own}\n\n{instructions}" if own else instructions)
    return behind(own)


def fit(
    messages: list[Message],
    card: ModelCard,
    config: ProviderConfig,
    *,
    before: Sequence[Message] = (),
    wanted: int | None = None,
) -> list[Message]:
    """The newest messages that leave room for the answer, beginning with a user's; the oldest turns go first.

    `before` is sent in any case; `wanted` is how many tokens the answer may have, where that is said.
    Raises ContextTooLong when the last turn alone is too long. Without a known context everything is sent.
    """
    context = card.context_tokens
    if not context or not messages:
        return messages
    reserve = min(wanted or card.max_output_tokens or DEFAULT_RESERVE, DEFAULT_RESERVE, context // 4)
    room = context - reserve
    first = _last_turn(messages)
    used = sum(_tokens(message) for message in (*before, *messages[first:]))
    if used > room:
        raise ContextTooLong(
            f"The message has about {used:,} tokens; {card.name or card.id} has room for {room:,} and its answer.",
            provider=config.name,
            provider_id=config.id,
            model=card.name or card.id,
            tokens=used,
            limit=room,
        )
    for at in range(first - 1, -1, -1):
        used += _tokens(messages[at])
        if used > room:
            break
        if messages[at].role == "user":
            first = at
    return messages[first:]


def _tokens(message: Message) -> int:
    return request_tokens(ChatRequest(model="", messages=(message,)))


def _last_turn(messages: list[Message]) -> int:
    """Where the last turn begins: at the last user message, with what is being continued before it."""
    at = len(messages) - 1
    if messages[at].role == "user" and messages[at].text() in (CONTINUE, CONTINUE_CHINESE):
        at -= 1
    if messages[at].role == "assistant":
        at -= 1
    return max(0, at)


async def _parts(stored: models.Message, load_image: LoadImage | None) -> tuple[Part, ...]:
    parts: list[Part] = []
    for part in stored.parts:
        if part["type"] == "text" and part["text"].strip():
            parts.append(Text(part["text"]))
        elif part["type"] == "image":
            parts.append(await _image(part, load_image))
    return tuple(parts)


async def _image(part: dict[str, Any], load_image: LoadImage | None) -> Part:
    """The image by value; a note where it stood when the model is blind or the file is gone."""
    if load_image is not None:
        try:
            return await load_image(part["file_id"])
        except NotFound:
            pass
    return Text(f"[image: {part.get('name') or 'unnamed'}]")


def _add(messages: list[Message], role: str, parts: tuple[Part, ...]) -> None:
    if messages and messages[-1].role == role:
        joined = (*messages[-1].parts, Text("\n\n"), *parts)
        messages[-1] = Message(messages[-1].role, joined)
    else:
        messages.append(Message("assistant" if role == "assistant" else "user", parts))
