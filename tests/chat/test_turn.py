"""What a model is sent: strict turns, images by value or by name, and no more than fits."""

from typing import Any

import pytest

from freehold.chat.models import Message
from freehold.chat.turn import CONTINUE, CONTINUE_CHINESE, build_request, missing_blanks
from freehold.errors import ContextTooLong, NotFound
from freehold.providers.base import ModelCard, ProviderConfig
from freehold.wire.request import Image, Text

CONFIG = ProviderConfig("house", "openai_compatible", "House")


def said(role: str, *parts: str | dict[str, Any]) -> Message:
    stored = [{"type": "text", "text": part} if isinstance(part, str) else part for part in parts]
    return Message(role=role, parts=stored)


def image(file_id: str) -> dict[str, Any]:
    return {"type": "image", "file_id": file_id, "name": f"{file_id}.png"}


async def load(file_id: str) -> Image:
    if file_id == "gone":
        raise NotFound
    return Image(file_id.encode(), "image/png")


async def built(*branch: Message, context: int | None = None, sees: bool = True) -> list[tuple[str, list[Any]]]:
    card = ModelCard("m", context_tokens=context)
    request = await build_request(branch, card, CONFIG, load, sees_images=sees)
    return [
        (message.role, [part.text if isinstance(part, Text) else part for part in message.parts])
        for message in request.messages
    ]


async def test_empty_answers_are_left_out_and_neighbours_joined() -> None:
    reasoning = {"type": "reasoning", "text": "hm", "seconds": 1, "signature": None}
    request = await built(
        said("user", "one"), said("assistant", "  "), said("user", "two"), said("assistant", reasoning, "three"),
        said("user", "four"),
    )  # fmt: skip
    assert request == [
        ("user", ["one", "\n\n", "two"]),
        ("assistant", ["three"]),
        ("user", ["four"]),
    ]


async def test_an_answer_at_the_end_is_gone_on_with() -> None:
    assert (await built(said("user", "count"), said("assistant", "one,")))[-1] == ("user", [CONTINUE])
    assert await built(said("user", "count"), said("assistant")) == [("user", ["count"])]


async def test_an_answer_is_gone_on_with_in_the_language_of_the_question() -> None:
    assert (await built(said("user", "从一数到十"), said("assistant", "一，")))[-1] == ("user", [CONTINUE_CHINESE])


@pytest.mark.parametrize(
    ("kind", "model", "extra"),
    [
        ("embedded", "m", {}),
        ("ollama", "m", {}),
        ("vllm", "m", {"continue_final_message": True, "add_generation_prompt": False}),
        ("llamacpp", "m", {"chat_template_kwargs": {"enable_thinking": False}}),
        ("anthropic", "claude-sonnet-4-5", {}),
        ("anthropic", "claude-opus-4-6", None),
        ("openai", "gpt-5", None),
        ("deepseek", "deepseek-chat", None),
    ],
)
async def test_who_can_go_on_is_sent_the_answer_last(kind: str, model: str, extra: dict[str, Any] | None) -> None:
    branch = said("user", "count"), said("assistant", "one, two, ")
    request = await build_request(branch, ModelCard(model), ProviderConfig("p", kind, "P"), load)
    last = request.messages[-1]
    if extra is None:
        assert (last.role, last.text(), request.extra) == ("user", CONTINUE, {})
        assert request.messages[-2].text() == "one, two, "
        assert missing_blanks(request, branch[-1].parts) == ""
        return
    assert (last.role, last.text(), request.extra) == ("assistant", "one, two,", extra)
    assert missing_blanks(request, branch[-1].parts) == " "


async def test_what_is_gone_on_with_keeps_its_question_in_a_small_context() -> None:
    old = [m for _ in range(9) for m in (said("user", "w " * 200), said("assistant", "ok"))]
    card = ModelCard("m", context_tokens=600)
    for kind in ("embedded", "openai"):
        request = await build_request(
            [*old, said("user", "count"), said("assistant", "one")], card, ProviderConfig("p", kind, "P"), load
        )
        texts = [message.text() for message in request.messages]
        assert texts[texts.index("count") :][:2] == ["count", "one"]
        assert len(texts) < 20


async def test_images_go_by_value_and_to_a_blind_model_by_name() -> None:
    branch = said("user", "look", image("a"), image("gone")), said("assistant", "yes"), said("user", "and", image("b"))
    seen = await built(*branch)
    assert seen[0] == ("user", ["look", Image(b"a", "image/png"), "[image: gone.png]"])
    blind = await built(*branch, sees=False)
    assert blind[0] == ("user", ["look", "[image: a.png]", "[image: gone.png]"])
    assert blind[2] == ("user", ["and", Image(b"b", "image/png")]), "refused by the gateway, not silently dropped"


async def test_the_oldest_turns_go_first_and_the_last_message_never() -> None:
    turns = [
        message
        for number in range(20)
        for message in (said("user", f"{number} " + "w " * 200), said("assistant", "ok"))
    ]
    last = said("user", "the question")
    whole = await built(*turns, last)
    assert len(whole) == 41
    cut = await built(*turns, last, context=1_000)
    assert 1 < len(cut) < 41
    assert cut == whole[-len(cut) :]
    assert cut[0][0] == "user"
    assert await built(*turns, last, context=150) == [("user", ["the question"])]
    with pytest.raises(ContextTooLong) as caught:
        await built(said("user", "w " * 5_000), context=1_000)
    assert caught.value.params["limit"] == 750
