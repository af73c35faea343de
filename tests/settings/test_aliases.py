"""The `models` section of freehold.yaml: both forms, and every mistake with its line."""

from pathlib import Path

import pytest

from freehold.errors import ConfigurationError
from freehold.settings import load
from freehold.settings.areas import ModelAlias

PROVIDERS = "providers:\n- {id: a, kind: openai_compatible, base_url: 'http://127.0.0.1:1/v1'}\n"


def aliases(tmp_path: Path, text: str) -> dict[str, ModelAlias]:
    file = tmp_path / "freehold.yaml"
    file.write_text(text)
    return load({"config": file}, environ={}).settings.declared.models


def refusals(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        aliases(tmp_path, text)
    return [line.removeprefix(f"{tmp_path}/") for line in caught.value.message.splitlines()]


def test_the_long_form_and_the_short_one(tmp_path: Path) -> None:
    found = aliases(
        tmp_path,
        """
models:
  smart:
    targets:
      - {provider: openai, model: gpt-4o, weight: 3, region: us}
      - {provider: azure, model: gpt-4o, priority: 1}
    strategy: least_busy
    fallback: [local]
    retries: 1
    first_token_timeout_s: 20
    hedge_after_s: 2.5
  local: {provider: ollama, model: "qwen3:8b", description: Stays in the house.}
""",
    )
    smart, local = found["smart"], found["local"]
    assert [(target.ref, target.weight, target.priority, target.region) for target in smart.targets] == [
        ("openai/gpt-4o", 3, 0, "us"),
        ("azure/gpt-4o", 1, 1, None),
    ]
    assert (smart.strategy, smart.fallback, smart.retries) == ("least_busy", ("local",), 1)
    assert (smart.first_token_timeout_s, smart.hedge_after_s) == (20, 2.5)
    assert [target.ref for target in local.targets] == ["ollama/qwen3:8b"]
    assert local.description == "Stays in the house."
    assert smart.targets[1].place == "freehold.yaml:6"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("models: [smart]", "freehold.yaml:1: models: must be a mapping"),
        ("models:\n  smart: {targets: []}", "freehold.yaml:2: models.smart.targets:"),
        ("models:\n  smart: {}", "freehold.yaml:2: models.smart.targets: field required"),
        ("models:\n  a/b: {provider: a, model: m}", "freehold.yaml:2: models.a/b."),
        ("models:\n  smart:\n    targets:\n    - {provider: a}", "freehold.yaml:4: models.smart.targets.0.model:"),
        (
            "models:\n  smart:\n    targets:\n    - {provider: a, model: m,\n       wieght: 2}",
            "freehold.yaml:5: models.smart.targets.0.wieght: there is no such setting; did you mean weight?",
        ),
        (
            "models:\n  smart: {provider: a, model: m}\n  fast:\n    provider: a\n    model: m\n    falback: [smart]",
            "freehold.yaml:6: models.fast.falback: there is no such setting; did you mean fallback?",
        ),
        (
            "models:\n  smart: {provider: a, model: m}\n  fast:\n    provider: a\n    model: m\n    fallback: [smrt]",
            "freehold.yaml:6: models.fast.fallback.0: there is no alias 'smrt'; did you mean smart?",
        ),
        (
            "models:\n  x: {provider: a, model: m, fallback: [y]}\n  y: {provider: a, model: m, fallback: [x]}",
            "freehold.yaml:2: models.x.fallback.0: leads in a circle: x -> y -> x",
        ),
        ("models:\n  x: {provider: a, model: m, fallback: [x]}", "freehold.yaml:2: models.x.fallback.0: leads in"),
        (
            "models:\n  x:\n    targets:\n    - {provider: a, model: m}\n    - {provider: a, model: m}",
            "freehold.yaml:5: models.x.targets.1: a/m is a target already",
        ),
        ("models:\n  x: {provider: a, model: m, strategy: cheapest}", "freehold.yaml:2: models.x.strategy: input"),
        ("models:\n  x: {provider: a, model: m, place: here}", "freehold.yaml:2: models.x.place: there is no"),
        ("models:\n  x: {provider: a, model: m}\n  x: {provider: a, model: n}", "freehold.yaml:3: x is given twice"),
        (
            PROVIDERS.replace("}", ", api_key: k, api_keys: [l]}"),
            "freehold.yaml:2: providers.0: give api_key or api_keys, not both",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    assert any(line.startswith(said) for line in refusals(tmp_path, text)), refusals(tmp_path, text)
