"""The page of commands says what the commands say."""

from pathlib import Path

from freehold.cli.reference import cli_page


def test_the_command_page_is_current() -> None:
    written = (Path(__file__).parents[2] / "docs/reference/cli.md").read_text(encoding="utf-8")
    assert written == cli_page(), "run: .venv/bin/python -m freehold.cli.reference"
