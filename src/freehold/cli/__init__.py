"""The command line: `freehold serve` and its siblings. Heavy modules are imported by the command that needs them."""

import sys


def main() -> None:
    """Entry point of the `freehold` command."""
    if sys.argv[1:] == ["--version"]:
        from freehold import __version__

        print(f"freehold {__version__}")
        return
    from freehold.cli.root import run

    sys.exit(run())
