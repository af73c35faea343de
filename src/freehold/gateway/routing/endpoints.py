"""HTTP of routing: how the deployments are doing."""

from dataclasses import asdict

from fastapi import APIRouter

from freehold.access.dependencies import Admin
from freehold.deps import ServicesDep
from freehold.gateway.routing.schemas import DeploymentHealth, RoutingHealth

router = APIRouter(prefix="/api/routing", tags=["models"])


@router.get("/health")
async def routing_health(subject: Admin, services: ServicesDep) -> RoutingHealth:
    """How each deployment is doing: its circuit, its keys, requests under way, speeds."""
    gateway = services.gateway
    return RoutingHealth(
        deployments=[
            DeploymentHealth(**asdict(condition), waiting=gateway.slots.waiting(condition.ref.partition("/")[0]))
            for condition in gateway.router.conditions()
        ]
    )
