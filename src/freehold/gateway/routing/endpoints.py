"""HTTP of routing: how the deployments are doing."""

from dataclasses import asdict

from fastapi import APIRouter

from freehold.access.dependencies import Admin
from freehold.deps import Services, ServicesDep
from freehold.errors import NotFound
from freehold.gateway.routing.schemas import DeploymentChosen, DeploymentHealth, RoutingHealth
from freehold.observability import metrics

router = APIRouter(prefix="/api/routing", tags=["models"])


@router.get("/health")
async def routing_health(subject: Admin, services: ServicesDep) -> RoutingHealth:
    """How each deployment is doing: its circuit, its keys, requests under way, speeds."""
    return _health(services)


@router.post("/reset")
async def reset_deployment(body: DeploymentChosen, subject: Admin, services: ServicesDep) -> RoutingHealth:
    """Ask a deployment again at once: its circuit closes, and no key of its provider rests for it."""
    if not services.gateway.router.reset(body.ref):
        raise NotFound("This deployment was not asked since the server started.")
    health = _health(services)
    if any(one.ref == body.ref and one.aliases for one in health.deployments):
        metrics.DEPLOYMENT_OPEN.labels(body.ref).set(False)
    return health


def _health(services: Services) -> RoutingHealth:
    gateway = services.gateway
    return RoutingHealth(
        deployments=[
            DeploymentHealth(**asdict(condition), waiting=gateway.slots.waiting(condition.ref.partition("/")[0]))
            for condition in gateway.router.conditions()
        ]
    )
