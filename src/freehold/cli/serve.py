"""freehold serve: runs the server until it is told to stop."""

import asyncio
import gc
import logging
import sys
from typing import Annotated, Any

import typer

from freehold.cli.context import Config, DataDir, load_everything
from freehold.observability import logs
from freehold.settings import Loaded

GARBAGE = (5000, 10, 10)
"""Objects between two collections: what a request leaves behind is freed by its counts, with almost no cycles."""


def command(
    host: Annotated[str | None, typer.Option(help="Address to listen on; 0.0.0.0 is every interface.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = None,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Run the server."""
    overrides = {"server.host": host, "server.port": port, "data_dir": data_dir, "config": config}
    loaded = load_everything(overrides)
    logs.configure(loaded.settings.log.level, loaded.settings.log.format)
    for warning in loaded.warnings:
        logging.getLogger("freehold.settings").warning(warning)
    _run(_serve(loaded, overrides))


def _run(work: Any) -> None:
    if sys.platform == "win32":
        asyncio.run(work)
        return
    import uvloop

    uvloop.run(work)


async def _serve(loaded: Loaded, overrides: dict[str, Any]) -> None:
    from freehold import deps
    from freehold.app import create_app
    from freehold.cli.listener import Expected, Server, addresses_of, listen, on_hangup
    from freehold.reloading import reloader_for

    settings = loaded.settings
    logging.getLogger("uvicorn.error").addFilter(Expected())
    listener = listen(settings.server.host, settings.server.port)
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        services = deps.services_of(app)
        services.reloader = reloader = reloader_for(loaded, lambda: load_everything(overrides), services)
        services.tasks.start_soon(reloader.watch)
        on_hangup(lambda: services.tasks.start_soon(reloader.reload))
        server = Server(app, settings, services.generations.stop)
        token = await services.identity.issue_setup_token() if await services.identity.mode() == "setup" else None
        gc.collect()
        gc.freeze()  # what is here now stays; collections only look at what requests make
        gc.set_threshold(*GARBAGE)
        gc.enable()
        # the loop lists each generator only to close it at its own end; ours are closed where they are used, and the
        # list takes a twentieth of the processor time of a request
        sys.set_asyncgen_hooks(firstiter=None)
        print(ready_text(addresses_of(listener, settings), token), file=sys.stderr, flush=True)
        await server.serve(sockets=[listener])


def ready_text(addresses: list[str], setup_token: str | None) -> str:
    """What a person reads when the server is up; the one-time link, when nobody has an account yet."""
    address = addresses[0]
    lines = ["", f"  Freehold is ready: {address}"]
    lines += [f"  From other machines: {other}" for other in addresses[1:]]
    if setup_token:
        lines += [
            "",
            "  Nobody has an account yet. Make the first administrator with this link (once, within 24 hours):",
            f"  {address}/setup?token={setup_token}",
        ]
    return "\n".join([*lines, ""])
