"""Model cards stored, corrected and merged with what a provider lists; who declares a provider."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.errors import Conflict, InvalidRequest
from freehold.providers import cards
from freehold.providers.base import ModelCard, Prices, ProviderConfig
from freehold.providers.cards import Offer
from freehold.providers.origins import Configured, merge, refuse_locked, unique_slug
from freehold.providers.schemas import ModelPatch
from freehold.settings.areas import DeclaredProvider

FULL = ModelCard(
    "gpt-4o",
    name="GPT-4o",
    context_tokens=128_000,
    max_output_tokens=16_384,
    abilities=frozenset({"vision", "tools"}),
    prices=Prices(2.5, 10.0, 1.25),
    knowledge_cutoff=date(2023, 10, 1),
    description="Sees and hears",
)


@pytest.mark.parametrize("card", [FULL, ModelCard("bare"), ModelCard("little", demonstration=True, installed=False)])
def test_a_card_survives_storage(card: ModelCard) -> None:
    assert cards.from_json(cards.to_json(card)) == card


def test_a_stored_card_of_another_version_is_read_as_far_as_known() -> None:
    stored = {"id": "m", "abilities": ["vision", "smell"], "prices": {"input": 1, "by_moon": 3}, "aura": "blue"}
    assert cards.from_json(stored) == ModelCard("m", abilities=frozenset({"vision"}), prices=Prices(input=1))


def test_corrections_lie_over_the_card() -> None:
    overrides = cards.parse_overrides({"name": "Mine", "abilities": ["json_schema"]})
    card = cards.apply_overrides(FULL, overrides)
    assert (card.name, card.prices, card.abilities) == ("Mine", FULL.prices, frozenset({"json_schema"}))
    assert card.context_tokens == 128_000


def test_entered_prices_are_whole_and_apart_from_other_corrections() -> None:
    def patched(before: dict[str, Any], **patch: Any) -> dict[str, Any]:
        return cards.corrected(before, ModelPatch.model_validate(patch))

    entered = patched({"name": "Mine"}, prices={"input": 1, "output": 2})
    assert cards.apply_overrides(FULL, entered) == replace(FULL, name="Mine", prices=Prices(1.0, 2.0))
    assert patched(entered, enabled=False) == entered
    renamed = patched(entered, overrides={"name": "Yours"})
    assert renamed == entered | {"name": "Yours"}
    assert patched(renamed, prices=None) == {"name": "Yours"}


def test_the_declarations_prices_stand_before_those_that_were_entered() -> None:
    declared = DeclaredProvider.model_validate(
        {"id": "d", "kind": "openai", "extra_models": [{"id": "a-*", "prices": {"input": 7}}, {"id": "b", "name": "B"}]}
    )
    card = ModelCard("a-1", prices=Prices(2.5, 10.0))
    stored = {
        "a-1": Offer(card, enabled=True, overrides={"prices": {"input": 1, "output": 2}, "name": "A"}),
        "b": Offer(ModelCard("b"), enabled=True, overrides={"prices": {"input": 1, "output": 2}}),
        "c": Offer(card, enabled=True),
        "d": Offer(ModelCard("d"), enabled=True),
    }
    offers = cards.declared_offers(declared, stored, ModelCard)
    assert {key: (offer.price_source, offer.effective().prices) for key, offer in offers.items()} == {
        "a-1": ("file", Prices(7.0, 10.0)),
        "b": ("entered", Prices(1, 2)),
        "c": ("catalogue", Prices(2.5, 10.0)),
        "d": ("unknown", Prices()),
    }
    assert offers["a-1"].effective().name == "A"


@pytest.mark.parametrize(
    "wrong", [{"nose": 1}, {"context_tokens": 0}, {"abilities": ["smell"]}, {"prices": {"input": 1}}]
)
def test_a_wrong_correction_names_its_field(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        cards.parse_overrides(wrong)
    assert str(caught.value.params["field"]).startswith(f"overrides.{next(iter(wrong))}")


def test_few_chat_models_are_all_on_and_nothing_else() -> None:
    listed = [ModelCard("a"), ModelCard("b"), ModelCard("embed", kind="embedding")]
    assert cards.first_enabled(listed, frozenset()) == {"a", "b"}


def test_of_many_the_well_known_ones_are_on() -> None:
    listed = [ModelCard(f"m{number}") for number in range(40)]
    assert cards.first_enabled(listed, frozenset({"m3", "m39", "elsewhere"})) == {"m3", "m39"}


def test_a_crowd_of_well_known_ones_is_cut_at_the_snapshots() -> None:
    names = [f"m{number}" for number in range(25)]
    dated = [f"{name}-2024-08-06" for name in names]
    listed = [ModelCard(name) for name in [*dated, *names]]
    chosen = cards.first_enabled(listed, frozenset([*names, *dated]))
    assert set(names) < chosen
    assert len(chosen) == cards.SENSIBLE_LIMIT


def test_a_new_listing_keeps_choices_corrections_and_what_was_added_by_hand() -> None:
    stored = {
        "off": Offer(ModelCard("off"), enabled=False, overrides={"name": "Off"}),
        "gone": Offer(ModelCard("gone"), enabled=True),
        "mine": Offer(ModelCard("mine"), enabled=True, source="manual"),
    }
    found = {"off": ModelCard("off", context_tokens=8), "new": ModelCard("new")}
    kept, gone = cards.merge_listing(stored, found, {"off", "new"}, fresh=False)
    assert kept["off"] == Offer(ModelCard("off", context_tokens=8), enabled=False, overrides={"name": "Off"})
    assert kept["new"].enabled is True
    assert gone == ["gone"]


def declared(**fields: object) -> DeclaredProvider:
    return DeclaredProvider.model_validate({"id": "p", "kind": "openai_compatible", **fields})


LISTED = {name: Offer(ModelCard(name), enabled=name != "c") for name in ("a", "b", "c")}


def test_declared_models_are_all_there_are() -> None:
    only = declared(models=["a", "x", {"id": "c", "name": "Sea", "deployment": "c-east", "context_tokens": 9}])
    offers = cards.declared_offers(only, LISTED, ModelCard)
    assert set(offers) == {"a", "x", "c"}
    assert all(offer.enabled for offer in offers.values())
    assert (offers["c"].card.name, offers["c"].card.context_tokens, offers["c"].upstream_id) == ("Sea", 9, "c-east")


def test_extra_models_come_on_top_and_hidden_ones_go() -> None:
    offers = cards.declared_offers(declared(extra_models=["x"], hidden_models=["b"]), LISTED, ModelCard)
    assert set(offers) == {"a", "c", "x"}
    assert offers["c"].enabled is False


def test_a_pattern_keeps_what_it_matches() -> None:
    listed = {name: Offer(ModelCard(name), enabled=False) for name in ("fake-1", "fake-2", "real")}
    offers = cards.declared_offers(declared(models=["fake-*"]), listed, ModelCard)
    assert {name: offer.enabled for name, offer in offers.items()} == {"fake-1": True, "fake-2": True}


def configured(origin: str, provider_id: str = "p", position: int = 0) -> Configured:
    config = ProviderConfig(provider_id, "openai", "Mine", origin=origin)  # type: ignore[arg-type]
    return Configured(config, f"from {origin}", position)


def test_the_file_wins_over_the_environment_and_that_over_the_database() -> None:
    everyone = [configured(origin) for origin in ("builtin", "database", "environment", "file")]
    assert merge(everyone)["p"].config.origin == "file"
    assert merge(everyone[:3])["p"].config.origin == "environment"
    assert merge(everyone[:2])["p"].config.origin == "database"


def test_built_in_ones_are_shown_last() -> None:
    assert list(merge([configured("builtin", "e"), configured("database", "d", 5), configured("file", "f", 1)])) == [
        "f",
        "d",
        "e",
    ]


@pytest.mark.parametrize(
    ("origin", "step"),
    [
        ("file", "Change it in freehold.yaml; it is read again at once."),
        ("environment", "Change it in the environment and start again."),
    ],
)
def test_a_locked_provider_says_where_it_is_declared(origin: Any, step: str) -> None:
    config = ProviderConfig("p", "openai", "Mine", origin=origin)
    with pytest.raises(Conflict) as caught:
        refuse_locked(Configured(config, "freehold.yaml:12"), {"name"})
    assert "freehold.yaml:12" in caught.value.message
    assert caught.value.next_step == step
    assert caught.value.params["fields"] == ["name"]
    refuse_locked(configured("database"), {"name"})


@given(st.text(max_size=100))
def test_every_name_makes_a_usable_id(name: str) -> None:
    first = unique_slug(name, set())
    second = unique_slug(name, {first})
    assert first != second
    for slug in (first, second):
        DeclaredProvider(id=slug, kind="openai")


def test_chinese_names_get_the_kind_as_id() -> None:
    assert unique_slug("我的服务", {"qwen"}, fallback="qwen") == "qwen-2"
