"""Writes docs/reference/cli.md from the commands: `python -m freehold.cli.reference [FOLDER]`."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from freehold.cli.root import app

HEAD = """# Command line

<!-- Written by `python -m freehold.cli.reference`; a test keeps it current. -->
"""


def cli_page() -> str:
    """The page of every command, from its own help."""
    group: Any = typer.main.get_command(app)
    context = group.make_context("freehold", [], resilient_parsing=True)
    return "\n".join([HEAD, *_commands(group, context, "freehold")])


def _commands(group: Any, context: Any, prefix: str) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if hasattr(command, "list_commands"):
            yield from _commands(command, context, f"{prefix} {name}")
            continue
        arguments = [item for item in command.params if item.param_type_name == "argument"]
        options = [item for item in command.params if item.param_type_name == "option"]
        usage = " ".join([f"{prefix} {name}", *(item.name.upper() for item in arguments)])
        yield f"## {prefix} {name}\n\n{' '.join((command.help or '').split())}\n\n```\n{usage} [options]\n```\n"
        rows = [f"| `{item.name.upper()}` | {item.help or ''} |" for item in arguments]
        rows += [f"| `{', '.join(item.opts)}` | {item.help or ''} |" for item in options if item.name != "help"]
        if rows:
            yield "\n".join(["| option | meaning |", "|---|---|", *rows]) + "\n"


def main(folder: Path) -> None:
    """Write the page into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cli.md").write_text(cli_page(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/reference"))
