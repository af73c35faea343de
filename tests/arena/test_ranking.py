"""Ratings: the order of votes does not matter, known strengths come back, intervals hold what they say, it is fast."""

import math
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freehold.arena import ranking
from freehold.arena.ranking import MEAN, NEEDED, SCALE, Tally, Vote, points_against, ranked, tallied

MODELS = ("ash", "birch", "cedar", "dogwood", "elm")
VOTES: tuple[Vote, ...] = ("a", "b", "both_good", "both_bad")

one_vote = st.tuples(st.sampled_from(MODELS), st.sampled_from(MODELS), st.sampled_from(VOTES))


def of(votes: list[tuple[str, str, Vote]]) -> tuple[Tally, ...]:
    return tallied((a, b, vote, 1) for a, b, vote in votes)


def simulated(strengths: dict[str, float], votes: int, chance: random.Random, ties: float = 0.3) -> tuple[Tally, ...]:
    """Votes of people who know the ratings; a part of those that would be close are ties, the same for both sides."""
    names, found = sorted(strengths), []
    for _ in range(votes):
        a, b = chance.sample(names, 2)
        p = 1 / (1 + 10 ** ((strengths[b] - strengths[a]) / 400))
        if chance.random() < ties * 4 * p * (1 - p):
            found.append((a, b, chance.choice(VOTES[2:])))
            continue
        # ties are half a point, so that the rest has to make up for what is expected to stay p
        q = (p - ties * 4 * p * (1 - p) / 2) / (1 - ties * 4 * p * (1 - p))
        found.append((a, b, "a" if chance.random() < q else "b"))
    return of(found)


@settings(max_examples=60, deadline=None)
@given(st.lists(one_vote, min_size=1, max_size=120), st.randoms(use_true_random=False))
def test_neither_the_order_of_votes_nor_the_sides_matter(
    votes: list[tuple[str, str, Vote]], chance: random.Random
) -> None:
    turned: dict[Vote, Vote] = {"a": "b", "b": "a"}
    shuffled = [(b, a, turned.get(vote, vote)) if chance.random() < 0.5 else (a, b, vote) for a, b, vote in votes]
    chance.shuffle(shuffled)
    assert ranked(of(shuffled), resamples=5) == ranked(of(votes), resamples=5)


@settings(max_examples=60, deadline=None)
@given(st.lists(one_vote, max_size=200))
def test_what_holds_of_any_votes(votes: list[tuple[str, str, Vote]]) -> None:
    tallies = of(votes)
    found = ranked(tallies, resamples=9)
    counted = [(a, b, vote) for a, b, vote in votes if a != b]
    assert sum(one.votes for one in found) == 2 * len(counted)
    assert sum(one.won for one in found) == sum(one.lost for one in found)
    for one in found:
        assert (one.rating is not None) == (one.votes >= NEEDED) == (one.rank is not None)
        if one.rating is not None:
            assert one.low is not None
            assert one.high is not None
            assert math.isfinite(one.low)
            assert one.low <= one.rating <= one.high < 3500
    rated = [one.rating for one in found if one.rating is not None]
    assert rated == sorted(rated, reverse=True)
    if found and len(rated) == len(found):
        assert sum(rated) / len(rated) == pytest.approx(MEAN)
    assert sum(points for points, _ in points_against(tallies).values()) == len(counted)


def test_of_nothing_there_is_no_ranking() -> None:
    assert ranked(()) == ()
    assert tallied([("ash", "ash", "a", 3)]) == ()


def test_two_models_are_as_far_apart_as_their_votes_say() -> None:
    """The maximum of the likelihood, in closed form but for the one tie of each against the mean."""
    better, worse = ranked((Tally("ash", "birch", 30000, 10000, 0, 0),))
    assert better.model == "ash"
    assert better.rating is not None
    assert worse.rating is not None
    assert better.rating - worse.rating == pytest.approx(400 * math.log10(3), abs=0.1)
    assert (better.rank, worse.rank) == (1, 2)
    assert (better.rating + worse.rating) / 2 == pytest.approx(1000)
    even = ranked((Tally("ash", "birch", 20, 20, 5, 5),))
    assert [one.rating for one in even] == pytest.approx([1000, 1000])
    assert [one.rank for one in even] == [1, 1]
    always = ranked((Tally("ash", "birch", 25, 0, 0, 0),))
    assert always[0].rating is not None
    assert 1000 < always[0].rating < 1500


def test_a_tie_is_half_a_win_for_each() -> None:
    ties = ranked((Tally("ash", "birch", 10, 0, 12, 8),), resamples=3)
    wins = ranked((Tally("ash", "birch", 20, 10, 0, 0),), resamples=3)
    assert [one.rating for one in ties] == pytest.approx([one.rating for one in wins])


def test_known_strengths_come_back() -> None:
    chance = random.Random(7)
    strengths = dict(zip(MODELS, (1240.0, 1105.0, 1000.0, 900.0, 755.0), strict=True))
    found = ranked(simulated(strengths, 12_000, chance))
    assert [one.model for one in found] == list(MODELS)
    for one in found:
        assert one.rating == pytest.approx(strengths[one.model], abs=20)
    assert [one.rank for one in found] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("votes", [150, 600])
def test_intervals_hold_the_truth_95_times_of_100(votes: int) -> None:
    chance = random.Random(11)
    strengths = dict(zip(MODELS, (1150.0, 1060.0, 1000.0, 930.0, 860.0), strict=True))
    inside = of_all = 0
    for seed in range(80):
        for one in ranked(simulated(strengths, votes, chance), seed=seed):
            assert one.low is not None
            assert one.high is not None
            inside += one.low <= strengths[one.model] <= one.high
            of_all += 1
    print(f"coverage at {votes} votes: {inside / of_all:.3f} of {of_all}")
    assert 0.92 <= inside / of_all <= 0.985


def test_more_votes_make_narrower_intervals() -> None:
    few = ranked((Tally("ash", "birch", 15, 10, 5, 0),))
    many = ranked((Tally("ash", "birch", 1500, 1000, 500, 0),))
    width = [found[0].high - found[0].low for found in (few, many)]  # type: ignore[operator]
    assert width[1] < width[0] / 8


def test_ten_thousand_votes_on_twenty_models_take_seconds_at_most() -> None:
    chance = random.Random(5)
    strengths = {f"model {at:02}": 800.0 + 20 * at for at in range(20)}
    tallies = simulated(strengths, 10_000, chance)
    began = time.process_time()
    found = ranked(tallies)
    taken = time.process_time() - began
    print(f"10,000 votes, 20 models, {ranking.RESAMPLES} resamples: {taken:.2f} s of a processor")
    assert len(found) == 20
    assert taken < 30  # a thread's work, on a slow machine, too
    assert abs(sum(one.rating or 0 for one in found) / 20 - 1000) < 1e-6
    assert pytest.approx(173.7178) == SCALE
