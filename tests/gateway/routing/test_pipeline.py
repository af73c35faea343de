"""What `auto` comes to, stage by stage, and what rules leave of what was asked for by name."""

from typing import Any

import pytest

from freehold.errors import ModelNotFound
from freehold.gateway.routing.content import Content
from freehold.gateway.routing.pipeline.decision import Need
from freehold.gateway.routing.pipeline.stages import new_topic
from freehold.gateway.routing.policy import Policy, Thread
from freehold.gateway.routing.rules.facts import Caller, Facts
from freehold.gateway.routing.samples import run_tests
from freehold.settings.routing import RouteTest
from tests.gateway.routing.routes import MODELS, asked, out, policy, refs, rule

EASY = "What is the capital of France?"
HARD = "证明：对任意素数 p，√p 是无理数。" + "并给出每一步的严格论证，讨论推广到 n 次方根的情形。" * 12


def test_tiers_come_of_where_a_model_is_and_what_it_costs() -> None:
    units = {unit.name: unit.tier for unit in policy().snapshot.units}
    assert units == {"house/qwen": "local", "cloud/mini": "standard", "cloud/gpt": "premium"}


def test_easy_work_stays_in_the_house_and_hard_work_does_not() -> None:
    easy, hard = asked(policy(), EASY), asked(policy(), HARD)
    assert (refs(easy)[0], easy.decision.choice) == ("house/qwen", "likely_enough")
    assert (hard.decision.order[0].config.id, hard.decision.choice) == ("cloud", "likely_too_hard")
    assert easy.decision.need is not None
    assert hard.decision.need is not None
    assert easy.decision.need.p > hard.decision.need.p
    assert not easy.decision.need.learned


def test_what_is_asked_of_the_house_follows_the_floor_and_the_objective() -> None:
    def first(text: str, **auto: Any) -> str:
        return refs(asked(policy(MODELS, auto=auto), text))[0]

    middling = "Explain how a hash table resolves collisions. " * 40
    assert first(middling, quality_floor=1.0, objective="quality") == "cloud/gpt"
    assert first(middling, quality_floor=0.8) == "house/qwen"
    assert first(HARD, objective="cost", quality_floor=0.3) == "house/qwen"


def test_a_learned_belief_takes_the_place_of_the_prior() -> None:
    made = policy(MODELS)
    made.judge = lambda _facts, unit, _floor, _objective: (
        Need(0.1, 0.05, 0.2, 0.7, learned=True) if unit.tier == "local" else None
    )
    sample = asked(made, EASY)
    assert refs(sample) == ["cloud/gpt", "house/qwen"]
    assert sample.decision.need is not None
    assert sample.decision.need.learned


def test_with_aliases_those_are_what_there_is_to_choose_from() -> None:
    assert refs(asked(policy(MODELS), EASY)) == ["house/qwen", "cloud/gpt"]
    only = policy(MODELS, auto={"models": ["local", "cloud/m*"]})
    assert refs(asked(only, EASY)) == ["house/qwen", "cloud/mini"]


def test_a_rule_reaches_a_model_that_is_not_among_them() -> None:
    made = policy(MODELS, rules=[rule(then={"pin": "cloud/mini"}, keyword="tax")])
    assert refs(asked(made, "my tax")) == ["cloud/mini"]
    assert "cloud/mini" not in refs(asked(made, "hello"))


def test_pin_prefer_deny_require_and_set() -> None:
    def sample(then: Any, text: str = EASY, **given: Any) -> Any:
        return asked(policy(MODELS, rules=[rule(then=then)]), text, **given)

    pinned = sample({"pin": "premium"})
    assert (refs(pinned), pinned.decision.choice) == (["cloud/gpt"], "rule_pins")
    assert out(pinned) == {"house/qwen": "rule_pins_another"}
    assert refs(sample({"prefer": "premium"})) == ["cloud/gpt", "house/qwen"]
    assert out(sample({"deny": ["premium"]})) == {"cloud/gpt": "rule_denies"}
    assert out(sample({"require": {"self_hosted": True}}, HARD)) == {"cloud/gpt": "rule_requires"}
    assert refs(sample({"require": {"context_gte": 64_000}})) == ["cloud/gpt"]
    assert refs(sample({"require": {"tier": "premium"}})) == ["cloud/gpt"]
    assert refs(sample({"require": {"abilities": "json_schema"}})) == ["cloud/gpt"]
    assert refs(sample({"require": {"provider": "house"}})) == ["house/qwen"]
    assert refs(sample({"set": {"quality_floor": 0}}, HARD))[0] == "house/qwen"


def test_a_pin_that_cannot_be_had_is_a_wish_and_a_guard_is_none() -> None:
    pinned = asked(policy(MODELS, rules=[rule(then={"pin": "cloud/gone"})]), EASY)
    assert refs(pinned) == ["house/qwen", "cloud/gpt"]
    guarded = asked(policy(MODELS, rules=[rule("strict", then={"require": {"provider": "moon"}})]), EASY)
    assert refs(guarded) == []
    assert guarded.error is not None
    assert guarded.error.params["rule"] == "strict"


def test_what_forbids_holds_for_what_is_asked_for_by_name_too() -> None:
    made = policy(MODELS, rules=[rule("interns", then={"deny": "premium"}, role="intern")])
    assert refs(asked(made, model="premium")) == ["cloud/gpt"]
    assert refs(asked(made, model="premium", role="intern")) == []
    assert refs(asked(made, model="cloud/gpt", role="intern")) == []
    mixed = {"smart": {"targets": [{"provider": "cloud", "model": "gpt"}, {"provider": "house", "model": "qwen"}]}}
    guard = [rule("stays", then={"require": {"self_hosted": True}}, data_class="confidential")]
    sample = asked(policy(mixed, rules=guard), model="smart", data_class=["confidential"])
    assert (refs(sample), out(sample)) == (["house/qwen"], {"cloud/gpt": "rule_requires"})


