"""HTTP of what was used and of budgets."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, status
from fastapi.responses import StreamingResponse

from freehold.access.dependencies import Admin, Member
from freehold.deps import Services, ServicesDep
from freehold.errors import InvalidRequest
from freehold.kit import clock
from freehold.kit.moments import Day
from freehold.kit.pagination import CursorText, Limit
from freehold.usage import reports
from freehold.usage.record import Source, Status
from freehold.usage.reports import Single
from freehold.usage.schemas import (
    BudgetInfo,
    BudgetNew,
    BudgetPatch,
    Filters,
    Group,
    LimitInfo,
    LimitNew,
    LimitPatch,
    Locality,
    UsageCallPage,
    UsageReport,
)

router = APIRouter(prefix="/api", tags=["usage"])

DAYS = 30
MOST_DAYS = 3_660

Text = Annotated[str | None, Query(max_length=500)]


def filters(
    *,
    subject: Member,
    from_: Annotated[
        Day | None, Query(alias="from", description="First day, in UTC. Default: 29 days before `to`.")
    ] = None,
    to: Annotated[Day | None, Query(description="Last day, in UTC. Default: today.")] = None,
    user_id: Text = None,
    group_id: Annotated[str | None, Query(max_length=36, description="People who are in this group now.")] = None,
    key_id: Annotated[str | None, Query(max_length=36, description="Empty: calls without a key.")] = None,
    model: Text = None,
    provider_id: Text = None,
    source: Source | None = None,
    locality: Locality | None = None,
) -> Filters:
    """Which calls; members see their own, administrators everybody's."""
    last = to or clock.now().date()
    first = from_ or last - timedelta(days=min(DAYS - 1, (last - date.min).days))
    if not 0 <= (last - first).days < MOST_DAYS or last == date.max:
        raise InvalidRequest("`from` has to lie before `to`, by ten years at most.", field="from")
    return Filters(
        from_day=first,
        to_day=last,
        user_id=user_id if subject.is_admin else subject.user_id,
        group_id=group_id,
        key_id=key_id,
        model=model,
        provider_id=provider_id,
        source=source,
        locality=locality,
    )


Chosen = Annotated[Filters, Depends(filters)]


def _declared(services: Services) -> dict[str, str]:
    """The names of the keys that the file declares, by id."""
    return {one.id: one.key.name for one in services.keys.declared_keys()}


@router.get("/usage")
async def read_usage(subject: Member, services: ServicesDep, chosen: Chosen, group: Group = "day") -> UsageReport:
    """What was used, added up by UTC days or whole months, people, groups, keys, models, providers or place."""
    declared = _declared(services) if group == "key" else None
    return await reports.report(services.database, chosen, group, declared)


@router.get("/usage/calls")
async def list_calls(
    *,
    subject: Member,
    services: ServicesDep,
    chosen: Chosen,
    status: Status | None = None,
    request_id: Annotated[str | None, Query(max_length=100, description="As the header x-request-id named it.")] = None,
    cursor: CursorText | None = None,
    limit: Limit = 50,
) -> UsageCallPage:
    """Single calls, the newest first; also those that were refused before anybody was asked."""
    which = Single(status, request_id, cursor, limit)
    return await reports.calls(services.database, chosen, which, _declared(services))


@router.get("/usage.csv", response_class=StreamingResponse)
async def download_usage(subject: Member, services: ServicesDep, chosen: Chosen) -> StreamingResponse:
    """Every single call, oldest first, as CSV."""
    name = f"freehold-usage-{chosen.from_day}-{chosen.to_day}.csv"
    return StreamingResponse(
        reports.calls_as_csv(services.database, chosen, _declared(services)),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.get("/budgets")
async def list_budgets(subject: Member, services: ServicesDep) -> list[BudgetInfo]:
    """One's own budgets and one's groups' with what is spent; for administrators all that are set."""
    budgets = services.usage.administration
    if subject.is_admin:
        return await budgets.everything(subject.user_id, subject.groups)
    return await budgets.of_person(subject.user_id, subject.groups)


@router.post("/budgets", status_code=status.HTTP_201_CREATED)
async def add_budget(body: BudgetNew, subject: Admin, services: ServicesDep) -> BudgetInfo:
    """Set what each person, a person, a group, or the models that a pattern names may cost in each period."""
    return await services.usage.administration.add(body)


@router.patch("/budgets/{budget_id}")
async def change_budget(budget_id: str, body: BudgetPatch, subject: Admin, services: ServicesDep) -> BudgetInfo:
    """Change the amount; what is spent stays spent."""
    return await services.usage.administration.change(budget_id, body)


@router.delete("/budgets/{budget_id}", status_code=status.HTTP_204_NO_CONTENT)
async def remove_budget(budget_id: str, subject: Admin, services: ServicesDep) -> None:
    """Lift a budget; what the file says holds again."""
    await services.usage.administration.remove(budget_id)


@router.get("/limits")
async def list_limits(subject: Admin, services: ServicesDep) -> list[LimitInfo]:
    """Every rate limit but those of API keys, with what is used of it now."""
    return await services.usage.limit_administration.everything()


@router.post("/limits", status_code=status.HTTP_201_CREATED)
async def add_limit(body: LimitNew, subject: Admin, services: ServicesDep) -> LimitInfo:
    """Set how much each person, a person, a group, or the models that a pattern names may be asked at a time."""
    return await services.usage.limit_administration.add(body)


@router.patch("/limits/{limit_id}")
async def change_limit(limit_id: str, body: LimitPatch, subject: Admin, services: ServicesDep) -> LimitInfo:
    """Change the named fields; holds from the next call on."""
    return await services.usage.limit_administration.change(limit_id, body)


@router.delete("/limits/{limit_id}", status_code=status.HTTP_204_NO_CONTENT)
async def remove_limit(limit_id: str, subject: Admin, services: ServicesDep) -> None:
    """Lift a rate limit; what the file says holds again."""
    await services.usage.limit_administration.remove(limit_id)
