"""The catalogue as data: complete, well-formed, and telling of each model what its sources say and no more."""

import re
from dataclasses import replace
from datetime import date

import pytest

from freehold import errors
from freehold.providers import catalogue, registry
from freehold.providers.base import ModelCard, Prices

VENDORS = catalogue.vendors()

# Issue 2, item 3.
NAMED = """
openai azure deepseek qwen moonshot zhipu minimax baichuan stepfun siliconflow volcengine hunyuan qianfan zeroone xai
mistral groq together fireworks openrouter perplexity cohere nvidia github huggingface cerebras sambanova vllm sglang
tensorrt_llm llamacpp lmstudio localai xinference anthropic gemini ollama openai_compatible
"""


def test_every_vendor_that_was_promised_is_there() -> None:
    assert set(NAMED.split()) <= set(VENDORS)
    compatible = [vendor for vendor in VENDORS.values() if vendor.dialect == "openai_compatible"]
    assert len(compatible) >= 45


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=lambda vendor: vendor.id)
def test_a_vendor_is_complete(vendor: catalogue.Vendor) -> None:
    assert re.fullmatch(r"[a-z0-9][a-z0-9_]*", vendor.id)
    assert vendor.dialect in registry.manifests()
    assert vendor.docs_url is None or vendor.docs_url.startswith("https://")
    if vendor.self_hosted:
        assert not vendor.needs_key
        assert vendor.base_url is not None
        assert vendor.base_url.startswith("http://127.0.0.1:")
    elif vendor.needs_key and vendor.base_url and "127.0.0.1" not in vendor.base_url:
        assert vendor.base_url.startswith("https://"), "a key goes over TLS only"
        assert vendor.docs_url
    if vendor.base_url:
        assert not vendor.base_url.endswith("/")
    if not vendor.quirks.models_path:
        assert vendor.check_model, "a vendor without a list needs a model to check the key with"
    if vendor.quirks.public_list:
        assert vendor.check_model


def test_environment_prefixes_are_unique_and_lobechats() -> None:
    prefixes = [vendor.environment for vendor in VENDORS.values() if vendor.environment]
    assert len(prefixes) == len(set(prefixes))
    for prefix in (
        "OPENAI",
        "ANTHROPIC",
        "GOOGLE",
        "DEEPSEEK",
        "QWEN",
        "MOONSHOT",
        "ZHIPU",
        "OLLAMA",
        "SILICONCLOUD",
        "WENXIN",
    ):
        assert prefix in prefixes
    assert VENDORS["github"].environment_key == "GITHUB_TOKEN"


@pytest.mark.parametrize(
    ("key", "vendor"),
    [
        ("sk-ant-api03-abc", "anthropic"),
        ("sk-or-v1-abc", "openrouter"),
        ("sk-proj-abc", "openai"),
        ("gsk_abc", "groq"),
        ("AIzaSyAbc", "gemini"),
        ("xai-abc", "xai"),
        ("nvapi-abc", "nvidia"),
        ("hf_abc", "huggingface"),
        ("ghp_abc", "github"),
        ("github_pat_abc", "github"),
        ("pplx-abc", "perplexity"),
        ("  sk-ant-api03-abc\n", "anthropic"),
    ],
)
def test_a_pasted_key_is_recognised(key: str, vendor: str) -> None:
    found = catalogue.recognise_key(key)
    assert found is not None
    assert found.id == vendor


@pytest.mark.parametrize("key", ["sk-0123456789abcdef", "", "0123"])
def test_a_key_that_could_be_anyones_is_nobodys(key: str) -> None:
    assert catalogue.recognise_key(key) is None


def test_an_unknown_field_is_a_mistake_not_a_silence() -> None:
    with pytest.raises(ValueError, match="base_ulr"):
        catalogue.parse_vendor({"id": "x", "name": "X", "base_ulr": "https://x.example"})
    with pytest.raises(ValueError, match="strem_usage"):
        catalogue.parse_vendor({"id": "x", "name": "X", "quirks": {"strem_usage": False}})


def test_an_unknown_kind_says_what_to_use_instead() -> None:
    with pytest.raises(errors.ConfigurationError, match="'opnai'") as caught:
        registry.vendor("opnai")
    assert "openai_compatible" in caught.value.next_step


