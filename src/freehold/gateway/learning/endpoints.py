"""HTTP of learning: what was learned, train now, roll back, and how much is compared."""

from fastapi import APIRouter

from freehold.access.dependencies import Admin
from freehold.deps import ServicesDep
from freehold.gateway.learning.schemas import LearningState, ScorerChosen, ShadowWrite, TrainingDone

router = APIRouter(prefix="/api/routing/learning", tags=["models"])


@router.get("")
async def read_learning(subject: Admin, services: ServicesDep) -> LearningState:
    """Labels by their source, and what each local model and language has learned."""
    return await services.learning.state(subject)


@router.put("/shadow")
async def set_shadow(body: ShadowWrite, subject: Admin, services: ServicesDep) -> LearningState:
    """Compare so large a share of local answers with the premium model's."""
    return await services.learning.set_shadow(subject, body.shadow)


@router.post("/train")
async def train_scorers(subject: Admin, services: ServicesDep) -> TrainingDone:
    """Train every local model and language that has enough labels; answers when that is done, or goes on without."""
    return await services.learning.train(subject, services.tasks)


@router.post("/roll-back")
async def roll_back_scorer(body: ScorerChosen, subject: Admin, services: ServicesDep) -> LearningState:
    """Put the scorer before the acting one to work, or the prior where there is none."""
    return await services.learning.roll_back(subject, body.model, body.language)
