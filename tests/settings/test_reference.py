"""The generated pages say what the code does, and the examples are valid."""

import re
from pathlib import Path

import pytest

from freehold.providers import alias_targets, options
from freehold.providers.origins import from_declared
from freehold.providers.registry import vendor
from freehold.settings import Settings, load
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


ENVIRON = {
    "OPENAI_API_KEY": "sk-1",
    "OPENAI_SECOND_KEY": "sk-5",
    "AZURE_API_KEY": "sk-6",
    "DEEPSEEK_API_KEY": "sk-2",
    "ANTHROPIC_API_KEY": "sk-3",
    "DATABASE_URL": "postgresql://u:p@db/freehold",
    "CI_KEY": "a-secret-of-theirs",
}


def judge(file: Path) -> Settings:
    """Load the file as a server would, as far as that needs no network."""
    settings = load({"config": file}, environ=ENVIRON).settings
    declared = settings.declared
    configured = {}
    for position, provider in enumerate(declared.providers):
        options.check(provider.options)
        configured[provider.id] = from_declared(provider, vendor(provider.kind), position)
    if configured:
        alias_targets.check(declared.models, configured)
    return settings


@pytest.mark.parametrize("example", sorted((ROOT / "examples").glob("*.yaml")), ids=lambda path: path.name)
def test_an_example_is_valid(example: Path) -> None:
    assert judge(example).declared.providers


def examples_in(page: Path) -> list[str]:
    return re.findall(r"^```yaml\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", sorted((ROOT / "docs/operator").glob("*.md")), ids=lambda path: path.name)
def test_the_examples_of_an_operators_page_are_valid(page: Path, tmp_path: Path) -> None:
    for number, text in enumerate(examples_in(page)):
        file = tmp_path / f"{page.stem}-{number}.yaml"
        file.write_text(text, encoding="utf-8")
        judge(file)


def test_the_page_of_aliases_has_examples() -> None:
    assert len(examples_in(ROOT / "docs/operator/models.md")) >= 3