# --- cards ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "model", "abilities"),
    [
        ("openai", "gpt-4o", {"vision", "tools", "json_schema"}),
        ("openai", "gpt-5-mini", {"vision", "tools", "json_schema", "reasoning"}),
        ("openai", "o3-mini", {"tools", "json_schema", "reasoning"}),
        ("anthropic", "claude-sonnet-4-5-20250929", {"vision", "tools", "reasoning"}),
        ("gemini", "models/gemini-2.5-pro", {"vision", "audio", "tools", "json_schema", "reasoning"}),
        ("ollama", "qwen3:8b", {"tools", "reasoning"}),
        ("ollama", "llava:13b", {"vision"}),
        ("ollama", "gemma3:4b", {"vision"}),
        ("vllm", "Qwen/Qwen2.5-VL-7B-Instruct", {"vision"}),
        ("vllm", "Qwen/Qwen3-8B", {"tools", "reasoning"}),
        ("vllm", "Qwen/Qwen3-30B-A3B-Instruct-2507", {"tools"}),
        ("deepseek", "deepseek-reasoner", {"tools", "reasoning"}),
        ("openrouter", "meta-llama/llama-3.3-70b-instruct", {"tools"}),
        ("openai_compatible", "someone/a-new-thing", set()),
        ("openai_compatible", "someone/a-new-thing-vl-7b", {"vision"}),
    ],
)
def test_families_tell_abilities(kind: str, model: str, abilities: set[str]) -> None:
    assert catalogue.card_for(kind, model).abilities == abilities


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("text-embedding-3-small", "embedding"),
        ("BAAI/bge-m3", "embedding"),
        ("nomic-embed-text:latest", "embedding"),
        ("dall-e-3", "image"),
        ("black-forest-labs/FLUX.1-dev", "image"),
        ("whisper-1", "audio"),
        ("gpt-4o-mini-tts", "audio"),
        ("omni-moderation-latest", "other"),
        ("BAAI/bge-reranker-v2-m3", "embedding"),
        ("gpt-4o", "chat"),
        ("gemini-2.5-flash-image", "chat"),
        ("gpt-4o-mini-search-preview", "chat"),
    ],
)
def test_what_does_not_chat_is_known_by_name(model: str, kind: str) -> None:
    card = catalogue.card_for("openai_compatible", model)
    assert card.kind in (kind, "other" if "rerank" in model else kind)


def test_prices_and_context_come_from_the_list() -> None:
    card = catalogue.card_for("openai", "gpt-4o")
    assert card.prices == Prices(input=2.5, output=10.0, cached_input=1.25)
    assert card.context_tokens == 128_000
    assert card.knowledge_cutoff == date(2023, 10, 1)


def test_the_list_has_prices_of_caches_sound_and_images() -> None:
    assert catalogue.card_for("anthropic", "claude-3-5-haiku-latest").prices.cache_write == 1.0
    assert catalogue.card_for("gemini", "gemini-2.5-flash-image").prices.image_output == 30.0


def test_unknown_stays_unknown() -> None:
    card = catalogue.card_for("openai_compatible", "someone/a-new-thing")
    assert card == ModelCard("someone/a-new-thing")


def test_another_vendors_prices_are_not_borrowed() -> None:
    assert catalogue.card_for("openai_compatible", "gpt-4o").prices == Prices()
    assert catalogue.card_for("vllm", "openai/gpt-oss-20b").prices == Prices()


def test_who_knows_better_wins() -> None:
    fetched = ModelCard("gpt-4o", context_tokens=64_000, prices=Prices(input=9.0))
    declared = ModelCard("gpt-4o", name="Ours", abilities=frozenset({"tools"}))
    card = catalogue.card_for("openai", "gpt-4o", fetched=fetched, declared=declared)
    assert card.name == "Ours"
    assert card.abilities == {"tools"}
    assert card.context_tokens == 64_000
    assert card.prices == Prices(input=9.0, output=10.0, cached_input=1.25)
    assert card.max_output_tokens == 16_384


def test_a_fetched_card_keeps_what_only_it_knows() -> None:
    fetched = ModelCard("qwen3:8b", size_bytes=5_000, installed=False, demonstration=True)
    card = catalogue.card_for("ollama", "qwen3:8b", fetched=fetched)
    assert card == replace(fetched, abilities=frozenset({"tools", "reasoning"}))


def test_known_models_are_chat_models_of_that_vendor() -> None:
    ids = [card.id for card in catalogue.known_models("perplexity")]
    assert "sonar" in ids
    assert catalogue.known_models("vllm") == []
    assert catalogue.known_models("no such vendor") == []
