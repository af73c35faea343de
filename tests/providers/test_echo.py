"""The commands of the echo provider; the whole product's tests and benchmarks stand on them."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from freehold import errors
from freehold.providers import registry
from freehold.providers.base import Provider, ProviderConfig
from freehold.providers.completion import complete
from freehold.providers.registry import ProviderDeps
from freehold.providers.upstream import Upstream
from freehold.wire.events import ImageOutput, TextDelta
from freehold.wire.request import ChatRequest, JsonSchema, Message, Text, Tool


@pytest.fixture
def echo(tmp_path: Path) -> Provider:
    return registry.build(ProviderConfig("echo", "echo", "Echo"), ProviderDeps(Upstream(), tmp_path))


def ask(text: str, **fields: Any) -> ChatRequest:
    return ChatRequest("echo", (Message("user", (Text(text),)),), **fields)


async def test_it_repeats_what_was_said_to_the_letter(echo: Provider) -> None:
    text = "  Grüße, 世界!\n\n\tindented   words \n"
    assert (await complete(echo, ask(text))).text == text


async def test_tokens_come_at_their_pace(echo: Provider) -> None:
    started = time.monotonic()
    answer = await complete(echo, ask("/tokens 20 5ms"))
    assert 0.1 <= time.monotonic() - started < 1
    assert answer.text == "".join(f"word{number} " for number in range(20))
    assert answer.usage.output_tokens == 20


async def test_markdown_is_long_rich_and_the_same_every_time(echo: Provider) -> None:
    pieces = [event.text async for event in echo.stream(ask("/markdown 2000")) if isinstance(event, TextDelta)]
    assert len(pieces) == 2000
    text = "".join(pieces)
    for sign in ("## 1.", "|----:|", "```python", "```typescript", "$$", "\\frac{", "> A benchmark", "- [x]", "结论"):
        assert sign in text
    assert (await complete(echo, ask("/markdown 2000"))).text == text
    assert (await complete(echo, ask("/markdown 500"))).text == "".join(pieces[:500])


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, errors.ProviderKeyRejected),
        (402, errors.ProviderQuotaExceeded),
        (429, errors.ProviderRateLimited),
        (500, errors.ProviderOverloaded),
    ],
)
async def test_it_fails_on_command(echo: Provider, status: int, expected: Any) -> None:
    with pytest.raises(expected):
        await complete(echo, ask(f"/fail {status}"))


async def test_it_breaks_in_the_middle(echo: Provider) -> None:
    pieces: list[Any] = []
    with pytest.raises(errors.ProviderProtocolError):  # noqa: PT012 - what came before the error counts
        async for event in echo.stream(ask("/break 3\none two three four five")):
            pieces.append(event)
    assert [piece.text for piece in pieces] == ["one", " two", " three"]


async def test_commands_can_be_put_together(echo: Provider) -> None:
    answer = await complete(echo, ask('/reasoning let me see\n/tool look {"at": 1}\n/tool look {"at": 2}\nI look.'))
    assert answer.reasoning == "let me see"
    assert answer.text == "I look."
    assert [json.loads(arguments) for _, _, arguments in answer.tool_calls] == [{"at": 1}, {"at": 2}]
    assert answer.finish_reason == "tool_calls"


async def test_a_limit_of_tokens_ends_it(echo: Provider) -> None:
    answer = await complete(echo, ask("one two three four", max_tokens=2))
    assert (answer.text, answer.finish_reason) == ("one two", "length")
    assert (await complete(echo, ask("one two", max_tokens=2))).finish_reason == "stop"


async def test_a_picture(echo: Provider) -> None:
    (image,) = [event async for event in echo.stream(ask("/image")) if isinstance(event, ImageOutput)]
    assert image.data.startswith(b"\x89PNG")


async def test_a_schema_is_answered_with_what_fits(echo: Provider) -> None:
    schema = {
        "type": "object",
        "properties": {
            "title": {"type": "string"},
            "mood": {"enum": ["calm", "tense"]},
            "pages": {"type": "integer", "minimum": 3},
            "tags": {"type": "array", "items": {"type": "string"}, "minItems": 2},
            "extra": {"type": "boolean"},
        },
        "required": ["title", "mood", "pages", "tags"],
    }
    answer = await complete(echo, ask("A title, please.", response_format=JsonSchema("title", schema)))
    assert json.loads(answer.text) == {"title": "echo", "mood": "calm", "pages": 3, "tags": ["echo", "echo"]}


@pytest.mark.parametrize(
    "text", ["/tokens", "/tokens many", "/pause 5", "/fail 200", "/fail x", "/tool t {", "/finish off"]
)
async def test_what_it_does_not_understand_is_said(echo: Provider, text: str) -> None:
    with pytest.raises(errors.ProviderRefused, match="does not understand"):
        await complete(echo, ask(text))


async def test_words_that_only_look_like_commands_are_echoed(echo: Provider) -> None:
    for text in ("/tokensome", "say /fail 429 to fail", "/unknown 3"):
        assert (await complete(echo, ask(text))).text == text


async def test_another_model_is_not_there(echo: Provider) -> None:
    with pytest.raises(errors.ModelNotFound):
        await complete(echo, ChatRequest("other", (Message("user", (Text("hi"),)),), tools=(Tool("t", "", {}),)))
