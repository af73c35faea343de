"""Which requests are the same, and which must never be."""

import copy
import re
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from freehold.gateway.cache import key as rules
from freehold.gateway.cache.key import answer_key, fold_text, may_be_cached, normalised

SECRET = b"s" * 32
BODY: dict[str, Any] = {
    "model": "smart",
    "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is 2+2?"}],
    "temperature": 0.2,
    "stream": True,
}


def key(
    body: dict[str, Any] = BODY, tenant: str = "ann", dialect: str = "openai_chat", secret: bytes = SECRET
) -> bytes:
    return answer_key(secret, tenant, dialect, body)


def changed(**fields: Any) -> dict[str, Any]:
    return {**copy.deepcopy(BODY), **fields}


def test_order_and_bookkeeping_make_no_difference() -> None:
    again = dict(reversed(changed(user="u-1", metadata={"a": "b"}, stream_options={"include_usage": True}).items()))
    assert key(again) == key()


@pytest.mark.parametrize(
    "other",
    [
        {"model": "fast"},
        {"temperature": 0.3},
        {"stream": False},
        {"messages": BODY["messages"][1:]},
        {"messages": [{"role": "system", "content": "Be long."}, BODY["messages"][1]]},
        {"messages": [*BODY["messages"], {"role": "assistant", "content": "4"}]},
        {"response_format": {"type": "json_object"}},
        {"max_tokens": 5},
    ],
)
def test_whatever_can_change_the_answer_changes_the_key(other: dict[str, Any]) -> None:
    assert key(changed(**other)) != key()


def test_tenants_dialects_and_servers_are_apart() -> None:
    assert len({key(), key(tenant="bob"), key(dialect="anthropic_messages"), key(secret=b"t" * 32)}) == 4


@given(st.text(), st.text(), st.text(), st.text())
def test_no_two_tenants_and_questions_meet(tenant: str, question: str, other_tenant: str, other_question: str) -> None:
    one = key(changed(messages=[{"role": "user", "content": question}]), tenant)
    two = key(changed(messages=[{"role": "user", "content": other_question}]), other_tenant)
    assert (one == two) == ((tenant, question) == (other_tenant, other_question))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is  the capital of France?", "what is the capital of france"),
        ("ｗｈａｔ ｉｓ ＡＩ？", "What is AI"),
        ("什么是大模型？", " 什么是大模型 "),
        ("请问，什么是 GPT 模型？", "请问什么是GPT模型"),
        ("Hello, “world”!", "hello world"),
    ],
)
def test_two_ways_of_writing_one_question_meet(one: str, other: str) -> None:
    assert fold_text(one) == fold_text(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2+2", "2-2"),
        ("What is 5!", "what is 5"),
        ("1,5", "15"),
        ("if X: y", "if x: y = 1"),
        ("a\n  B", "a b"),
        ("Is it 1.5?", "Is it 15?"),
        ("not good", "good"),
        ("今天", "明天"),
        ("a b", "ab"),
    ],
)
def test_what_differs_in_meaning_stays_apart(one: str, other: str) -> None:
    assert fold_text(one) != fold_text(other)


def test_only_the_last_message_is_folded() -> None:
    folded = normalised(BODY)["messages"]
    assert folded[0] == BODY["messages"][0]
    assert folded[1]["content"] == "what is 2+2"
    parts = changed(
        messages=[{"role": "user", "content": [{"type": "text", "text": "Hi!"}, {"type": "x", "url": "U"}]}]
    )
    assert normalised(parts)["messages"][0]["content"] == [{"type": "text", "text": "hi"}, {"type": "x", "url": "U"}]


def test_the_question_of_every_dialect_is_folded() -> None:
    assert normalised({"input": "What is AI?"}) == {"input": "what is ai"}
    assert normalised({"prompt": "What is AI?"}) == {"prompt": "what is ai"}
    parts = {"input": [{"role": "user", "content": [{"type": "input_text", "text": "What is AI?"}]}]}
    assert normalised(parts)["input"][0]["content"][0]["text"] == "what is ai"


@pytest.mark.parametrize("messages", [None, [], "x", [1], [{"role": "user"}], [{"content": 3}]])
def test_odd_bodies_are_left_alone(messages: Any) -> None:
    body = changed(messages=messages)
    assert normalised(body) == body


def test_tools_and_several_answers_are_never_cached() -> None:
    assert may_be_cached(BODY)
    assert not may_be_cached(changed(tools=[{"type": "function"}]))
    assert not may_be_cached(changed(n=2))


def plainly_folded(text: str) -> str:
    """The same by the rules alone, whatever script it is in."""
    if len(text) > rules.LONGEST_FOLDED or rules._CODE.search(text):
        return text
    plain = unicodedata.normalize("NFKC", text).casefold().translate(rules._QUOTES)
    plain = " ".join(rules._PAUSE.sub(" ", plain).split())
    if not plain.isascii():
        plain = rules._HAN_BLANK.sub("", plain)
    return rules._END.sub("", plain) or plain


@given(st.one_of(st.text(), st.text("aB5)( .?!…。,;:\"'„’\t\nÄ天", max_size=12)))
@example("5! .")
@example("Why .?!")
@example("f(x)!")
@example(" .?")
def test_a_short_way_folds_as_the_rules_say(text: str) -> None:
    assert fold_text(text) == plainly_folded(text)


@given(st.text(alphabet="ab1_ ,;:、\n\t`{=é漢.?!9Z", max_size=14))
def test_pauses_and_code_are_found_where_they_are_defined(text: str) -> None:
    pause = re.compile(r"(?<=[^\W\d_])[,;:、]+(?=\s|[^\W\d_]|$)")
    code = re.compile(r"[`{}\\<>=|~^]|\n[ \t]")
    assert rules._PAUSE.sub(" ", text) == pause.sub(" ", text)
    assert bool(rules._CODE.search(text)) == bool(code.search(text))
