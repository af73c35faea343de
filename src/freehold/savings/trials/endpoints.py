"""HTTP of the trial."""

from fastapi import APIRouter

from freehold.access.dependencies import Admin
from freehold.deps import ServicesDep
from freehold.savings.trials.schemas import TrialState

router = APIRouter(prefix="/api/routing/trial", tags=["models"])


@router.get("")
async def read_trial(subject: Admin, services: ServicesDep) -> TrialState:
    """The trial that freehold.yaml declares: both arms, how they differ, and why it is halted."""
    return await services.trials.state()


@router.post("/resume")
async def resume_trial(subject: Admin, services: ServicesDep) -> TrialState:
    """Let a trial go on that its guards halted; only calls from now on are counted."""
    return await services.trials.resume(subject)
