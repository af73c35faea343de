"""What a name stands for, who may use it, and what all that stands behind it can do."""

from typing import Any

import pytest

from freehold.errors import ModelCannot, ModelNotAllowed, ModelNotFound, NoModelAvailable
from freehold.gateway.routing.deployment import Need
from freehold.providers.base import ModelCard, Prices
from tests.gateway.routing.shelf import Shelf, router

SEEING = ModelCard("eyes", context_tokens=128_000, abilities=frozenset({"vision", "tools"}), prices=Prices(2.5, 10.0))
BLIND = ModelCard("ears", context_tokens=32_000, abilities=frozenset({"tools", "reasoning"}))
ALIASES: dict[str, Any] = {
    "smart": {
        "targets": [{"provider": "cloud", "model": "eyes"}, {"provider": "house", "model": "ears"}],
        "description": "The best there is.",
    },
    "home": {"provider": "house", "model": "ears"},
    "careful": {"provider": "house", "model": "ears", "fallback": ["cloud/eyes"]},
    "gone": {"provider": "house", "model": "sold"},
}


def shelf() -> Shelf:
    return Shelf(ALIASES, ("cloud", SEEING), ("house", BLIND), house={"self_hosted": True})


def test_a_card_says_what_all_targets_can() -> None:
    alias = router(shelf()).alias("smart")
    assert alias is not None
    card = alias.card()
    assert (card.id, card.context_tokens, card.abilities) == ("smart", 32_000, {"tools"})
    assert card.prices == SEEING.prices, "the dearest, so that an estimate is never too low"
    assert card.description == "The best there is."


def test_in_house_is_what_cannot_leave_it_by_any_fallback() -> None:
    found = {alias.name: alias.self_hosted for alias in router(shelf()).aliases()}
    assert found == {"smart": False, "home": True, "careful": False}


def test_a_blind_target_is_passed_over_and_named() -> None:
    plan = router(shelf()).plan("smart", need=Need(images=True))
    assert [deployment.ref for deployment in plan.deployments] == ["cloud/eyes"]
    assert [str(skipped) for skipped in plan.skipped] == ["house/ears: cannot see images"]
    with pytest.raises(ModelCannot):
        router(shelf()).plan("home", need=Need(images=True))
    with pytest.raises(ModelCannot):
        router(shelf()).plan("house/ears", need=Need(images=True))


def test_an_alias_that_may_be_used_may_use_all_it_asks() -> None:
    plan = router(shelf()).plan("smart", lambda ref: ref == "smart")
    assert {deployment.ref for deployment in plan.deployments} == {"cloud/eyes", "house/ears"}


def test_else_only_the_targets_that_may_be_used_by_name() -> None:
    plan = router(shelf()).plan("smart", lambda ref: ref.startswith("house/"))
    assert [deployment.ref for deployment in plan.deployments] == ["house/ears"]
    assert [skipped.why for skipped in plan.skipped] == ["not_allowed"]
    with pytest.raises(ModelNotAllowed):
        router(shelf()).plan("smart", lambda ref: ref.startswith("other/"))


def test_a_model_that_may_not_be_used_is_refused_whether_it_exists_or_not() -> None:
    for ref in ("cloud/eyes", "cloud/nothing", "eyes"):
        with pytest.raises(ModelNotAllowed):
            router(shelf()).plan(ref, lambda ref: ref.startswith("house/"))


def test_near_matches_name_aliases_and_nothing_that_may_not_be_used() -> None:
    with pytest.raises(ModelNotFound) as caught:
        router(shelf()).plan("smrt")
    assert caught.value.params["near"] == ["smart"]
    with pytest.raises(ModelNotFound) as caught:
        router(shelf()).plan("cloud/eyez", lambda ref: ref == "cloud/eyez")
    assert caught.value.params["near"] == []


def test_an_alias_with_nothing_behind_it_says_what_is_missing() -> None:
    with pytest.raises(NoModelAvailable) as caught:
        router(shelf()).plan("gone")
    assert "house/sold" in caught.value.message


def test_an_alias_wins_over_a_model_of_the_same_name() -> None:
    one = Shelf({"eyes": {"provider": "house", "model": "ears"}}, ("cloud", SEEING), ("house", BLIND))
    assert router(one).plan("eyes").first().deployment.ref == "house/ears"
    assert router(shelf()).plan("eyes").first().deployment.ref == "cloud/eyes"
