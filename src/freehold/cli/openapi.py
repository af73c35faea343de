"""freehold openapi: the description of the HTTP API."""

import typer


def command() -> None:
    """Print the OpenAPI description of this version as JSON."""
    import orjson

    from freehold.app import create_app
    from freehold.settings import Settings

    description = create_app(Settings()).openapi()
    typer.echo(orjson.dumps(description, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode())
