"""Training and rolling back, on the database alone, so that the command line does it beside a running server."""

from dataclasses import asdict, dataclass
from typing import Literal

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.db import Database
from freehold.errors import Conflict, NotFound
from freehold.gateway.learning.labels import TRUST
from freehold.gateway.learning.models import RouteLabel, RouteScorer
from freehold.gateway.learning.training import NEEDED, Row, Trained
from freehold.gateway.learning.worker import train_apart
from freehold.gateway.routing.scorer.evaluation import CHANCE
from freehold.kit import clock
from freehold.kit.ids import new_id

MOST_LABELS = 20_000
"""The newest of one model and language; training on so many takes about five minutes of one processor."""

GROWN = 0.1
"""New labels, as a share of those of the last training, without which a nightly one would find the same again."""

KEPT = 5
"""Trainings of one model and language that can be looked at and rolled back to."""

Result = Literal["took_over", "stays_with_prior", "stays_with_last", "back_to_prior", "too_few", "unchanged"]


@dataclass(frozen=True, slots=True)
class Training:
    """What came of one training. `language`: empty where none was found."""

    model: str
    language: str
    labels: int
    result: Result
    trained: Trained | None = None


async def train(database: Database, *, nightly: bool = False) -> list[Training]:
    """Train every local model and language that has labels, one after the other, in another process.

    `nightly`: only where labels came since the last time. Raises StorageError.
    """
    groups = (
        select(RouteLabel.model, RouteLabel.language, func.count())
        .group_by(RouteLabel.model, RouteLabel.language)
        .order_by(RouteLabel.model, RouteLabel.language)
    )
    async with database.read() as session:
        found = (await session.execute(groups)).all()
    return [await _train_one(database, *group, nightly=nightly) for group in found]


async def _train_one(database: Database, model: str, language: str, count: int, *, nightly: bool) -> Training:
    if count < NEEDED:
        return Training(model, language, count, "too_few")
    async with database.read() as session:
        last = await _newest(session, model, language)
        acting = await _newest(session, model, language, "acting")
        labels = (
            await session.scalars(
                select(RouteLabel)
                .where(RouteLabel.model == model, RouteLabel.language == language)
                .order_by(RouteLabel.id.desc())
                .limit(MOST_LABELS)
            )
        ).all()
    if nightly and last is not None and sum(one.created_at > last.trained_at for one in labels) < GROWN * last.labels:
        return Training(model, language, count, "unchanged")
    rows = [
        Row(
            one.features,
            one.local,
            one.premium,
            TRUST.get(one.source, min(TRUST.values())),  # type: ignore[call-overload] - of another version
            one.source == "pair",
            acting is None or one.created_at > acting.trained_at,
        )
        for one in labels
    ]
    known = acting.weights if acting is not None else None
    made = await train_apart(rows, known)
    if made is None:
        return Training(model, language, count, "too_few")
    result = await _keep(database, model, language, made, has_acting=acting is not None)
    return Training(model, language, made.labels, result, made)


async def _keep(database: Database, model: str, language: str, made: Trained, *, has_acting: bool) -> Result:
    report = asdict(made)
    weights = report.pop("weights")
    acts = made.why is None
    # on labels that came since, the acting one orders worse than chance: what it was taught has changed
    worn = not acts and made.replay is not None and made.replay["acting"] < CHANCE
    row = RouteScorer(
        id=new_id(),
        model=model,
        language=language,
        state="acting" if acts else "refused",
        labels=made.labels,
        report=report,
        weights=weights,
        trained_at=clock.now(),
    )
    try:
        async with database.begin() as session:
            if acts:
                await _retire(session, model, language, "standby")
            elif worn:
                await _retire(session, model, language, "rolled_back")
            session.add(row)
            await session.flush()
            await _forget_old(session, model, language)
    except IntegrityError:  # another process was faster, with the same labels
        return "unchanged"
    if acts:
        return "took_over"
    if worn:
        return "back_to_prior"
    return "stays_with_last" if has_acting else "stays_with_prior"


async def roll_back(database: Database, model: str, language: str) -> RouteScorer | None:
    """Put the scorer before the acting one to work, or the prior where there is none; returns that scorer.

    Raises NotFound when nothing was ever trained, Conflict when none acts.
    """
    async with database.begin() as session:
        acting = await _newest(session, model, language, "acting")
        if acting is None:
            if await _newest(session, model, language) is None:
                raise NotFound("Nothing was learned of this model in this language.")
            raise Conflict("The prior acts already: there is nothing to roll back to.")
        await _retire(session, model, language, "rolled_back")
        before = await _newest(session, model, language, "standby")
        if before is not None:
            before.state = "acting"
            await session.flush()
    return before


async def _newest(session: AsyncSession, model: str, language: str, state: str | None = None) -> RouteScorer | None:
    query = select(RouteScorer).where(RouteScorer.model == model, RouteScorer.language == language)
    if state is not None:
        query = query.where(RouteScorer.state == state)
    return await session.scalar(query.order_by(RouteScorer.id.desc()).limit(1))


async def _retire(session: AsyncSession, model: str, language: str, state: str) -> None:
    await session.execute(
        update(RouteScorer)
        .where(RouteScorer.model == model, RouteScorer.language == language, RouteScorer.state == "acting")
        .values(state=state)
    )


async def _forget_old(session: AsyncSession, model: str, language: str) -> None:
    """Keep the newest few, and the one that acts."""
    ids = (
        await session.scalars(
            select(RouteScorer.id)
            .where(RouteScorer.model == model, RouteScorer.language == language, RouteScorer.state != "acting")
            .order_by(RouteScorer.id.desc())
            .offset(KEPT)
        )
    ).all()
    if ids:
        await session.execute(delete(RouteScorer).where(RouteScorer.id.in_(ids)))
