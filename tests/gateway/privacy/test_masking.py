"""What goes out holds nothing of what was hidden, and what comes back has all of it again, however it is torn."""

import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from freehold.gateway.privacy.detectors import find
from freehold.gateway.privacy.masking import Mask, Restored

ADDRESSES = st.sampled_from(["anna@example.com", "bo@example.cn", "13812345678", "DE89370400440532013000"])
WORDS = st.sampled_from(["hello", "你好", "[EMAIL_1]", "[", "]", "\\[", "[A", "[PHONE_", " ", "\n"])
TEXTS = st.lists(st.one_of(ADDRESSES, WORDS), max_size=12).map(" ".join)


def test_the_same_thing_has_the_same_name() -> None:
    mask = Mask(find)
    assert mask.hide("a@b.example and c@d.example") == "[EMAIL_1] and [EMAIL_2]"
    assert mask.hide("c@d.example again") == "[EMAIL_2] again"
    assert mask.counts == {"email": 2}
    assert mask.restore("[EMAIL_2], [EMAIL\\_1] and [EMAIL_3]") == "c@d.example, a@b.example and [EMAIL_3]"


def test_what_a_person_wrote_like_one_stays() -> None:
    texts = ["see [EMAIL_1]", "a@b.example"]
    mask = Mask(find, texts)
    assert [mask.hide(text) for text in texts] == ["see [EMAIL_1]", "[EMAIL_2]"]
    assert mask.restore("[EMAIL_1] [EMAIL_2]") == "[EMAIL_1] a@b.example"


def test_into_json() -> None:
    mask = Mask(find)
    key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"
    hidden = mask.hide(key)
    answer = json.dumps({"key": hidden})
    assert json.loads(mask.restore(answer, lambda text: json.dumps(text)[1:-1])) == {"key": key}


@given(st.lists(TEXTS, max_size=4), st.lists(st.integers(0, 200), max_size=12))
def test_there_and_back(texts: list[str], cuts: list[int]) -> None:
    mask = Mask(find, texts)
    hidden = [mask.hide(text) for text in texts]
    assert not any(find(text) for text in hidden)
    assert [mask.restore(text) for text in hidden] == texts
    whole = "".join(hidden)
    stream = Restored(mask)
    places = sorted({0, len(whole), *(cut for cut in cuts if cut < len(whole))})
    got = [stream.feed(whole[begin:end]) for begin, end in pairwise(places)]
    assert "".join([*got, stream.finish()]) == mask.restore(whole)


def test_little_is_held_back() -> None:
    stream = Restored(Mask(find))
    assert stream.feed("a [link](https://example.com) and x[0]") == "a [link](https://example.com) and x[0]"
    assert stream.feed("[EM") == ""
    assert stream.feed("PTY]") == "[EMPTY]"
    assert stream.feed("[" + "A" * 60) == "[" + "A" * 60
