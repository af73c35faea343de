"""What is wrong with an answer, told by the answer itself."""

from typing import Any, get_args

import pytest
from pydantic import ValidationError

from freehold.gateway.routing.cascade.checks import Given, failed
from freehold.settings.routing import CascadeSettings, Check
from freehold.wire.request import ChatRequest, JsonObject, JsonSchema, Message, Text, Tool

ALL: tuple[Check, ...] = get_args(Check)
CITY = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}


def asked(**more: Any) -> ChatRequest:
    return ChatRequest("m", (Message("user", (Text("What is it?"),)),), **more)


def wrong(given: Given, least: float | None = None, **more: Any) -> Check | None:
    return failed(given, asked(**more), ALL, least)


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I’m sorry, I cannot assist with this request.",
        "Sorry, I am unable to do this.",
        "As an AI language model, I cannot answer questions about the future.",
        "I can't help with that.",
        "I cannot provide a proof of this.",
        "Unfortunately, I'm not able to open the file.",
        "抱歉，我无法回答这个问题。",
        "很抱歉，作为一个人工智能助手，我不能提供这类内容。",
        "对不起，我不能帮你完成这个任务。",
        "作为一个AI语言模型，我无法预测未来。",
        "<think>This is hard.</think>I'm sorry, but I can't solve it.",
    ],
)
def test_refusals(text: str) -> None:
    assert wrong(Given(text)) == "refused"


@pytest.mark.parametrize(
    "text",
    [
        "Sorry for the confusion! The capital of France is Paris.",
        "I'm sorry to hear that. Here is what you can do: rest, drink water, and call a doctor.",
        "I cannot recommend this book enough; it is splendid.",
        "Unfortunately, the train is late.",
        "抱歉让您久等了，答案是四十二。",
        "我不能同意更多：这本书写得很好。",
        "The refusal \"I'm sorry, but I can't help\" is what many models write.",
        "I'm sorry, but I can't make it on Friday. " + "Here is the letter that you wanted, in full. " * 30,
    ],
)
def test_what_only_looks_like_one(text: str) -> None:
    assert wrong(Given(text)) is None


def test_the_other_checks() -> None:
    assert wrong(Given("  \n")) == "empty"
    assert wrong(Given("<think>hm</think>\n")) == "empty"
    assert wrong(Given("", media=True)) is None
    assert wrong(Given("It is", finish="length")) == "truncated"
    assert wrong(Given("It is", finish="length"), max_tokens=5) is None
    assert wrong(Given("It is", finish="length"), max_tokens=500) == "truncated"
    assert wrong(Given("", finish="content_filter", media=True)) == "refused"
    assert wrong(Given("It is 4.", logprobs=(-0.1, -2.0)), -0.7) == "unsure"
    assert wrong(Given("It is 4.", logprobs=(-0.1, -0.2)), -0.7) is None
    assert wrong(Given("It is 4."), -0.7) is None


def test_json_where_json_was_asked_for() -> None:
    schema = JsonSchema("city", CITY)
    assert wrong(Given('{"city": "Paris"}'), response_format=schema) is None
    assert wrong(Given('```json\n{"city": "Paris"}\n```'), response_format=schema) is None
    assert wrong(Given('{"town": "Paris"}'), response_format=schema) == "invalid_json"
    assert wrong(Given("Paris"), response_format=schema) == "invalid_json"
    assert wrong(Given("[1]"), response_format=JsonObject()) == "invalid_json"
    assert wrong(Given("Paris")) is None


def test_tool_calls_against_their_schemas() -> None:
    tools = (Tool("weather", "", CITY),)
    assert wrong(Given(calls=[("weather", '{"city": "Paris"}')]), tools=tools) is None
    assert wrong(Given(calls=[("weather", '{"city": 7}')]), tools=tools) == "invalid_tool_call"
    assert wrong(Given(calls=[("weather", '{"city"')]), tools=tools) == "invalid_tool_call"
    assert wrong(Given(calls=[("wether", "{}")]), tools=tools) == "invalid_tool_call"


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "nonsense"},
        {"properties": {"city": {"pattern": "(?<=a)b"}}},
        {"$ref": "http://127.0.0.1:9/schema.json"},
        {"properties": {"city": {"$ref": "#/nowhere"}}},
    ],
)
def test_a_schema_that_is_none_judges_nothing_and_fetches_nothing(schema: dict[str, Any]) -> None:
    assert wrong(Given(calls=[("weather", '{"city": "Paris"}')]), tools=(Tool("weather", "", schema),)) is None


def test_patterns_are_read_in_linear_time() -> None:
    schema = {"properties": {"city": {"pattern": "^(a+)+$"}}}
    text = '{"city": "%s!"}' % ("a" * 50_000)
    assert wrong(Given(calls=[("weather", text)]), tools=(Tool("weather", "", schema),)) == "invalid_tool_call"


def test_only_what_is_wanted_is_looked_at() -> None:
    assert failed(Given(""), asked(), ("refused",)) is None
    with pytest.raises(ValidationError, match="least_logprob"):
        CascadeSettings(checks=("unsure",))
