"""A sealed value opens only where it was sealed, with the key that sealed it, unchanged."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.kit.crypto import SealBroken, SecretBox, new_key, parse_keys

KEY, OTHER = b"k" * 32, b"o" * 32
PLACE = "providers|sealed_key|openai"


@given(st.text(), st.text())
def test_what_was_sealed_opens_again(secret: str, context: str) -> None:
    box = SecretBox({1: KEY})
    sealed = box.seal(secret, context)
    assert box.open(sealed, context) == secret
    assert box.seal(secret, context) != sealed, "the nonce must differ each time"
    assert len(secret) < 4 or secret.encode() not in sealed


def test_a_value_moved_to_another_row_does_not_open() -> None:
    box = SecretBox({1: KEY})
    with pytest.raises(SealBroken):
        box.open(box.seal("sk-1", PLACE), "providers|sealed_key|other")


@given(st.data())
def test_no_changed_bit_goes_unnoticed(data: st.DataObject) -> None:
    box = SecretBox({1: KEY, 2: OTHER})
    sealed = bytearray(box.seal("sk-1", PLACE))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(SealBroken):
        box.open(bytes(sealed), PLACE)


@given(st.binary(max_size=40))
def test_garbage_is_refused_and_nothing_else_happens(garbage: bytes) -> None:
    with pytest.raises(SealBroken):
        SecretBox({1: KEY}).open(garbage, PLACE)


def test_rotation_keeps_the_previous_key_and_seals_with_the_new_one() -> None:
    old = SecretBox({1: KEY}).seal("sk-1", PLACE)
    rotated = SecretBox({1: KEY, 2: OTHER})
    assert rotated.open(old, PLACE) == "sk-1"
    assert not rotated.is_current(old)
    fresh = rotated.seal("sk-1", PLACE)
    assert fresh[0] == 2
    assert rotated.is_current(fresh)
    with pytest.raises(SealBroken):
        SecretBox({2: OTHER}).open(old, PLACE)


def test_the_check_value_proves_a_key_and_differs_between_keys() -> None:
    assert SecretBox({1: KEY}).check_value() == SecretBox({1: KEY}).check_value()
    assert SecretBox({1: KEY}).check_value() != SecretBox({1: OTHER}).check_value()
    assert SecretBox({1: KEY}).check_value(7) is None


def test_keys_are_read_in_every_form_people_have_them() -> None:
    plain = base64.b64encode(KEY).decode()
    assert parse_keys(plain) == parse_keys(KEY.hex()) == parse_keys(plain.rstrip("=")) == {1: KEY}
    assert parse_keys(f"2:{base64.urlsafe_b64encode(OTHER).decode()},1:{plain}") == {1: KEY, 2: OTHER}
    assert parse_keys(f"1:{new_key()}\n").keys() == {1}


@pytest.mark.parametrize("text", ["", "short", "x" * 64, "0:" + "a" * 43, "300:" + "a" * 43, "é" * 40, "a:" + "b" * 43])
def test_a_wrong_key_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(?!.*(short|xxxx|aaaa|bbbb)).*$"):
        parse_keys(text)


def test_a_box_does_not_show_its_keys() -> None:
    assert "kkk" not in repr(SecretBox({1: KEY}))
