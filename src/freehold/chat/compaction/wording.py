"""The words in which folded messages are sent: the same for the same fold, so that a provider's cache holds them."""

from collections.abc import Iterable, Sequence

from freehold.chat.models import Message
from freehold.kit.scripts import is_chinese


def summary_text(summary: str, facts: Iterable[str], count: int) -> str:
    """What stands for `count` messages."""
    listed = "\n".join(f"- {fact}" for fact in facts)
    if is_chinese(summary):
        head, named, end = f"【以下是此前 {count} 条消息的摘要】", "事实：", "【摘要结束】"
    else:
        head, named, end = f"[Summary of {count} earlier messages of this conversation]", "Facts:", "[End of summary]"
    return "\n".join(piece for piece in (head, summary, named if listed else "", listed, end) if piece)


def cut_text(count: int, like: str) -> str:
    """What stands where `count` messages were left out without a summary; in the language of `like`."""
    if is_chinese(like):
        return f"【因上下文长度有限，此处省略了 {count} 条消息】"
    return f"[{count} earlier messages were left out here for lack of room]"


def recalled_text(found: Sequence[tuple[Message, str]], question: str) -> str:
    """Earlier messages, with the piece of each that counts, in front of the question that they may answer."""
    chinese = is_chinese(question)
    head = "【与此问题相关的较早消息】" if chinese else "[Earlier messages that this question may be about]"
    end = "【较早消息结束】" if chinese else "[End of earlier messages]"
    names = {"user": "用户", "assistant": "助手"} if chinese else {"user": "User", "assistant": "Assistant"}
    colon = "：" if chinese else ": "
    lines = [f"{names[message.role]}{colon}{piece}" for message, piece in found]
    return "\n".join([head, *lines, end])
