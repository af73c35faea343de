"""HTTP of what was saved."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from freehold.access.dependencies import Admin, Member
from freehold.deps import ServicesDep
from freehold.errors import InvalidRequest
from freehold.kit import clock
from freehold.kit.moments import Day
from freehold.savings import reports, what_if
from freehold.savings.following import floors_of, premium
from freehold.savings.reports import Chosen
from freehold.savings.schemas import GroupBy, SavingsReport, WhatIf, WhatIfAsked

router = APIRouter(prefix="/api/savings", tags=["savings"])

DAYS, MOST_DAYS = 30, 400


@router.get("")
async def read_savings(
    subject: Member,
    services: ServicesDep,
    from_: Annotated[
        Day | None, Query(alias="from", description="First day, in UTC. Default: 29 days before `to`.")
    ] = None,
    to: Annotated[Day | None, Query(description="Last day, in UTC. Default: today.")] = None,
    group_by: GroupBy = "day",
) -> SavingsReport:
    """What was saved against the baseline; members see their own, administrators everybody's."""
    last = to or clock.now().date()
    first = from_ or last - timedelta(days=min(DAYS - 1, (last - date.min).days))
    if not 0 <= (last - first).days < MOST_DAYS or last == date.max:
        raise InvalidRequest(f"`from` has to lie before `to`, by {MOST_DAYS} days at most.", field="from")
    chosen = Chosen(first, last, None if subject.is_admin else subject.user_id)
    return await reports.report(services.database, chosen, group_by, premium(services.gateway.policy))


@router.post("/what-if")
async def replay_savings(asked: WhatIfAsked, subject: Admin, services: ServicesDep) -> WhatIf:
    """The last seven days at another quality floor, from the stored choices; changes nothing and asks nobody."""
    policy = services.gateway.policy
    floors = floors_of(policy, asked.quality_floor, services.learning.acting.floor)
    found = await what_if.replay(services.database, floors, premium(policy))
    auto = policy.declared.auto
    found.share_premium = auto.share_premium if auto is not None else None
    found.followed = policy.followed is not None
    return found
