"""The few words that an exported chat holds beside what was written in it, in the languages of the web app."""

from dataclasses import dataclass
from typing import Literal

from freehold.chat.translation.schemas import Language as Tongue

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
    translation: str
    cut: str


TONGUES: dict[Tongue, str] = {
    "en": "English",
    "zh-Hans": "简体中文",
    "zh-Hant": "繁體中文",
    "ja": "日本語",
    "ko": "한국어",
    "es": "Español",
    "fr": "Français",
    "de": "Deutsch",
    "it": "Italiano",
    "pt": "Português",
    "ru": "Русский",
    "ar": "العربية",
}
"""What the languages of translations call themselves."""

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
        translation="Translation: {language}",
        cut="Cut off at the model's longest answer.",
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
        translation="译文：{language}",
        cut="模型的单次回答有长度上限，后面的内容没有译出。",
    ),
}
