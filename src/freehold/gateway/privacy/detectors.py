"""Finds personal data and secrets in text by their form and their check digits; pure, in linear time.

Each detector knows one kind. Where a number says of itself that it is right (bank card, IBAN, Chinese identity number)
that is checked, so that order numbers and dates are left alone. What is only a row of digits to a program (passports,
national telephone numbers) counts where a word beside it says what it is.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import get_args

from freehold.settings.privacy import Kind

KINDS: tuple[Kind, ...] = get_args(Kind)

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Finding:
    """A piece of text, from `begin` to before `end`, and what it is."""

    kind: str
    begin: int
    end: int


WIDE = {
    **{wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)},
    **dict.fromkeys((0x2010, 0x2011, 0x2013), ord("-")),
    **dict.fromkeys((0x00A0, 0x202F, 0x3000), ord(" ")),
}
"""Full-width forms, other hyphens and blanks, one character for one, so that places stay the same."""

# no \b: between a Latin letter and a Chinese character there is none
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9_%+-](?:[A-Za-z0-9._%+-]{0,62}[A-Za-z0-9_%+-])?"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9-])"
)
# in other letters (RFC 6531); where the name begins in a row of Chinese nobody can tell, so rather too much is taken
_NAME = re.compile(r"[\w.%+-]{1,64}\Z")
_ACCENTED = re.compile(r"(?:(?![\u0e00-\u0e7f\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff])[\w.%+-])+\Z")
"""What stands before an address in ASCII and belongs to it, where words have blanks between them."""
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}(?:[A-Za-z]{2,24}(?![A-Za-z0-9-])|[^\W\d_A-Za-z]{2,24})")
_LONGEST_NAME = 64
_INTERNATIONAL = re.compile(r"(?<![\w+])(?:\+|00)[1-9](?:[ ().-]{0,2}\d){7,13}(?![\d])")
_CHINESE_MOBILE = re.compile(r"(?<![\d.])1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![\d.]\d|\d)")
_CHINESE_FIXED = re.compile(r"(?<![\d-])0\d{2,3}-[2-9]\d{6,7}(?![\d-])")
_CALLED = re.compile(
    r"(?:(?<![A-Za-z])(?:tele?(?:phone|fon)?|phone|mobile|cell|handy|fax|whatsapp)(?![A-Za-z])|电话|手机|座机|传真|號碼|電話|手機)"
    r"[^\d\n+]{0,16}(\(?\d(?:[ ()./-]{0,3}\d){5,14})(?![\d])",
    re.IGNORECASE,
)
_CARD = re.compile(r"(?<![\d.,])[2-69](?:[ -]?\d){12,18}(?![\d]|[.,]\d)")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])")
_CHINESE_ID = re.compile(r"(?<![\dA-Za-z])[1-8]\d{5}(?:18|19|20)\d{9}[\dXx](?![\dA-Za-z])")
_PASSPORT = re.compile(
    r"(?:(?<![A-Za-z])(?:passport|passeport|reisepass|pasaporte|passaporto)(?![A-Za-z])|护照|護照)"
    r"[^\n]{0,24}?(?<![A-Za-z0-9])((?=(?:[A-Z]*\d){4})[A-Z0-9]{8,9})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_SECRETS = re.compile(
    r"-----BEGIN [A-Z ]{0,24}PRIVATE KEY-----(?:[A-Za-z0-9+/=\s]{0,16000}-----END [A-Z ]{0,24}PRIVATE KEY-----)?"
    r"|(?<![A-Za-z0-9])(?:"
    r"sk-(?:ant-|proj-|or-)?[A-Za-z0-9_-]{20,200}|fh_[A-Za-z0-9]{8}_[A-Za-z0-9_-]{20,64}"
    r"|gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{30,255}|glpat-[A-Za-z0-9_-]{20,64}"
    r"|(?:AKIA|ASIA)[0-9A-Z]{16}|LTAI[0-9A-Za-z]{12,24}|AKID[0-9A-Za-z]{32}|AIza[0-9A-Za-z_-]{35}"
    r"|xox[abeoprs]-[0-9A-Za-z-]{10,200}|(?:sk|rk|pk)_live_[0-9A-Za-z]{16,200}|hf_[A-Za-z0-9]{30,64}|gsk_[A-Za-z0-9]{40,64}"
    r"|eyJ[A-Za-z0-9_-]{8,4000}\.eyJ[A-Za-z0-9_-]{8,8000}\.[A-Za-z0-9_-]{8,1000}"
    r")(?![A-Za-z0-9])"
)

# ISO 13616, the registry's lengths
_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20,
    "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30,
    "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24,
    "SC": 31, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29,
    "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip
_ISSUERS = re.compile(r"4|5[1-5]|2(?:2[2-9]|[3-6]\d|7[01])|3[47]|35|6(?:2|0|[45])|81|9558|220")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_PROVINCES = frozenset((
    *range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82, 83,
))  # fmt: skip


def find(text: str, kinds: Iterable[Kind] = KINDS) -> list[Finding]:
    """What the text holds of these kinds, in order; where two overlap, the longer one."""
    plain = text if text.isascii() else text.translate(WIDE)
    found = [Finding(kind, begin, end) for kind in kinds for begin, end in _DETECTORS[kind](plain)]
    return without_overlaps(found)


def holds(text: str, kinds: Iterable[Kind]) -> bool:
    """Whether anything of these kinds is in the text."""
    plain = text if text.isascii() else text.translate(WIDE)
    return any(next(iter(_DETECTORS[kind](plain)), None) is not None for kind in kinds)


def without_overlaps(found: Iterable[Finding]) -> list[Finding]:
    """In order of their places; of two that overlap, the longer one."""
    kept: list[Finding] = []
    for one in sorted(found, key=lambda item: (item.begin, -item.end)):
        if not kept or kept[-1].end <= one.begin:
            kept.append(one)
        elif one.end - one.begin > kept[-1].end - kept[-1].begin:
            kept[-1] = one
    return kept


def _emails(text: str) -> Iterator[Span]:
    if "@" not in text:
        return
    plain = {text.index("@", *match.span()): match.span() for match in _EMAIL.finditer(text)}
    behind, at = 0, text.find("@")
    while at >= 0:
        span = plain.get(at)
        if span is not None:
            more = _ACCENTED.search(text, max(behind, at - _LONGEST_NAME), span[0])
            span = more.start() if more else span[0], span[1]
        else:
            name, domain = _NAME.search(text, max(behind, at - _LONGEST_NAME), at), _DOMAIN.match(text, at + 1)
            if name is not None and domain is not None:
                span = name.start(), domain.end()
        if span is not None:
            yield span
            behind = span[1]
        at = text.find("@", at + 1)


def _phones(text: str) -> Iterator[Span]:
    for pattern in (_INTERNATIONAL, _CHINESE_MOBILE, _CHINESE_FIXED):
        for match in pattern.finditer(text):
            yield match.span()
    for match in _CALLED.finditer(text):
        yield match.span(1)


def _cards(text: str) -> Iterator[Span]:
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if _ISSUERS.match(digits) and len(set(digits)) > 1 and luhn(digits):
            yield match.span()


def _ibans(text: str) -> Iterator[Span]:
    for match in _IBAN.finditer(text):
        plain = match[0].replace(" ", "")
        wanted = _IBAN_LENGTHS.get(plain[:2], 0)
        if wanted and len(plain) >= wanted and mod_97(plain[:wanted]):
            yield match.start(), match.start() + _length_with_blanks(match[0], wanted)


def _length_with_blanks(text: str, characters: int) -> int:
    at = 0
    while characters:
        characters -= text[at] != " "
        at += 1
    return at


def _chinese_ids(text: str) -> Iterator[Span]:
    for match in _CHINESE_ID.finditer(text):
        if chinese_id(match[0]):
            yield match.span()


def _passports(text: str) -> Iterator[Span]:
    for match in _PASSPORT.finditer(text):
        yield match.span(1)


def _secrets(text: str) -> Iterator[Span]:
    for match in _SECRETS.finditer(text):
        yield match.span()


_DETECTORS: dict[Kind, Callable[[str], Iterator[Span]]] = {
    "email": _emails,
    "phone": _phones,
    "bank_card": _cards,
    "iban": _ibans,
    "chinese_id": _chinese_ids,
    "passport": _passports,
    "secret": _secrets,
}


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1)."""
    total = sum(int(digit) for digit in digits[-1::-2])
    return (total + sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])) % 10 == 0


def mod_97(iban: str) -> bool:
    """Whether the check digits of an IBAN without blanks are right (ISO 13616)."""
    return int("".join(str(int(character, 36)) for character in iban[4:] + iban[:4])) % 97 == 1


def chinese_id(number: str) -> bool:
    """Whether province, date of birth and check character of an identity number are right (GB 11643-1999)."""
    if int(number[:2]) not in _PROVINCES:
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    check = sum(int(digit) * weight for digit, weight in zip(number[:17], _ID_WEIGHTS, strict=True)) % 11
    return number[17].upper() == _ID_CHECKS[check]
