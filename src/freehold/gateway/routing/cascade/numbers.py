"""Numbers as people and models write them: 1,200, $1200.00, 1.2k, 50 %, 3/4, 一千二百, 三点五, 百分之五; pure."""

import re
from dataclasses import dataclass
from fractions import Fraction

_LONGEST = 40  # digits; what is longer is no quantity
_DIGITS = {
    **dict(zip("〇零一二三四五六七八九", (0, *range(10)), strict=True)),
    **dict(zip("壹贰叁肆伍陆柒捌玖", range(1, 10), strict=True)),
    "两": 2, "兩": 2, "○": 0,
}  # fmt: skip
_SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_LARGE = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_WORDS = {"k": 10**3, "thousand": 10**3, "m": 10**6, "million": 10**6, "bn": 10**9, "billion": 10**9}
_CHINESE = "".join((*_DIGITS, *_SMALL, *_LARGE))

ARABIC = r"\d(?:[\d,.' ]*\d)?"
NUMBER = re.compile(
    rf"""(?P<sign>[-−–]\s?|负)?[$€£¥]?\s?(?P<signed>-)?
    (?:(?P<num>{ARABIC})
       (?:\s?[×x*]\s?10\s?(?:\^|\*\*)\s?\{{?(?P<power>-?\d{{1,2}})\}}?|[eE](?P<exp>[+-]?\d{{1,2}}))?
       (?:\s?/\s?(?P<under>\d[\d,]*))?
       (?P<scale>\s?(?:thousand|million|billion|bn|[kKM](?![A-Za-z]))|[{"".join(_LARGE)}]+)?
       (?P<percent>\s?\\?%|\s?percent\b)?
     |(?P<cpercent>百分之)?(?P<chinese>[{_CHINESE}]+(?:点[{_CHINESE}]+)?))""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Number:
    """Its value, how many decimals were written (None: a fraction, which is exact), whether as a percentage."""

    value: Fraction
    decimals: int | None = 0
    percent: bool = False

    def same(self, other: "Number") -> bool:
        """Equal, also where one is rounded to two decimals or more, or one has the percent sign and the other not."""
        if self.percent != other.percent:
            share, plain = (self, other) if self.percent else (other, self)
            bare = Number(share.value, share.decimals)
            decimals = None if share.decimals is None else share.decimals + 2
            return bare.same(plain) or Number(share.value / 100, decimals).same(plain)
        if self.value == other.value:
            return True
        written = [one for one in (self.decimals, other.decimals) if one is not None]
        rounded = min(written, default=0)
        return rounded >= 2 and abs(self.value - other.value) * 10**rounded <= Fraction(1, 2)


def read(found: "re.Match[str]") -> Number | None:
    """What a match of NUMBER says; None: it is no quantity after all."""
    negative = bool(found["sign"]) or bool(found["signed"])
    if found["chinese"]:
        value = chinese(found["chinese"])
        if value is None:
            return None
        return Number(-value if negative else value, _decimals(found["chinese"], "点"), bool(found["cpercent"]))
    number = found["num"]
    if sum(map(str.isdigit, number)) > _LONGEST:
        return None
    plain = _plain(number)
    if plain is None:
        return None
    value, decimals = Fraction(plain), _decimals(plain, ".")
    exponent = int(found["power"] or found["exp"] or 0)
    value *= Fraction(10) ** exponent
    if found["under"]:
        under = int(found["under"].replace(",", "")[:_LONGEST])
        if not under:
            return None
        value, decimals = value / under, None
    if found["scale"]:
        scale = found["scale"].strip().lower()
        for sign in scale if scale[0] in _LARGE else ():
            value *= _LARGE[sign]
        value *= _WORDS.get(scale, 1)
    if decimals is not None and value.denominator == 1:
        decimals = 0
    return Number(-value if negative else value, decimals, bool(found["percent"]))


def whole(text: str) -> Number | None:
    """The number that a text is, with what units it may have behind it in the way."""
    found = NUMBER.match(text)
    return read(found) if found is not None and found.end() == len(text) else None


def last(text: str) -> Number | None:
    """The last number in a text. A single Chinese digit inside of words is none, as 一 is in 一般."""
    number = None
    for found in NUMBER.finditer(text):
        written = found["chinese"]
        if written and len(written) == 1 and not found["cpercent"]:
            before, behind = text[: found.start()][-1:], text[found.end() :][:1]
            if _is_han(before) and _is_han(behind):
                continue
        number = read(found) or number
    return number


def chinese(text: str) -> Fraction | None:
    """The value of Chinese numerals; None for what is none, such as 百 above 千 without anything between."""
    head, _, tail = text.partition("点")
    if not any(sign in _SMALL or sign in _LARGE for sign in head):
        if not all(sign in _DIGITS for sign in head):
            return None
        value = Fraction(int("".join(str(_DIGITS[sign]) for sign in head) or "0"))
    else:
        found = _units(head)
        if found is None:
            return None
        value = Fraction(found)
    if tail:
        if not all(sign in _DIGITS for sign in tail):
            return None
        value += Fraction(int("".join(str(_DIGITS[sign]) for sign in tail)), 10 ** len(tail))
    return value


def _units(text: str) -> int | None:
    total = section = digit = 0
    unit = 0  # the last one, for 一千二 which is 1,200
    for at, sign in enumerate(text):
        if sign in _DIGITS:
            if digit and _DIGITS[sign]:
                return None
            digit = _DIGITS[sign]
            unit = 0 if not digit else unit
        elif sign in _SMALL:
            if not digit and at and sign not in "十拾":
                return None
            section += (digit or 1) * _SMALL[sign]
            digit, unit = 0, _SMALL[sign]
        else:
            total = (total + section + digit) * _LARGE[sign] if section or digit or total else 0
            section, digit, unit = 0, 0, _LARGE[sign]
    if digit and unit > 10 and text[-2] not in "〇零○":
        digit *= unit // 10
    return total + section + digit


def _plain(number: str) -> str | None:
    """Digits with a point: 1,200.50 and 1.200,50 are the same, 3,5 is 3.5, and 1,200 is a thousand and two hundred."""
    number = number.replace(" ", "").replace("'", "")
    comma, point = number.rfind(","), number.rfind(".")
    if comma >= 0 and point >= 0:
        thousands, decimal = (",", ".") if point > comma else (".", ",")
        number = number.replace(thousands, "").replace(decimal, ".")
    elif comma >= 0:
        groups = number.split(",")
        grouped = all(len(group) == 3 for group in groups[1:]) and len(groups[0]) <= 3
        number = number.replace(",", "" if grouped else ".")
    return number if number.count(".") <= 1 else None


def _decimals(number: str, point: str) -> int:
    return len(number.partition(point)[2])


def _is_han(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"
