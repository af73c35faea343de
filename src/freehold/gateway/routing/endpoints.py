"""HTTP of routing: how the deployments are doing, the rules, and what would become of a sample."""

from dataclasses import asdict

from fastapi import APIRouter

from freehold.access.dependencies import Admin
from freehold.deps import Services, ServicesDep
from freehold.errors import NotFound
from freehold.gateway.routing.explaining import bare, explained, rules_shown
from freehold.gateway.routing.policy import Policy
from freehold.gateway.routing.samples import Sample, try_out
from freehold.gateway.routing.schemas import (
    DeploymentChosen,
    DeploymentHealth,
    ExplainWrite,
    Explanation,
    RoutingHealth,
    Rules,
    RulesWrite,
)
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


@router.get("/rules")
async def routing_rules(subject: Admin, services: ServicesDep) -> Rules:
    """Every rule in its order, the tests with what comes of them, and what the linter says."""
    return _rules(services)


@router.put("/rules")
async def save_rules(body: RulesWrite, subject: Admin, services: ServicesDep) -> Rules:
    """Replace the rules and tests of the app; refused when a name is unknown or a test fails."""
    tests = [test.model_copy(update={"place": None}) for test in body.tests]
    await services.rulebook.save(list(map(bare, body.rules)), tests, body.seen)
    return _rules(services)


@router.post("/explain")
async def explain_routing(body: ExplainWrite, subject: Admin, services: ServicesDep) -> Explanation:
    """What would become of a sample request, and why; nobody is asked."""
    gateway = services.gateway
    policy = gateway.policy
    if body.rules is not None:
        policy = Policy(gateway.router, gateway.slots)
        policy.detect, policy.judge = gateway.policy.detect, gateway.policy.judge
        policy.halted_trial = gateway.policy.halted_trial
        policy.take(body.rules)
    given, account = body.given, await services.rulebook.account_of(body.given.user)

    def inside() -> Sample:
        return try_out(policy, given.model_copy(update={"locked": True}), account)

    return explained(
        try_out(policy, given, account),
        gateway.border,
        inside if policy.is_auto(given.model) else None,
        lambda decision: services.learning.words(decision, given.text),
    )


def _rules(services: Services) -> Rules:
    book = services.rulebook
    return rules_shown(services.gateway.policy, book.verdict(), book.tests, book.updated_at)


def _health(services: Services) -> RoutingHealth:
    gateway = services.gateway
    return RoutingHealth(
        deployments=[
            DeploymentHealth(**asdict(condition), waiting=gateway.slots.waiting(condition.ref.partition("/")[0]))
            for condition in gateway.router.conditions()
        ]
    )
