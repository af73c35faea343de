"""What an operator asks of the server itself: is it alive, is it ready, what is it, what are its numbers."""

import sys
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from freehold import __version__
from freehold.access.dependencies import Admin, admin
from freehold.db import migrate
from freehold.deps import ServicesDep
from freehold.errors import FreeholdError
from freehold.kit import clock
from freehold.observability import metrics

router = APIRouter(tags=["system"])
STARTED = clock.monotonic()


class Health(BaseModel):
    status: str


class System(BaseModel):
    """The server as its administrator sees it. Sizes in bytes, times in seconds."""

    version: str
    python: str
    database: str
    database_version: str
    schema_revision: str | None
    data_dir: str
    storage_free: int
    storage_total: int
    uptime: float
    config: str | None
    config_error: str | None


@router.get("/healthz", operation_id="healthz")
async def healthz() -> Health:
    """Alive: the process answers."""
    return Health(status="ok")


@router.get("/readyz", operation_id="readyz", responses={503: {"model": Health}})
async def readyz(services: ServicesDep, response: Response) -> Health:
    """Ready: the database answers and has the schema of this code."""
    try:
        revision = await migrate.current_revision(services.database)
    except FreeholdError:
        revision = None
    if revision == migrate.head():
        return Health(status="ok")
    response.status_code = 503
    return Health(status="not ready")


@router.get("/api/system", operation_id="system")
async def system(_subject: Admin, services: ServicesDep) -> System:
    """Versions, database, storage, uptime, and whether the last reload of freehold.yaml was refused."""
    import shutil

    import anyio.to_thread

    settings = services.settings
    disk = await anyio.to_thread.run_sync(shutil.disk_usage, settings.data_dir)
    return System(
        version=__version__,
        python=sys.version.split()[0],
        database=services.database.dialect,
        database_version=await services.database.version(),
        schema_revision=await migrate.current_revision(services.database),
        data_dir=str(settings.data_dir.resolve()),
        storage_free=disk.free,
        storage_total=disk.total,
        uptime=round(clock.monotonic() - STARTED, 1),
        config=str(settings.config) if settings.config else None,
        config_error=services.reloader.error if services.reloader else None,
    )


async def metrics_allowed(request: Request, services: ServicesDep) -> None:
    """Administrators only; with a port of its own the main port has no metrics."""
    if services.settings.metrics.port is not None:
        from freehold.errors import NotFound

        raise NotFound("Metrics are on their own port.", port=services.settings.metrics.port)
    await admin(request)


@router.get("/metrics", include_in_schema=False)
async def prometheus(_allowed: Annotated[None, Depends(metrics_allowed)]) -> Response:
    """Prometheus' text format."""
    return Response(metrics.exposition(), media_type=metrics.CONTENT_TYPE)
