"""What two questions must have in common to be one question, whatever an encoder says; pure.

Cosine alone lies: "turn it on" and "turn it off" are as near as two ways of asking the same. So two questions must say
the same words once what only frames a question is taken away, in the same order, which says who does what to whom,
with the same numbers, names and quotations and the same negation, and want the same kind of answer: how is not why.
The encoder judges what is left to judge.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from freehold.kit.scripts import is_chinese, scripts

Language = Literal["en", "zh"]

SHORTEST, LONGEST = 6, 300
"""Characters of a question that can be compared; a long one tells details that no vector keeps apart."""

_ASKING = re.compile(r"\b(?:please )?(?:tell|show|give|explain to|teach) me\b")
_PERSONAL_EN = re.compile(r"\b(?:my|mine|me|myself|we|us|our|ours|i'm|i've|i'd|i'll)\b|(?<!\bdo )(?<!\bcan )(?<!\bmay )"
                          r"(?<!\bshould )(?<!\bcould )(?<!\bmust )(?<!\bwould )\bi\b")  # fmt: skip
_PERSONAL_ZH = re.compile("[我咱俺]|(?<!日)本人(?!口)|自己的")
_TIME_EN = re.compile(
    r"\b(?:now|today|tonight|tomorrow|yesterday|current(?:ly)?|latest|recent(?:ly)?|nowadays|upcoming|next|ago|"
    r"(?:this|last) (?:week|month|year|morning|evening|quarter|season)|weather|news|stock price|exchange rate|"
    r"o'clock|when (?:is|are|was|will|does|do|did))\b"
)
_TIME_ZH = re.compile(
    "今[天日晚年早]|明[天日年早晚]|昨|后天|前天|现在|目前|当前|最近|最新|近期|刚才|[本这上下][周月年季]|去年|天气|新闻|股价|汇率|比分|几点"
)
_CODE = re.compile(r"[`{}<>=|\\~]|\n|https?://|@")

_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    )
}
_NEGATION_EN = re.compile(
    r"n't\b|\b(?:no|not|never|none|nobody|nothing|without|neither|nor|cannot|except|avoid|stop|prevent|isnt|dont|cant)\b"
)
_NEGATION_ZH = re.compile("[不没无未别非勿莫]|禁止|避免|防止|除了")
_WHETHER_ZH = re.compile(r"(\w)[不没]\1")
_QUOTED = re.compile("[\"'“‘「『《]([^\"'”’」』》]{1,80})[\"'”’」』》]")
_CAPITALS = re.compile(r"\b[A-Z][A-Za-z]*[A-Z0-9][A-Za-z0-9]*\b")

# What kind of an answer is wanted; the first that is found. "How can I" asks how, and not whether.
_KINDS_EN = tuple(
    (kind, re.compile(rf"\b(?:{words})\b"))
    for kind, words in (
        ("why", "why"),
        ("how", "how|way|ways"),
        ("where", "where|where's"),
        ("when", "when"),
        ("who", "who|whom|whose|who's"),
        ("what", "what|what's|which|explain|describe|tell"),
        ("should", "should|must|shall|ought"),
        ("can", "can|could|may|might|possible|able"),
        ("would", "would|will"),
    )
)
_KINDS_ZH = tuple(
    (kind, re.compile(words))
    for kind, words in (
        ("why", "为什么|为何|为啥|原因"),
        ("how", "怎么|如何|怎样|方法|办法|步骤|方式"),
        ("where", "哪里|哪儿|哪个地方|什么地方"),
        ("many", "多少|几[个名种次年]|多[久长高远大快重深]"),
        ("who", "谁"),
        ("should", "应该|应当|该|需要|需不需要|要不要"),
        ("what", "什么|哪些|哪个|哪种|哪|啥|解释|介绍|说明"),
        ("can", "可以|可不可以|可否|能|能不能|能否|能够"),
    )
)
_PAST_EN = re.compile(r"\b(?:was|were|did|had|used to)\b")
_DUTY_EN = re.compile(r"\b(?:should|must|shall|ought|have to|has to|required?|need to)\b")
_DUTY_ZH = re.compile("必须|应该|应当|[^应]该|一定要")
_POLITE_EN = re.compile(
    r"\b(?:can|could|would|will) you (?:please )?(?=tell|explain|describe)|\b(?:way|how|able|possible) to\b"
)

# They frame a question and say nothing of what it is about. What says where, whereby and for whom is not among them.
_FRAME_EN = frozenset({
    "a", "an", "the", "is", "are", "was", "were", "be", "been", "being", "am", "do", "does", "did", "can", "could",
    "should", "would", "will", "shall", "may", "might", "must", "have", "has", "had", "how", "what", "which", "where",
    "why", "who", "whom", "whose", "when", "i", "you", "it", "its", "it's", "that", "this", "these", "those", "there",
    "of", "and", "please", "tell", "explain", "describe", "me", "just", "what's", "how's", "where's", "who's",
    "actually", "exactly", "really", "quickly", "easily", "simply", "someone", "somebody", "anyone", "one", "people",
    "person", "way", "ways", "best", "possible", "able", "some", "any", "your",
})  # fmt: skip
_FRAME_ZH = re.compile(
    "请问|请教|麻烦|一下|告诉|介绍|解释|说明|说说|讲讲|怎么样|怎么办|怎样|怎么|如何|什么样|什么|为何|为什么|为啥|是否|能否|可否|可不可以|能不能|是不是|会不会|"
    "有没有|需不需要|要不要|哪里|哪儿|哪些|哪个|哪种|哪|多少|可以|能够|应该|应当|需要|想要|想|才能|才可以|方法|办法|步骤|方式|的话|的|了|吗|呢|吧|啊|呀|嘛|着|地|得|是|在|有|要|该|会|能|"
    "用|把|将|就|都|也|还|个|种|请|您|你|大家|人们|与|及|跟|和|意思|啥"
)
_WORD = re.compile(r"[a-z0-9]+(?:['.,:/+#-][a-z0-9+#]+)*[+#%]*")
_HAN_OR_WORD = re.compile(rf"[\u3400-\u9fff\uf900-\ufaff]|{_WORD.pattern}")

# one spelling for what is one word to everybody who asks
_SAME_EN = {
    "photo": "picture", "image": "picture", "pic": "picture", "delete": "remove", "erase": "remove", "e-mail": "email",
    "begin": "start", "purchase": "buy", "big": "large", "kid": "child", "children": "child", "kids": "child",
    "fix": "repair", "mend": "repair", "cell": "mobile", "movie": "film", "wash": "clean", "create": "set-up",
    "colour": "color", "centre": "center", "quit": "exit", "happen": "cause", "reason": "cause", "difference": "differ",
    "different": "differ", "distinguish": "differ", "convert": "turn", "change": "alter",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Marks:
    """What an encoder is not trusted with: `must` is equal in two questions that may be one."""

    language: Language
    must: str


def marks_of(text: str) -> Marks | None:
    """The marks of a question; None for one that may not be answered by another's answer.

    That is one with personal or time words, code, another language, or a length that does not suit.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    chinese = is_chinese(plain)
    if not SHORTEST <= len(plain) * (2 if chinese else 1) <= LONGEST or _CODE.search(plain):
        return None
    low = plain.casefold().replace("’", "'")
    if chinese:
        if _PERSONAL_ZH.search(low) or _TIME_ZH.search(low) or not scripts(plain) <= {"CJK", "LATIN"}:
            return None
        return _chinese(plain, low)
    low = _ASKING.sub("", low)
    if not plain.isascii() or _PERSONAL_EN.search(low) or _TIME_EN.search(low):
        return None
    return _english(plain, low)


