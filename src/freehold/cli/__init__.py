"""The command line: `freehold serve` and its siblings. Heavy modules are imported by the command that needs them."""

import gc
import sys


def main() -> None:
    """Entry point of the `freehold` command."""
    if sys.argv[1:] == ["--version"]:
        from freehold import __version__

        print(f"freehold {__version__}")
        return
    if sys.argv[1:2] == ["serve"]:
        # importing makes only objects that stay; looking for garbage among them costs a tenth of the start
        gc.disable()
    from freehold.cli.root import run

    sys.exit(run())
