"""Facts by their form, the ranking of what is recalled, and the pieces of a long chat."""

from freehold.chat.compaction import facts, recall, summary, wording
from freehold.chat.models import Message
from freehold.chat.search.documents import message_values
from freehold.gateway.meter import estimate_tokens


def test_names_numbers_and_dates_are_found_and_code_is_not() -> None:
    text = (
        "Well, it depends. The invoice of Ms Adler is 1,240.50 due 3 May. Nothing here\n```py\nx = 42\n```\n"
        "写信给 lin@example.cn。今天天气不错。合同由王经理签，期限三十天。"
    )
    found = facts.stated([text])
    assert found == [
        "The invoice of Ms Adler is 1,240.50 due 3 May",
        "写信给 lin@example.cn",
        "合同由王经理签，期限三十天",
    ]


def test_what_was_told_last_comes_first_where_there_is_no_room_for_all() -> None:
    earlier = [f"Old fact {number}" for number in range(100, 140)]
    kept = facts.joined(earlier, ["Room 7 is taken"], ["Room 7", "Room 8 is free"], 60)
    assert kept[-1] == "Room 7 is taken"
    assert kept[:-1] == earlier[-len(kept) + 1 :]
    assert sum(estimate_tokens(line) for line in kept) <= 60
    assert facts.joined([], ["Room 7 is taken"], ["Room 7", "Room 8 is free"], 60) == [
        "Room 7 is taken",
        "Room 8 is free",
    ]


def test_a_number_that_nobody_wrote_is_not_believed() -> None:
    assert facts.true_to("It costs 4,730", "it costs 4,730 in all")
    assert not facts.true_to("It costs 4,731", "it costs 4,730 in all")


def doc(text: str) -> str:
    return message_values("user", [{"type": "text", "text": text}], None)["tokens"]


def test_rare_words_find_and_common_ones_do_not() -> None:
    documents = {str(number): doc(f"We talk about the garden, part {number}") for number in range(50)}
    documents |= {"a": doc("The greenhouse needs new panes of glass"), "b": doc("温室的玻璃坏了")}
    assert recall.ranked(documents, "What did I say about the greenhouse?") == ["a"]
    assert recall.ranked(documents, "温室怎么了？") == ["b"]
    assert recall.ranked(documents, "And what about the garden?") == []
    assert recall.ranked(documents, "?") == []


def test_of_a_long_message_the_piece_counts() -> None:
    text = "bla " * 1_000 + "the greenhouse is open " + "bla " * 1_000
    piece = recall.excerpt(text, "When is the greenhouse open?")
    assert "greenhouse" in piece
    assert len(piece) <= recall.LONGEST + 2


def test_a_long_chat_comes_in_pieces() -> None:
    texts = ["word " * 100, "w" * 9_000, "short"]
    found = list(summary.pieces(texts, 1_000))
    assert all(estimate_tokens(piece) <= 1_001 for piece in found)
    assert "".join(found).replace("\n\n", "") == "".join(texts)


def test_the_words_are_those_of_the_language() -> None:
    assert "[Summary of 3 earlier messages" in wording.summary_text("They met.", ["A"], 3)
    assert (
        wording.summary_text("他们见面了。", ["甲"], 3)
        == "【以下是此前 3 条消息的摘要】\n他们见面了。\n事实：\n- 甲\n【摘要结束】"
    )
    message = Message(role="user", parts=[])
    assert (
        wording.recalled_text([(message, "在")], "在哪里") == "【与此问题相关的较早消息】\n用户：在\n【较早消息结束】"
    )


def test_a_reply_is_read_strictly() -> None:
    read = summary.read_reply('Sure: {"summary": " It went well. ", "facts": ["a  b", 3, ""]}')
    assert read == summary.Written("It went well.", ["a b"])
    for reply in ("", "no", "{}", '{"summary": ""}', '{"summary": 3, "facts": []}', '{"summary": "x"'):
        assert summary.read_reply(reply) is None
