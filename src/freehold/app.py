"""create_app: the ASGI application from its settings."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from freehold import __version__, deps, documentation, problems, system
from freehold.access.idempotency import IdempotencyMiddleware
from freehold.arena.endpoints import router as arena
from freehold.assembly import running_services
from freehold.chat.endpoints import router as chat
from freehold.chat.search.endpoints import router as search
from freehold.edge import Edge
from freehold.evals.endpoints import router as evals
from freehold.files.endpoints import router as files
from freehold.gateway.cache.endpoints import router as cache
from freehold.gateway.dataplane.plane import PREFIXES, STRAYS, DataPlane
from freehold.gateway.dataplane.playground import router as playground
from freehold.gateway.dataplane.routes import BELOW, ENDPOINTS
from freehold.gateway.faq.endpoints import router as faq
from freehold.gateway.learning.endpoints import router as learning
from freehold.gateway.routing.endpoints import router as routing
from freehold.identity.endpoints import router as identity
from freehold.identity.keys.endpoints import router as keys
from freehold.identity.people.endpoints import router as people
from freehold.moving.endpoints import router as moving
from freehold.prompts.endpoints import router as prompts
from freehold.providers.endpoints import router as providers
from freehold.savings.endpoints import router as savings
from freehold.savings.trials.endpoints import router as trials
from freehold.settings import Settings
from freehold.sharing.endpoints import router as sharing
from freehold.usage.endpoints import router as usage
from freehold.voice.endpoints import router as voice
from freehold.web import WebApp


class App(FastAPI):
    """FastAPI, describing errors as they are sent; the data plane goes before every layer of the framework."""

    plane: DataPlane

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http" and (scope["path"].startswith(PREFIXES) or scope["path"] in STRAYS):
            await self.plane(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI description."""
        return documentation.describe_access(problems.describe(super().openapi()))


def create_app(settings: Settings) -> FastAPI:
    """The application; its services start with its lifespan, which raises FreeholdError when one cannot."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with running_services(settings) as services:
            deps.install(app, services)
            plane.services = services
            yield
            plane.flush()

    app = App(
        title="Freehold",
        version=__version__,
        description=documentation.DESCRIPTION,
        lifespan=lifespan,
        # documentation.py has these, for administrators
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=operation_id,
    )
    plane = app.plane = DataPlane(settings, ENDPOINTS, BELOW)
    problems.install(app)
    for router in routers():
        app.include_router(router, responses=problems.RESPONSES)
    # whatever no route takes: the web app. A mount would also take what a route refuses for its method
    app.router.default = WebApp()
    app.add_middleware(IdempotencyMiddleware)
    app.add_middleware(Edge, settings=settings)
    return app


def routers() -> tuple[APIRouter, ...]:
    """The server's own routes and those of every slice."""
    server = system.router, documentation.router
    return (
        *server,
        identity,
        keys,
        people,
        providers,
        routing,
        learning,
        cache,
        faq,
        playground,
        usage,
        savings,
        trials,
        chat,
        search,
        files,
        moving,
        sharing,
        prompts,
        evals,
        arena,
        voice,
    )


def operation_id(route: APIRoute) -> str:
    """`chat_list_threads`: the slice and the function, stable as long as both keep their names."""
    return f"{route.endpoint.__module__.split('.')[1]}_{route.name}"
