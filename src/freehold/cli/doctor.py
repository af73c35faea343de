"""freehold doctor: looks at everything a server needs and says what is missing, without changing anything."""

from typing import Annotated

import anyio
import typer

from freehold.cli.context import Config, DataDir, load_everything
from freehold.errors import FreeholdError


def command(
    data_dir: DataDir = None,
    config: Config = None,
    providers: Annotated[bool, typer.Option("--providers", help="Also ask every provider for its models.")] = False,
) -> None:
    """Check this installation; the exit status is 1 when something keeps the server from working."""
    from freehold.cli.checks import Finding, examine

    try:
        loaded = load_everything({"data_dir": data_dir, "config": config})
    except FreeholdError as error:
        findings = [Finding("fail", "settings", error.message, error.next_step)]
    else:
        warned = [Finding("warn", "settings", warning) for warning in loaded.warnings]
        findings = [*warned, *anyio.run(examine, loaded.settings, providers)]
    for finding in findings:
        typer.echo(str(finding))
    if any(finding.verdict == "fail" for finding in findings):
        raise typer.Exit(1)
