"""A LobeChat operator's variables declare the same providers here."""

from dataclasses import dataclass

import pytest

from freehold.providers.catalogue import vendors
from freehold.settings import load
from freehold.settings.areas import DeclaredProvider
from freehold.settings.lobechat import parse_model_list


def declared(**environ: str) -> dict[str, DeclaredProvider]:
    loaded = load(environ=environ, vendors=vendors().values())
    return {provider.id: provider for provider in loaded.settings.declared.providers}


def test_a_key_declares_a_provider_and_says_where_it_is_from() -> None:
    openai = declared(OPENAI_API_KEY="sk-1", OPENAI_PROXY_URL="https://proxy.example/v1")["openai"]
    assert openai.api_key is not None
    assert openai.api_key.get_secret_value() == "sk-1"
    assert openai.base_url == "https://proxy.example/v1"
    assert (openai.origin, openai.origin_detail) == ("environment", "OPENAI_API_KEY")


@pytest.mark.parametrize("vendor", [vendor for vendor in vendors().values() if vendor.needs_key], ids=lambda v: v.id)
def test_every_vendor_with_a_key_can_be_declared(vendor) -> None:  # type: ignore[no-untyped-def]
    prefix = vendor.environment or vendor.id.upper().replace("-", "_").replace(".", "_")
    assert vendor.id in declared(**{f"{prefix}_API_KEY": "k-123456"})


def test_no_two_vendors_share_a_variable() -> None:
    prefixes = [vendor.environment or vendor.id.upper() for vendor in vendors().values()]
    assert sorted(prefixes) == sorted(set(prefixes))


@dataclass
class _Ollama:
    id: str = "ollama"
    environment: str | None = None
    needs_key: bool = False


@pytest.mark.parametrize(
    ("environ", "there"),
    [
        ({"OLLAMA_PROXY_URL": "http://ollama:11434"}, True),
        ({"ENABLED_OLLAMA": "1"}, True),
        ({"ENABLED_OLLAMA": "0", "OLLAMA_PROXY_URL": "http://ollama:11434"}, False),
        ({"OLLAMA_PROXY_URL": ""}, False),
        ({}, False),
    ],
)
def test_ollama_needs_an_address_or_to_be_turned_on(environ: dict[str, str], there: bool) -> None:
    loaded = load(environ=environ, vendors=[_Ollama()])
    assert bool(loaded.settings.declared.providers) is there


def test_a_key_turned_off_declares_nothing() -> None:
    assert declared(OPENAI_API_KEY="sk-1", ENABLED_OPENAI="0") == {}


def test_the_file_wins_over_a_variable_of_the_same_id(tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "freehold.yaml"
    file.write_text("providers: [{id: openai, kind: openai, api_key: sk-file}]")
    loaded = load({"config": file}, environ={"OPENAI_API_KEY": "sk-env"}, vendors=vendors().values())
    assert [provider.origin for provider in loaded.settings.declared.providers] == ["file"]


def test_several_keys_take_turns() -> None:
    loaded = load(environ={"OPENAI_API_KEY": "sk-1,sk-2"}, vendors=vendors().values())
    assert [key.get_secret_value() for key in loaded.settings.declared.providers[0].keys] == ["sk-1", "sk-2"]


def test_a_model_list_adds_hides_and_renames() -> None:
    text = "-all,+gpt-4o=GPT 4o<128000:vision:fc>,+dep->ep-123=Mine,plain, -old,+qwen3:8b"
    fields, problems = parse_model_list(text, "X_MODEL_LIST")
    assert problems == []
    assert fields["models"] == [
        {"id": "gpt-4o", "name": "GPT 4o", "context_tokens": 128000, "abilities": ["tools", "vision"]},
        {"id": "dep", "deployment": "ep-123", "name": "Mine"},
        {"id": "plain"},
        {"id": "qwen3:8b"},
    ]
    assert fields["hidden_models"] == ["old"]


def test_without_minus_all_the_added_models_come_on_top() -> None:
    openai = declared(OPENAI_API_KEY="sk-1", OPENAI_MODEL_LIST="+a,-b")["openai"]
    assert openai.models == ()
    assert [model.id for model in openai.extra_models] == ["a"]
    assert openai.hidden_models == ("b",)


def test_an_unreadable_entry_is_named() -> None:
    _fields, problems = parse_model_list("+a<1,=x", "X_MODEL_LIST")
    assert [str(problem).partition(";")[0] for problem in problems] == [
        "X_MODEL_LIST: cannot read '+a<1'",
        "X_MODEL_LIST: cannot read '=x'",
    ]
