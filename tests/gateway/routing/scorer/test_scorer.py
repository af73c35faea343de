"""The learned scorer finds what makes a site's prompts hard, in any language, and says when it has found nothing."""

import random
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freehold.gateway.routing.scorer.evaluation import Outcome, judge
from freehold.gateway.routing.scorer.features import DENSE, SIZE, features_of
from freehold.gateway.routing.scorer.training import Label, held_out, train

THINGS = ("apples", "letters", "houses", "trains", "lamps", "rivers", "songs", "cards")
DINGE = ("苹果", "信件", "房子", "火车", "灯泡", "河流", "歌曲", "卡片")


def english(hard: bool, chance: random.Random) -> str:
    thing, number = chance.choice(THINGS), chance.randint(2, 99)
    if hard:
        return f"Prove that for {number} {thing} there is no arrangement in which two neighbours share a colour."
    return f"Please write a short and friendly sentence about {number} {thing}."


def chinese(hard: bool, chance: random.Random) -> str:
    thing, number = chance.choice(DINGE), chance.randint(2, 99)
    if hard:
        return f"请证明：对于{number}个{thing}，不存在任何相邻颜色相同的排列方式，并给出反例。"
    return f"请写一句关于{number}个{thing}的友好的话。"


def labels(make: Callable[[bool, random.Random], str], count: int, *, noise: float = 0.2) -> list[Label]:
    """Half of them hard; the local model answers well what is easy, but for some, as in life."""
    chance = random.Random(7)
    found = []
    for at in range(count):
        hard = at % 2 == 1
        local = float(hard == (chance.random() < noise))
        found.append(Label(features_of(make(hard, chance)), local, 1.0))
    return found


def outcomes(scores: list[float], judged: list[Label]) -> list[Outcome]:
    return [Outcome(score, label.local, label.premium) for score, label in zip(scores, judged, strict=True)]


@pytest.mark.parametrize("make", [english, chinese])
def test_what_is_hard_is_found_and_trusted(make: Callable[[bool, random.Random], str]) -> None:
    taught = labels(make, 300)
    verdict = judge(outcomes(held_out(taught), taught))
    assert verdict is not None
    assert verdict.trusted
    assert 0.6 < verdict.apgr <= 0.68, "0.65 is the best that there is, with one in five otherwise than it looks"
    scorer, chance = train(taught), random.Random(8)
    easy = [scorer.score(make(False, chance)) for _ in range(20)]
    hard = [scorer.score(make(True, chance)) for _ in range(20)]
    above = sum(one > other for one in easy for other in hard)
    assert above >= 0.95 * 400
    assert len(set(easy + hard)) > 20, "not one score for all"


def test_labels_that_have_nothing_to_do_with_the_prompts_are_not_trusted() -> None:
    chance = random.Random(3)
    taught = [Label(label.features, float(chance.random() < 0.5), 1.0) for label in labels(english, 300)]
    verdict = judge(outcomes(held_out(taught), taught))
    assert verdict is not None
    assert not verdict.trusted
    assert 0.4 < verdict.apgr < 0.6


def test_a_scorer_from_elsewhere_is_not_trusted() -> None:
    scorer, here = train(labels(english, 300)), labels(chinese, 300)
    chance = random.Random(5)
    here = [Label(label.features, float(chance.random() < 0.5), 1.0) for label in here]
    verdict = judge(outcomes([scorer.of(label.features) for label in here], here))
    assert verdict is not None
    assert not verdict.trusted


def test_the_same_labels_give_the_same_scorer() -> None:
    taught = labels(english, 40)
    prompt = "How many songs are there?"
    assert train(taught).score(prompt) == train(taught).score(prompt)


def test_a_prompt_is_scored_within_two_milliseconds() -> None:
    scorer = train(labels(english, 40))
    prompt = " ".join(f"word{at} 词{at}" for at in range(20_000))
    taken = []
    for _ in range(5):
        began = time.process_time()
        scorer.score(prompt)
        taken.append(time.process_time() - began)
    # the machine may be busy with other tests; the bench has the figure itself
    assert min(taken) < 0.02


@given(st.text(alphabet=st.characters(), max_size=300))
@settings(max_examples=50)
def test_any_text_has_features(prompt: str) -> None:
    found = features_of(prompt)
    indices = [*found.characters, *found.words]
    assert indices == sorted(set(indices))
    assert all(0 <= index < SIZE - DENSE for index in indices)
    assert len(found.dense) == DENSE


def test_width_and_case_make_no_difference() -> None:
    wide, plain = features_of("ＡＢＣ １２３ ｄｏ ｉｔ"), features_of("abc 123 do it")
    assert (wide.characters, wide.words) == (plain.characters, plain.words)


# --- evaluation -----------------------------------------------------------------------------------------------------


def test_the_figures_of_a_small_example() -> None:
    # the local model fails on two of four, and the score knows them
    known = [Outcome(-1.0, 0, 1), Outcome(-0.9, 0, 1), Outcome(0.0, 1, 1), Outcome(0.1, 1, 1)]
    verdict = judge(known)
    assert verdict is not None
    assert verdict.apgr == pytest.approx((0.25 + 0.75 + 1 + 1) / 4)
    assert (verdict.cpt50, verdict.cpt80) == (0.25, 0.5)
    assert (verdict.saved95, verdict.saved99) == (0.5, 0.5)


def test_the_cost_of_what_is_sent_counts() -> None:
    verdict = judge([Outcome(-1.0, 0, 1, cost=3), Outcome(0.0, 1, 1, cost=1)])
    assert verdict is not None
    assert verdict.saved99 == 0.25


@pytest.mark.parametrize("nothing", [[], [Outcome(0.3, 1, 1)], [Outcome(0.3, 1, 0), Outcome(0.1, 0.5, 1)]])
def test_there_is_no_verdict_where_the_premium_model_is_no_better(nothing: list[Outcome]) -> None:
    assert judge(nothing) is None


@given(st.lists(st.tuples(st.floats(-1, 1), st.booleans()), min_size=2, max_size=40, unique_by=lambda one: one[0]))
@settings(max_examples=50)
def test_the_opposite_order_is_as_far_from_chance(seen: list[tuple[float, bool]]) -> None:
    one = judge([Outcome(score, float(local), 1) for score, local in seen], resamples=10)
    other = judge([Outcome(-score, float(local), 1) for score, local in seen], resamples=10)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert one.apgr + other.apgr == pytest.approx(1)


def test_what_the_prior_knows_already_is_no_reason_to_trust() -> None:
    chance = random.Random(2)
    seen = [(at / 200, float(chance.random() > at / 200)) for at in range(200)]
    same = [Outcome(-size, local, 1, prior=-size) for size, local in seen]
    verdict = judge(same)
    assert verdict is not None
    assert verdict.low > 0.5
    assert (verdict.prior, verdict.lead_low) == (verdict.apgr, 0)
    assert not verdict.trusted
    better = judge([Outcome(local - size / 1000, local, 1, prior=-size) for size, local in seen])
    assert better is not None
    assert better.trusted
