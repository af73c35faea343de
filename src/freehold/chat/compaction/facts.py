"""Names, numbers and dates in a text, found by their form: what a summary forgets is listed all the same; pure."""

import re
from collections.abc import Iterable, Sequence

from freehold.chat.search.words import fold
from freehold.gateway.meter import estimate_tokens

LONGEST = 160  # characters of one fact

_CODE = re.compile(r"```.*?(?:```|$)", re.DOTALL)
_CLAUSE = re.compile(r"[^.!?;\n。！？；]+(?:[.](?=\S)[^.!?;\n。！？；]*)*")
_NUMBER = re.compile(r"\d+(?:[.,:/\-]\d+)*")
_CHINESE_NUMBER = re.compile(
    r"[零一二三四五六七八九十百千万亿两]{2,}|[一二三四五六七八九十两]+(?=[年月日号点元块岁个])"
)
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?://\S+")
# a name begins with a capital and does not begin the sentence
_NAME = re.compile(r"(?<=[\w,'’\"“(:] )[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*|(?<=: )[A-Z][\w'’-]+")
_NO_NAME = {"I", "I'm", "I’m", "I'll", "I’ll", "I've", "I’ve", "I'd", "I’d", "OK", "The"}
_CHINESE_NAME = re.compile(
    r"《[^》]{1,40}》|「[^」]{1,40}」|(?:叫|名叫|姓名[是为：]|名字[是为叫：])[\u4e00-\u9fff·]{2,8}"
    r"|[\u4e00-\u9fff]{1,4}(?:先生|女士|老师|经理|医生|总监|公司|大学|医院|路|街)"
)


def marks(text: str) -> set[str]:
    """The numbers, dates, addresses and names in a text, each in its folded form."""
    found = [*_NUMBER.findall(text), *_CHINESE_NUMBER.findall(text), *_ADDRESS.findall(text)]
    found += [name for name in _NAME.findall(text) if name not in _NO_NAME] + _CHINESE_NAME.findall(text)
    return {fold(one).text for one in found if len(one) > 1 or one.isdigit()}


def stated(texts: Iterable[str]) -> list[str]:
    """The clauses that hold such a mark, in their order; code is left out."""
    found: dict[str, None] = {}
    for text in texts:
        for clause in _CLAUSE.findall(_CODE.sub(" ", text)):
            line = " ".join(clause.split()).strip(" -*#>|,，")
            if 3 <= len(line) <= LONGEST and marks(line):
                found[line] = None
    return list(found)


def true_to(fact: str, source: str) -> bool:
    """Whether every number of a fact stands in the folded `source`: a model that makes one up is not believed."""
    return all(fold(number).text in source for number in _NUMBER.findall(fact))


def joined(earlier: Sequence[str], told: Sequence[str], found: Iterable[str], room: int) -> list[str]:
    """The facts of all three in this order, as far as `room` tokens go: what is `found` only where nobody told it.

    Where there is no room for all, what was told last comes before what is older: the search still knows that.
    """
    chosen: set[str] = set()
    known: set[str] = set()
    left = float(room)
    for line in (*told, *reversed(earlier)):
        if line not in chosen and (size := estimate_tokens(line) + 2) <= left:
            chosen.add(line)
            known |= marks(line)
            left -= size
    more: list[str] = []
    for line in found:
        size = estimate_tokens(line) + 2
        if size <= left and not marks(line) <= known:
            more.append(line)
            known |= marks(line)
            left -= size
    return [*dict.fromkeys(line for line in (*earlier, *told) if line in chosen), *more]