def _english(plain: str, low: str) -> Marks | None:
    bare = _POLITE_EN.sub(lambda found: found[0].removesuffix(" to") if found[0].endswith(" to") else "", low)
    kind = _kind(bare, _KINDS_EN)
    if kind != "how":  # how one should do it is how one does it
        kind += " duty" * bool(_DUTY_EN.search(bare))
    kind += " past" * bool(_PAST_EN.search(bare))
    kept = [_NUMBERS.get(word) or _stem(word) for word in _WORD.findall(bare) if word not in _FRAME_EN]
    return _marks("en", plain, kind, kept, _NEGATION_EN.findall(low))


def _chinese(plain: str, low: str) -> Marks | None:
    low = _WHETHER_ZH.sub(r"\1", low)
    bare = _FRAME_ZH.sub(" ", low)
    kind = _kind(low, _KINDS_ZH)
    if kind != "how":
        kind += " duty" * bool(_DUTY_ZH.search(low))
    return _marks("zh", plain, kind, _HAN_OR_WORD.findall(bare), _NEGATION_ZH.findall(bare))


def _kind(text: str, kinds: tuple[tuple[str, re.Pattern[str]], ...]) -> str:
    return next((kind for kind, words in kinds if words.search(text)), "whether")


def _marks(language: Language, plain: str, kind: str, words: list[str], negations: list[str]) -> Marks | None:
    if not words:
        return None
    names = sorted({name.casefold() for name in _CAPITALS.findall(plain)})
    quoted = [text.casefold() for text in _QUOTED.findall(plain)]
    return Marks(language, repr((kind, words, len(negations) % 2, names, quoted)))


def _stem(word: str) -> str:
    """One form of a word in the plural or with an ending; short words are left alone."""
    word = word.removesuffix("'s").removesuffix("'re")
    word = _SAME_EN.get(word, word)
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("ing", ""), ("es", ""), ("ed", ""), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= (3 if ending == "s" else 4) and not word.endswith("ss"):
            word = word[: -len(ending)] + instead
            break
    word = word.removesuffix("e") if len(word) > 4 else word
    return _SAME_EN.get(word, word)
