"""What is found in text, and what looks like it and is left alone."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.gateway.privacy.detectors import KINDS, Kind, chinese_id, find, holds, luhn, mod_97

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcDEF123_-x"

FOUND: list[tuple[Kind, str, str]] = [
    ("email", "Write to anna.mueller+shop@mail.example.co.uk, please.", "anna.mueller+shop@mail.example.co.uk"),
    ("email", "邮箱是wang@example.cn谢谢", "wang@example.cn"),
    ("email", "写信给 王伟@公司.cn，谢谢", "王伟@公司.cn"),
    ("email", "Schreib an jörg@bücher.example bitte", "jörg@bücher.example"),
    ("email", "An jürgen.müller@example.com, bitte", "jürgen.müller@example.com"),
    ("email", "邮箱łukasz@example.pl谢谢", "łukasz@example.pl"),
    ("email", "почта: иван@почта.рф.", "иван@почта.рф"),
    ("email", "全角：ｗａｎｇ＠ｅｘａｍｐｌｅ．ｃｎ。", "ｗａｎｇ＠ｅｘａｍｐｌｅ．ｃｎ"),
    ("phone", "Ring +49 30 901820 or not at all", "+49 30 901820"),
    ("phone", "call +1 (415) 555-2671.", "+1 (415) 555-2671"),
    ("phone", "我的手机号13812345678，随时联系", "13812345678"),
    ("phone", "手机：138-1234-5678", "138-1234-5678"),
    ("phone", "办公室 010-62345678 转 8", "010-62345678"),
    ("phone", "Tel.: 030 / 901 820", "030 / 901 820"),
    ("phone", "１３８１２３４５６７８", "１３８１２３４５６７８"),
    ("bank_card", "Visa 4111 1111 1111 1111 exp 09/27", "4111 1111 1111 1111"),
    ("bank_card", "卡号6222021234567890128。", "6222021234567890128"),
    ("bank_card", "amex 3782-822463-10005", "3782-822463-10005"),
    ("iban", "IBAN DE89 3704 0044 0532 0130 00 bitte", "DE89 3704 0044 0532 0130 00"),
    ("iban", "GB82WEST12345698765432", "GB82WEST12345698765432"),
    ("chinese_id", "身份证11010519491231002X。", "11010519491231002X"),
    ("chinese_id", "号码440524188001010014在此", "440524188001010014"),
    ("passport", "My passport no. is C01X00T47, issued 2020", "C01X00T47"),
    ("passport", "护照号码：E12345678", "E12345678"),
    ("secret", "key=sk-proj-abcdefghijklmnopqrstuvwx123456", "sk-proj-abcdefghijklmnopqrstuvwx123456"),
    ("secret", "AKIAIOSFODNN7EXAMPLE in the config", "AKIAIOSFODNN7EXAMPLE"),
    ("secret", f"x {TOKEN} y", TOKEN),
    (
        "secret",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow==\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow==\n-----END RSA PRIVATE KEY-----",
    ),
]

LEFT_ALONE: list[tuple[Kind, str]] = [
    ("email", "use @decorator and a@b, or x@localhost"),
    ("email", "import pytest\n@pytest.fixture\ndef one(): ..."),
    ("email", "价格@10.5元，@小明 你好，参见 @公司.cn"),
    ("phone", "Order 20261126123456789 of 2026-11-26 10:30:11 costs 1,234,567.89"),
    ("phone", "pi is 3.13812345678901 and 10000000000"),
    ("phone", "192.168.100.200:8080, version 1.2.3"),
    ("bank_card", "4111 1111 1111 1112 has a wrong check digit"),
    ("bank_card", "1234567890123456 and 0000000000000000"),
    ("bank_card", "timestamps 1764153600000000 are none"),
    ("iban", "DE88 3704 0044 0532 0130 00 has a wrong check"),
    ("iban", "ZZ89370400440532013000"),
    ("chinese_id", "110105194912310021"),
    ("chinese_id", "110105194913310029"),
    ("passport", "The passport office opens at 9; invoice E12345678 is on the next line of another letter altogether."),
    ("secret", "ask-me-anything and risk-assessment-of-the-whole-project"),
]


@pytest.mark.parametrize(("kind", "text", "wanted"), FOUND)
def test_is_found(kind: Kind, text: str, wanted: str) -> None:
    assert [text[one.begin : one.end] for one in find(text, [kind])] == [wanted]
    assert holds(text, [kind])


@pytest.mark.parametrize(("kind", "text"), LEFT_ALONE)
def test_is_left_alone(kind: Kind, text: str) -> None:
    assert find(text, [kind]) == []
    assert not holds(text, [kind])


def test_addresses_in_one_row_of_chinese_are_told_apart() -> None:
    text = "地址wang@example.cn和王伟@公司.cn或li@example.com。"
    assert [text[one.begin : one.end] for one in find(text)] == ["wang@example.cn", "和王伟@公司.cn", "li@example.com"]


def test_of_two_that_overlap_the_longer_one() -> None:
    text = "passport 护照 E12345678, id 11010519491231002X"
    assert [one.kind for one in find(text)] == ["passport", "chinese_id"]


@given(st.integers(min_value=10**11, max_value=10**17))
def test_any_card_with_a_right_check_digit(body: int) -> None:
    digits = f"4{body}"
    check = next(digit for digit in "0123456789" if luhn(digits + digit))
    if len(digits) + 1 <= 19:
        assert holds(f"卡号{digits}{check}，谢谢", ["bank_card"])


@given(st.dates(), st.integers(0, 999))
def test_any_identity_number_with_a_right_check_character(born: object, order: int) -> None:
    number = f"110105{str(born).replace('-', '')}{order:03d}"
    if not 1800 <= int(number[6:10]) < 2100:
        return
    right = [check for check in "0123456789X" if chinese_id(number + check)]
    assert len(right) == 1
    assert holds(f"号码{number}{right[0]}", ["chinese_id"])


def test_check_digits() -> None:
    assert luhn("79927398713")
    assert not luhn("79927398710")
    assert mod_97("GB82WEST12345698765432")


HOSTILE = {
    "1": 200_000,
    "1 ": 100_000,
    "a@": 100_000,
    "a.": 100_000,
    "DE12 ": 40_000,
    "+1": 100_000,
    "tel ": 50_000,
    "passport ": 20_000,
    "-----BEGIN PRIVATE KEY-----": 8_000,
    "eyJaaaaaaaaaa.": 15_000,
    "护照": 90_000,
}


@pytest.mark.parametrize("text", [piece * times for piece, times in HOSTILE.items()], ids=list(HOSTILE))
def test_hostile_text_takes_no_longer_than_any_other(text: str) -> None:
    began = time.process_time()
    find(text, KINDS)
    assert time.process_time() - began < 5
