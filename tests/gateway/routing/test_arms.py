"""The arms of a trial: so many people in each, the same ones for ever, and others in another trial."""

import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.gateway.routing.arms import MOST, Arms, arm_of
from tests.gateway.routing.routes import MODELS, asked, policy, refs, rule

IDS = [f"0192d7a0-0000-7000-8000-{number:012x}" for number in range(10_000)]
HARD = "Please prove that the square root of every prime is irrational, step by step. " * 12
trial_ids = st.from_regex(r"[^\W_][\w.-]{0,63}", fullmatch=True)


def inside(trial_id: str, share: float) -> set[str]:
    return {one for one in IDS if arm_of(trial_id, one, share) == "trial"}


@pytest.mark.parametrize("share", [0.01, 0.05, 0.2, 0.5, 0.9])
@pytest.mark.parametrize("trial_id", ["floor-85", "a", "2026-09.canary"])
def test_the_share_is_kept_within_binomial_bounds(trial_id: str, share: float) -> None:
    spread = 4 * math.sqrt(len(IDS) * share * (1 - share))
    assert abs(len(inside(trial_id, share)) - len(IDS) * share) < spread


def test_two_trials_are_independent() -> None:
    one, other = inside("floor-85", 0.5), inside("floor-80", 0.5)
    assert abs(len(one & other) - len(IDS) / 4) < 4 * math.sqrt(len(IDS) * 0.25 * 0.75)


@given(trial_ids, st.text(max_size=60), st.floats(0, 1, exclude_min=True), st.floats(0, 1, exclude_min=True))
def test_an_arm_is_stable_and_a_larger_share_keeps_whoever_is_in(
    trial_id: str, user_id: str, share: float, other: float
) -> None:
    arms = Arms(trial_id, share)
    assert arms[user_id] == arms[user_id] == arm_of(trial_id, user_id, share)
    assert arm_of(trial_id, user_id, 1) == "trial"
    if other >= share and arms[user_id] == "trial":
        assert arm_of(trial_id, user_id, other) == "trial"


def test_it_is_the_same_in_another_process() -> None:
    code = "from freehold.gateway.routing.arms import arm_of as f;print(*[f('t', str(i), .5) for i in range(64)])"
    environment = {"PYTHONHASHSEED": "7", "PYTHONPATH": ":".join(sys.path)}
    told = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.split() == [arm_of("t", str(number), 0.5) for number in range(64)]


def test_no_more_people_are_remembered_than_that() -> None:
    arms = Arms("t", 0.5)
    for number in range(MOST + 5):
        arms[str(number)]
    assert len(arms) == 5


def test_the_trial_decides_for_its_arm_alone_and_a_rule_still_wins() -> None:
    made = policy(
        MODELS,
        trial={"id": "t", "share": 0.5, "set": {"quality_floor": 0.3}},
        rules=[rule("strict", then={"set": {"quality_floor": 1.0}}, keyword="strict")],
    )
    sample = asked(made, HARD)
    assert (refs(sample)[0], sample.decision.trial) == ("cloud/gpt", None), "nobody is named"
    facts = {arm: next(one for one in IDS if arm_of("t", one, 0.5) == arm) for arm in ("trial", "control")}
    for arm, user_id in facts.items():
        decision = asked(made, HARD, person=user_id).decision
        assert decision.order[0].ref == {"trial": "house/qwen", "control": "cloud/gpt"}[arm]
        assert decision.as_dict()["trial"] == {"id": "t", "arm": arm}
        strict = asked(made, HARD + " strict", person=user_id).decision
        assert (strict.order[0].ref, strict.rule, strict.trial) == ("cloud/gpt", "strict", ("t", arm))
        assert "trial" not in asked(made, HARD, person=user_id, model="local").decision.as_dict()
        kept = asked(made, HARD, person=user_id, locked=True).decision
        assert [item.ref for item in kept.order] == ["house/qwen"]
    made.halted_trial = "t"
    halted = asked(made, HARD, person=facts["trial"]).decision
    assert (halted.order[0].ref, halted.trial) == ("cloud/gpt", None)
    made.halted_trial = "another"
    assert asked(made, HARD, person=facts["trial"]).decision.trial == ("t", "trial")
