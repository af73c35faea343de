"""The few words that an exported chat holds beside what was written in it, in the languages of the web app."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "zh-CN"]


@dataclass(frozen=True, slots=True)
class Words:
    """One language. What has fields in braces is filled by `format`."""

    untitled: str
    you: str
    answer: str
    reasoning: str
    reasoning_seconds: str
    tool: str
    result: str
    version: str
    exported: str
    house: str
    failed: str
    stopped: str
    image: str
    file: str


WORDS: dict[Language, Words] = {
    "en": Words(
        untitled="Chat without a title",
        you="You",
        answer="Answer",
        reasoning="Reasoning",
        reasoning_seconds="Reasoning, {seconds} s",
        tool="Tool {name}",
        result="Result",
        version="version {number} of {count}",
        exported="Exported from Freehold on {date}",
        house="in-house",
        failed="This answer failed: {message}",
        stopped="This answer was not finished.",
        image="Image",
        file="Text file",
    ),
    "zh-CN": Words(
        untitled="未命名的对话",
        you="你",
        answer="回答",
        reasoning="思考过程",
        reasoning_seconds="思考过程，{seconds} 秒",
        tool="工具 {name}",
        result="结果",
        version="第 {number} 版，共 {count} 版",
        exported="{date} 导出自 Freehold",
        house="本地运行",
        failed="这条回答没有成功：{message}",
        stopped="这条回答没有写完。",
        image="图片",
        file="文本文件",
    ),
}
