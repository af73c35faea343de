"""What a model reference means, which model is the default, which one writes titles."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.errors import ModelNotFound
from freehold.providers.base import ModelCard, Prices, ProviderConfig
from freehold.providers.cards import Offer
from freehold.providers.choice import Candidate, default_model, find, local_model

OPENAI = ProviderConfig("openai", "openai", "OpenAI")
ROUTER = ProviderConfig("router", "openrouter", "OpenRouter")
BOX = ProviderConfig("box", "ollama", "Ollama", self_hosted=True)
BUILT_IN = ProviderConfig("embedded", "embedded", "Built-in model", self_hosted=True)


def candidate(config: ProviderConfig, model_id: str, *, failing: bool = False, **card: object) -> Candidate:
    return Candidate(config, Offer(ModelCard(model_id, **card), enabled=True), failing)  # type: ignore[arg-type]


GPT = candidate(OPENAI, "gpt-4o", context_tokens=128_000, prices=Prices(2.5, 10))
GPT_ELSEWHERE = candidate(ROUTER, "openai/gpt-4o")
QWEN = candidate(BOX, "qwen3:8b", size_bytes=5_000_000_000)
LITTLE = candidate(BUILT_IN, "smollm2", demonstration=True, size_bytes=98_000_000)


def test_a_full_reference_may_hold_slashes_in_the_model_id() -> None:
    assert find("router/openai/gpt-4o", [GPT, GPT_ELSEWHERE]) is GPT_ELSEWHERE


def test_a_bare_id_is_enough_when_one_provider_has_it() -> None:
    assert find("qwen3:8b", [GPT, QWEN]) is QWEN
    assert find("openai/gpt-4o", [GPT_ELSEWHERE]) is GPT_ELSEWHERE


def test_a_bare_id_of_two_providers_names_both() -> None:
    other = candidate(ROUTER, "gpt-4o")
    with pytest.raises(ModelNotFound) as caught:
        find("gpt-4o", [GPT, other])
    assert caught.value.params["near"] == ["openai/gpt-4o", "router/gpt-4o"]


@pytest.mark.parametrize("typo", ["openai/gpt4o", "gpt-40", "OPENAI/GPT-4O", "opnai/gpt-4o"])
def test_a_typo_finds_what_was_meant(typo: str) -> None:
    with pytest.raises(ModelNotFound) as caught:
        find(typo, [QWEN, GPT])
    assert caught.value.params["near"][0] == "openai/gpt-4o"
    assert "openai/gpt-4o" in caught.value.next_step


def test_nothing_alike_has_no_near_match() -> None:
    with pytest.raises(ModelNotFound) as caught:
        find("zzzzzzzz", [QWEN, GPT])
    assert caught.value.params["near"] == []


@given(st.text(max_size=80))
def test_any_other_text_is_refused_politely(ref: str) -> None:
    if ref in {GPT.ref, QWEN.ref, "gpt-4o", "qwen3:8b"}:
        return
    with pytest.raises(ModelNotFound) as caught:
        find(ref, [GPT, QWEN])
    assert caught.value.params["model"] == ref


def test_the_default_is_in_house_then_outside_then_the_demonstration() -> None:
    unknown = candidate(ROUTER, "mystery")
    assert default_model([unknown, GPT, LITTLE, QWEN], None) == "box/qwen3:8b"
    assert default_model([LITTLE, unknown, GPT], None) == "openai/gpt-4o"
    assert default_model([LITTLE, unknown], None) == "router/mystery"
    assert default_model([LITTLE], None) == "embedded/smollm2"
    assert default_model([], None) is None


def test_the_persons_choice_wins_while_it_exists() -> None:
    assert default_model([QWEN, GPT], "openai/gpt-4o") == "openai/gpt-4o"
    assert default_model([QWEN], "openai/gpt-4o") == "box/qwen3:8b"


def test_a_provider_that_does_not_answer_is_not_the_default() -> None:
    assert default_model([replace(QWEN, failing=True), LITTLE], None) == "embedded/smollm2"
    assert default_model([replace(QWEN, failing=True)], None) == "box/qwen3:8b"


def test_only_chat_models_can_be_the_default() -> None:
    assert default_model([candidate(BOX, "nomic", kind="embedding"), LITTLE], None) == "embedded/smollm2"


def test_titles_never_leave_the_house() -> None:
    assert local_model([GPT, LITTLE], {}) == "embedded/smollm2"
    assert local_model([GPT], {}) is None


def test_titles_go_to_the_fast_real_model_that_does_not_think_aloud() -> None:
    small = candidate(BOX, "llama3.2:1b", size_bytes=1_300_000_000)
    thinker = candidate(BOX, "qwen3:0.6b", size_bytes=500_000_000, abilities=frozenset({"reasoning"}))
    assert local_model([LITTLE, QWEN, small, thinker], {}) == "box/llama3.2:1b"
    assert local_model([QWEN, small], {"box/qwen3:8b": 90.0, "box/llama3.2:1b": 12.0}) == "box/qwen3:8b"
    assert local_model([LITTLE, replace(QWEN, failing=True)], {}) == "embedded/smollm2"
