"""The final answer of a text, where it can be compared: a number, a choice, a label, yes or no, JSON; pure.

Two models that come to the same final answer by themselves are seldom both wrong. Prose and programs have no final
answer here, as two good ones of them are never alike.
"""

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import orjson

from freehold.gateway.routing.cascade import numbers
from freehold.gateway.routing.cascade.numbers import Number

Kind = Literal["number", "choice", "label", "yes_no", "json"]

_HEAD, _TAIL = 400, 4_000  # characters looked at, JSON apart
_LONGEST_JSON = 200_000
_PROSE = 80  # a string of JSON that is longer is a text, of which no two are alike
_SHORT = 200
_YES = frozenset(
    ("yes", "yeah", "yep", "true", "correct", "right", "是", "是的", "对", "对的", "正确", "真", "会", "可以", "能",
     "有", "oui", "vrai", "ja", "richtig", "sí", "si", "verdadero", "vero", "sim", "verdadeiro", "да", "верно", "はい",
     "正しい", "예", "네", "맞습니다", "نعم", "हाँ")
)  # fmt: skip
_NO = frozenset(
    ("no", "nope", "false", "incorrect", "wrong", "否", "不", "不是", "不对", "错", "错误", "不正确", "假", "不会",
     "不可以", "不能", "没有", "non", "faux", "nein", "falsch", "falso", "não", "нет", "неверно", "いいえ", "아니요",
     "아니오", "لا", "नहीं")
)  # fmt: skip
_THOUGHT = re.compile(r"^\s*<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)
_FENCE = re.compile(r"```[ \t]*([\w+#.-]*)[^\n]*\n(.*?)\n?[ \t]*```", re.DOTALL)
_DATA = frozenset(("", "json", "text", "txt", "output", "plaintext", "console"))
_BOXED = re.compile(r"\\(?:boxed|fbox)\s*\{")
_WRAPPED = re.compile(r"\\(?:text|mathrm|mathbf|textbf|operatorname)\s*\{([^{}]*)\}")
_FRACTION = re.compile(r"(-?\d+)?\s*\\[dt]?frac\s*\{(-?[\d,.]+)\}\s*\{([\d,.]+)\}")
_MARKED = re.compile(
    r"""(?:^|[\s*_（(，,。：:])(?:
      (?:so\s+|thus\s+|therefore\s*,?\s*|hence\s+)?(?:the\s+)?(?:final\s+|correct\s+)?(?:answer|result|label|category|class|
        sentiment|option|choice)\s*(?:is|are|would\s+be)?\s*(?:[:=]|\bis\b|(?<=is))
      |(?:最终|正确)?(?:答案|结果|结论|标签|类别|分类|情感|选项)\s*(?:应该|应)?(?:是|为|选)?\s*[:：]?
      |(?:应|应该|故|因此|所以|本题)?选择?(?=\s*[（(]?[A-J][）)]?)
      |(?:réponse|antwort|respuesta|resposta|risposta|ответ|答え|정답)\s*(?:est|ist|es|é|è|は|은)?\s*[:：]?
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_HASHES = re.compile(r"^\s*####[ \t]*([^\n]+)$", re.MULTILINE)
_CHOICE = re.compile(r"^\(?([A-Ja-j])\)?(?:$|[).:、．,]|\s*$)")
_OPTION = re.compile(r"^\s*[(（]?([A-J])[)）.、:：．]\s*\S", re.MULTILINE)
_COUNTS = re.compile(
    r"\bhow (?:many|much|far|long|old|tall|fast|often)\b|\bwhat (?:is|are|was|will be) the (?:\w+ )?(?:total|sum|"
    r"number|value|average|mean|price|cost|probability|percentage|area|volume|product|difference|remainder)\b|"
    r"\b(?:calculate|compute|evaluate|solve)\b|\d\s*[-+*/×÷^]\s*\d|多少|几[个只人天年次元岁倍分小辆本]|计算|求.{0,12}(?:值|和|积|差)|等于",
    re.IGNORECASE,
)
_LABELS = re.compile(
    r"\b(?:classif|categor|label|sentiment|one word|single word|one of (?:the|these)|choose|pick|which of)|分类|归类"
    r"|类别|标签|情感|哪一?[个类项种]|只回答|仅回答|只输出|选择",
    re.IGNORECASE,
)
_ASKS_YES = re.compile(
    r"^\s*(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have|true or false)\b|\b(?:yes or no|yes/no|"
    r"true or false)\b|吗\s*[？?]?\s*$|是否|是不是|对不对|能不能|有没有",
    re.IGNORECASE | re.MULTILINE,
)
_DECORATION = " \t\r\n*_`\"'“”‘’「」『』$<>[]{}.。!！,，;；:：="


@dataclass(frozen=True, slots=True)
class Final:
    """A final answer. `value`: as it is compared, of a number what `number` says."""

    kind: Kind
    value: str
    number: Number | None = None


def final_of(text: str, asked: str = "") -> Final | None:
    """The final answer of a text, where it has one; `asked` is what was wanted, which says what counts as one."""
    text = unicodedata.normalize("NFKC", without_thought(text)).strip()
    if not text:
        return None
    asked = asked[-_TAIL:]
    if (found := _json(text)) is not None:
        return found
    text = unfenced(text)
    if "```" in text:
        return None  # a program
    boxed = _boxed(text[-_TAIL:])
    if boxed is not None:
        return _told(boxed, asked)
    marked = _marked(text[-_TAIL:])
    if marked is not None and (found := _told(marked, asked)) is not None:
        return found
    return _bare(text, asked)


def agree(one: Final | None, other: Final | None) -> bool:
    """Whether both are final answers and the same."""
    if one is None or other is None:
        return False
    if one.number is not None and other.number is not None:
        return one.number.same(other.number)
    return one.kind == other.kind and one.value == other.value


def unfenced(text: str) -> str:
    """The text without a fence around all of it that holds no program."""
    found = _FENCE.fullmatch(text.strip())
    return found[2].strip() if found is not None and found[1].lower() in _DATA else text


def without_thought(text: str) -> str:
    """The text without what a model thought aloud before it."""
    return _THOUGHT.sub("", text, count=1).strip()


def json_in(text: str) -> Any:
    """The JSON that a text is, in a fence or without one. Raises ValueError."""
    return orjson.loads(unfenced(without_thought(text)))


def _json(text: str) -> Final | None:
    inner = unfenced(text)
    if inner[:1] not in ("{", "[") or len(inner) > _LONGEST_JSON:
        return None
    try:
        value = orjson.loads(inner)
        return Final("json", orjson.dumps(_plain(value), option=orjson.OPT_SORT_KEYS).decode())
    except (ValueError, TypeError, RecursionError):
        return None


def _plain(value: Any) -> Any:
    """JSON as it is compared: 1.0 is 1, case and blanks make no difference, a long text is just that."""
    match value:
        case dict():
            return {str(key): _plain(inner) for key, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
        case float() if value.is_integer():
            return int(value)
        case str():
            return _label(value) if len(value) <= _PROSE else "…"
        case _:
            return value


def _boxed(text: str) -> str | None:
    """What stands in the last box, with the braces inside of it."""
    begins = [found.end() for found in _BOXED.finditer(text)]
    if not begins:
        return None
    depth, begin = 1, begins[-1]
    for at in range(begin, len(text)):
        depth += (text[at] == "{") - (text[at] == "}")
        if not depth:
            return text[begin:at]
    return None


def _marked(text: str) -> str | None:
    """What stands behind the last "the answer is", to the end of its line or sentence."""
    hashes = _HASHES.findall(text)
    if hashes:
        return hashes[-1]
    last = None
    for last in _MARKED.finditer(text):  # noqa: B007 - only the last counts
        pass
    if last is None:
        return None
    rest = text[last.end() :].lstrip(_DECORATION.replace("$", "").replace("{", ""))
    return re.split(r"\n|[.!](?:\s|$)|[。！；;]", rest, maxsplit=1)[0][:_SHORT] if rest else None


def _told(said: str, asked: str) -> Final | None:
    """A final answer that was announced as one: whatever it is, it is one."""
    said = _without_latex(said)
    return _choice(said, asked) or _number(said) or _yes_no(said) or _as_label(said)


def _bare(text: str, asked: str) -> Final | None:
    """A final answer that nothing announces: the text is nothing else, or what was asked says what to look for."""
    options = len(set(_OPTION.findall(asked))) >= 2
    short = _without_latex(text) if len(text) <= _SHORT else ""
    if short and (options or len(short.strip(_DECORATION + "()")) == 1) and (found := _choice(short, asked)):
        return found
    if short and (number := numbers.whole(short.strip(_DECORATION.replace("$", "")))):
        return Final("number", "", number)
    if (short and _word(short) in _YES | _NO) or _ASKS_YES.search(asked):
        first = re.split(r"[\s,.!:;，。！：；、—–]", text[:_HEAD].lstrip(_DECORATION), maxsplit=1)[0]
        if found := _yes_no(short) or _yes_no(first):
            return found
    if options:
        return None
    if _COUNTS.search(asked):
        for line in reversed(_without_latex(text[-_TAIL:]).splitlines()):
            if number := numbers.last(line):
                return Final("number", "", number)
    if short and "\n" not in short and len(short.split()) <= 4 and _LABELS.search(asked):
        return _as_label(short)
    return None


def _choice(said: str, asked: str) -> Final | None:
    said = re.sub(r"^(?:option|choice|选项?|选择)\s*", "", said.strip(_DECORATION), flags=re.IGNORECASE)
    found = _CHOICE.match(said.replace("*", ""))
    if found is None:
        return None
    letter = found[1]
    if letter.islower() and len(said.strip("().")) > 1 and not _OPTION.search(asked):
        return None
    return Final("choice", letter.upper())


def _number(said: str) -> Final | None:
    said = said.strip(_DECORATION.replace("$", "").replace("=", "") + "=")
    found = numbers.NUMBER.match(said)
    number = numbers.read(found) if found is not None else None
    if number is None and "=" in said:
        number = numbers.last(said.rpartition("=")[2])
    if number is None:
        number = numbers.last(said) if len(said) < _PROSE else None
    return Final("number", "", number) if number is not None else None


def _yes_no(said: str) -> Final | None:
    word = _word(said)
    return Final("yes_no", "yes") if word in _YES else Final("yes_no", "no") if word in _NO else None


def _as_label(said: str) -> Final | None:
    label = _label(said)
    return Final("label", label) if label and len(label) <= _PROSE else None


def _word(said: str) -> str:
    return said.strip(_DECORATION).casefold()


def _label(said: str) -> str:
    label = " ".join(unicodedata.normalize("NFKC", said).strip(_DECORATION).casefold().split())
    return re.sub(r"^(?:the|a|an) (?=\S)", "", label)


def _without_latex(said: str) -> str:
    """LaTeX as plain text: fractions with a slash, words without their wrapping."""
    said = _WRAPPED.sub(r"\1", said)
    said = _FRACTION.sub(_slashed, said)
    said = re.sub(r"\\[,;!: ]|\\(?:left|right|displaystyle)\b|~", "", said)
    said = (
        said.replace("\\$", "$").replace("{,}", ",").replace("\\times", "×").replace("\\cdot", "×").replace("\\%", "%")
    )
    return re.sub(r"\\[()\[\]]", "", said).strip()


def _slashed(found: "re.Match[str]") -> str:
    mixed, over, under = found[1], found[2].replace(",", ""), found[3].replace(",", "")
    try:
        value = Fraction(over) / Fraction(under) + abs(int(mixed or 0))
    except (ValueError, ZeroDivisionError):
        return found[0]
    negative = (mixed or "").startswith("-")
    return f"{'-' if negative else ''}{value.numerator}/{value.denominator}"