def test_a_pin_does_not_overrule_a_choice_by_name() -> None:
    made = policy(MODELS, rules=[rule(then={"pin": "premium"})])
    assert refs(asked(made, model="local")) == ["house/qwen"]
    with pytest.raises(ModelNotFound):
        asked(made, model="nothing")


def test_a_model_that_cannot_do_it_is_left_out() -> None:
    sample = asked(policy(MODELS), EASY, attachments=["image"])
    assert (refs(sample), out(sample)) == (["cloud/gpt"], {"house/qwen": "cannot_see_images"})
    long = asked(policy(MODELS), EASY, context_tokens=40_000)
    assert out(long) == {"house/qwen": "context_too_small"}
    longest = asked(policy(MODELS), EASY, context_tokens=400_000)
    assert refs(longest) == ["cloud/gpt"], "the count is an estimate, so the largest is asked all the same"


def test_a_thread_kept_in_the_house_never_leaves_it() -> None:
    locked = asked(policy(MODELS, rules=[rule(then={"pin": "premium"})]), HARD, locked=True)
    assert (refs(locked), out(locked)) == (["house/qwen"], {"cloud/gpt": "leaves_the_house"})
    assert locked.decision.choice == "in_house_only", "a pin that cannot be had is a wish"
    assert refs(asked(policy(MODELS, rules=[rule(then={"deny": ["house/*"]})]), HARD, locked=True)) == []
    assert refs(asked(policy(MODELS), HARD, locked=True)) == ["house/qwen"]
    named = asked(policy(MODELS), locked=True, model="premium")
    assert (refs(named), out(named)) == ([], {"cloud/gpt": "leaves_the_house"})


def test_fallback_is_as_configured_or_by_tier() -> None:
    assert refs(asked(policy(), HARD))[1:] == ["cloud/gpt", "house/qwen"], "up before down"
    made = policy(MODELS, auto={"fallback": ["local"]})
    assert refs(asked(made, EASY)) == ["house/qwen"]
    assert refs(asked(made, HARD)) == ["cloud/gpt", "house/qwen"]


def facts(asked_now: str, said: str = "", previous: str | None = None) -> Facts:
    from freehold.access.subject import Subject

    content = Content(asked_now, f"{said}\n\n{asked_now}" if said else asked_now)
    return Facts(Caller(Subject("u", "member", None)), lambda: content, tokens=20, previous=previous)


def test_a_thread_goes_up_freely_and_down_on_a_new_topic_alone() -> None:
    made = policy(MODELS)
    talk = "Explain the proof of quadratic reciprocity by Gauss sums."
    stays = made.decide(facts("And why does the Gauss sum square to that?", talk, "cloud/gpt"), lambda _: True)
    assert (stays.order[0].ref, stays.choice) == ("cloud/gpt", "keeps_model")
    new = made.decide(facts("Which vegetables grow well in winter?", talk, "cloud/gpt"), lambda _: True)
    assert new.order[0].ref == "house/qwen"
    up = made.decide(facts(HARD, talk, "house/qwen"), lambda _: True)
    assert up.order[0].ref == "cloud/gpt"


def test_a_topic_is_new_when_it_shares_no_word() -> None:
    assert not new_topic(Content("why?", "Tell me about tides.\n\nwhy?"))
    assert new_topic(Content("推荐几家火锅店", "解释量子纠缠的原理\n\n推荐几家火锅店"))
    assert not new_topic(Content("量子纠缠有什么用", "解释量子纠缠的原理\n\n量子纠缠有什么用"))


def test_a_key_gets_what_it_may_use() -> None:
    made = policy(MODELS)
    of_house = made.decide(facts(HARD), lambda ref: ref.startswith("house/"))
    assert [item.ref for item in of_house.order] == ["house/qwen"]
    assert [(item.ref, item.why) for item in of_house.removed] == [("cloud/gpt", "not_allowed")]
    whole = made.decide(facts(HARD), lambda ref: ref == "auto")
    assert {item.ref for item in whole.order} == {"house/qwen", "cloud/gpt"}


def test_auto_is_offered_where_there_is_a_choice() -> None:
    assert policy().offers_auto
    assert policy(MODELS).offers_auto
    one = {"local": MODELS["local"]}
    assert not policy(one).offers_auto
    assert policy(one, auto={}).offers_auto
    assert not policy(MODELS, auto={"enabled": False}).offers_auto
    assert not policy({**MODELS, "auto": MODELS["local"]}).is_auto("auto")


def test_a_thread_that_is_locked_is_no_plain_call() -> None:
    assert Thread(locked=True) != Thread()


def test_what_was_measured_sways_a_sample_and_no_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that passes or fails with how long models lately took would hold up every change of the rules."""
    monkeypatch.setattr(Policy, "_latency_s", lambda _policy, item: 30.0 if item.ref == "house/qwen" else 0.0)
    made = policy(MODELS, auto={"objective": "latency"})
    assert refs(asked(made))[0] == "cloud/gpt"
    expected = RouteTest.model_validate({"given": {"text": "hello"}, "expect": {"model": "local"}})
    assert [outcome.wrong for outcome in run_tests(made, [expected])] == [[]]
