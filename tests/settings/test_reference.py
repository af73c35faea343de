"""The generated pages say what the code does, and the examples are valid."""

from pathlib import Path

import pytest

from freehold.providers.registry import vendor
from freehold.settings import load
from freehold.settings.environment import variables
from freehold.settings.reference import settings_page

ROOT = Path(__file__).parents[2]


def test_the_settings_page_is_current() -> None:
    written = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    assert written == settings_page(), "run: .venv/bin/python -m freehold.settings.reference"


def test_every_variable_is_on_the_page_and_every_setting_has_a_meaning() -> None:
    page = settings_page()
    assert [name for name in variables() if f"`{name}`" not in page] == []
    assert [line for line in page.splitlines() if line.startswith("| `") and line.endswith("|  |")] == []


@pytest.mark.parametrize("example", sorted((ROOT / "examples").glob("*.yaml")), ids=lambda path: path.name)
def test_an_example_is_valid(example: Path) -> None:
    environ = {
        "OPENAI_API_KEY": "sk-1",
        "DEEPSEEK_API_KEY": "sk-2",
        "ANTHROPIC_API_KEY": "sk-3",
        "DATABASE_URL": "postgresql://u:p@db/freehold",
    }
    settings = load({"config": example}, environ=environ).settings
    assert settings.declared.providers
    for provider in settings.declared.providers:
        vendor(provider.kind)
