"""create_app: the ASGI application from its settings."""

import importlib
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from freehold import __version__, deps, problems
from freehold.access.idempotency import IdempotencyMiddleware
from freehold.assembly import running_services
from freehold.edge import Edge
from freehold.settings import Settings
from freehold.web import WebApp

_log = logging.getLogger(__name__)

SLICES = ("identity", "providers", "chat", "files")


def create_app(settings: Settings) -> FastAPI:
    """The application; its services start with its lifespan."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with running_services(settings) as services:
            deps.install(app, services)
            yield

    app = FastAPI(
        title="Freehold",
        version=__version__,
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=operation_id,
    )
    problems.install(app)
    for router in routers():
        app.include_router(router)
    app.router.default = WebApp()
    app.add_middleware(IdempotencyMiddleware)
    app.add_middleware(Edge, settings=settings)
    return app


def routers() -> list[APIRouter]:
    """One per slice, and the server's own."""
    from freehold import system

    found = [system.router]
    for name in SLICES:
        try:
            found.append(importlib.import_module(f"freehold.{name}.endpoints").router)
        except ImportError as error:
            _log.warning("the slice %s is not there yet: %s", name, error)
    return found


def operation_id(route: APIRoute) -> str:
    """`chat_list_threads`: the slice and the function, stable as long as both keep their names."""
    return f"{route.endpoint.__module__.split('.')[1]}_{route.name}"
