"""freehold serve: runs the server until it is told to stop."""

import asyncio
import errno
import logging
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from freehold.cli.context import Config, DataDir
from freehold.errors import ConfigurationError, FreeholdError


def command(
    host: Annotated[str | None, typer.Option(help="Address to listen on; 0.0.0.0 is every interface.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = None,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Run the server."""
    # before anything else that logs
    from freehold.observability import logs

    overrides = {"server.host": host, "server.port": port, "data_dir": data_dir, "config": config}
    from freehold.cli.context import load_everything

    loaded = load_everything(overrides)
    logs.configure(loaded.settings.log.level, loaded.settings.log.format)
    for warning in loaded.warnings:
        logging.getLogger("freehold").warning(warning)
    import uvloop

    uvloop.run(_serve(loaded))


async def _serve(loaded: Any) -> None:
    import uvicorn

    from freehold import deps
    from freehold.app import create_app

    settings = loaded.settings
    listener = listen(settings.server.host, settings.server.port)
    app = create_app(settings)

    class Server(uvicorn.Server):
        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            # answers under way are saved first, so their streams end by themselves
            if services.generations is not None:
                await services.generations.stop()
            await super().shutdown(sockets)

    server = Server(
        uvicorn.Config(
            app,
            lifespan="off",
            loop="none",
            http="httptools",
            ws="websockets-sansio",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(settings.server.trusted_proxies),
            forwarded_allow_ips=list(settings.server.trusted_proxies),
            timeout_graceful_shutdown=int(settings.server.shutdown_seconds),
            h11_max_incomplete_event_size=16_384,
            ws_max_size=1_000_000,
        )
    )
    async with app.router.lifespan_context(app):
        services = app.state.services
        print(banner(listener), flush=True)
        await server.serve(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; raises ConfigurationError when the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigurationError(f"cannot listen on {host}:{port}: {error.strerror}") from error
    return listener


def banner(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"Freehold is ready at http://{host}:{port}"
