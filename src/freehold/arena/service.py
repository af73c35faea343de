"""The arena as its people work with it: rounds, votes, and what these come to."""

import csv
import io
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import anyio
import anyio.to_thread

from freehold.access.subject import Subject
from freehold.arena import lessons, repository, schemas
from freehold.arena.asking import Duel
from freehold.arena.drawing import drawn
from freehold.arena.models import ArenaRound
from freehold.arena.ranking import NEEDED, Rated, Tally, points_against, ranked
from freehold.chat.sse import PING, PING_SECONDS, frame
from freehold.db import Database
from freehold.errors import Conflict, NotFound
from freehold.gateway.call import Gateway
from freehold.gateway.learning import labels
from freehold.kit.clock import now
from freehold.kit.ids import new_id
from freehold.kit.pagination import decode_cursor, encode_cursor, page_of

OVER = ("voted", "failed", "stopped")
"""States of a round that nobody can vote on any more, so that its names may be known."""

LONGEST = timedelta(minutes=15)
"""No round is asked for longer."""


class Arena:
    """What the endpoints call."""

    def __init__(self, database: Database, gateway: Gateway) -> None:
        self._database = database
        self._gateway = gateway
        self._one = anyio.CapacityLimiter(1)  # whoever asks for the same ranking at the same time finds it done

    # --- rounds -----------------------------------------------------------------------------------------------------

    async def begin(self, subject: Subject, new: schemas.ArenaRoundNew) -> AsyncGenerator[bytes]:
        """Draw two models, and the frames of what they say. Leaving them ends both calls.

        Raises InvalidRequest, ModelNotFound with near matches, TooFewModels, or why no two models may be asked this.
        """
        models = await drawn(self._gateway, subject, new.prompt, new.models, in_house=new.in_house)
        row = ArenaRound(
            id=new_id(),
            owner_id=subject.user_id,
            prompt=new.prompt,
            in_house=new.in_house,
            state="asking",
            model_a=models[0],
            model_b=models[1],
            created_at=now(),
        )
        async with self._database.begin() as session:
            session.add(row)
        return self._frames(row.id, Duel(self._gateway, subject, models, new.prompt, new.in_house), subject)

    async def _frames(self, round_id: str, duel: Duel, subject: Subject) -> AsyncGenerator[bytes]:
        events = duel.events(PING_SECONDS)
        kept = False
        try:
            yield frame({"type": "round", "id": round_id})
            async for news in events:
                if news is None:
                    yield PING
                elif news[1] is None:
                    yield frame({"type": "done", "side": news[0]})
                else:
                    yield frame({"type": "text", "side": news[0], "text": news[1]})
            row = await self._keep(subject, round_id, duel, "ready" if duel.answered else "failed")
            kept = True
            if row is not None:
                yield frame({"type": "end", "round": _round(row).model_dump(mode="json")})
        finally:
            with anyio.CancelScope(shield=True):
                await events.aclose()
                if not kept:
                    await self._keep(subject, round_id, duel, "stopped")

    async def _keep(self, subject: Subject, round_id: str, duel: Duel, state: str) -> ArenaRound | None:
        """What came of it; None: the round was removed meanwhile."""
        async with self._database.begin() as session:
            try:
                row = await repository.find(session, subject.user_id, round_id, lock=True)
            except NotFound:
                return None
            row.state = state
            row.answer_a, row.answer_b = duel.sides["a"].kept(), duel.sides["b"].kept()
        return row

    async def one(self, subject: Subject, round_id: str) -> schemas.ArenaRoundInfo:
        """Raises NotFound."""
        async with self._database.read() as session:
            return _round(await repository.find(session, subject.user_id, round_id))

    async def rounds(self, subject: Subject, cursor: str | None, limit: int) -> schemas.ArenaRoundPage:
        """The subject's, the newest first. Raises InvalidRequest."""
        (before,) = decode_cursor(cursor, str) if cursor else (None,)
        async with self._database.read() as session:
            found = await repository.rounds(session, subject.user_id, before, limit + 1)
        page, more = page_of(found, limit)
        return schemas.ArenaRoundPage(
            items=[_round(row) for row in page], next_cursor=encode_cursor(page[-1].id) if more and page else None
        )

    async def everything(self, subject: Subject) -> list[dict[str, Any]]:
        """All rounds of a person, for their export."""
        async with self._database.read() as session:
            found = await repository.rounds(session, subject.user_id, None, 100_000)
        return [_round(row).model_dump(mode="json") for row in found]

    async def vote(self, subject: Subject, round_id: str, vote: schemas.ArenaVote) -> schemas.ArenaRoundInfo:
        """Once, when both have answered; then the names are told. Raises NotFound, Conflict."""
        async with self._database.begin() as session:
            row = await repository.find(session, subject.user_id, round_id, lock=True)
            if row.state == "voted":
                raise Conflict("You have voted on this round: it counts once.", next_step="Begin the next round.")
            if row.state != "ready":
                raise Conflict("Nobody can vote on a round that has no two answers.", next_step="Begin another round.")
            row.state, row.vote, row.voted_at = "voted", vote.vote, now()
            await lessons.voted(session, row)
        return _round(row)

    async def remove(self, subject: Subject, round_id: str) -> None:
        """With its vote. Raises NotFound."""
        async with self._database.begin() as session:
            await session.delete(await repository.find(session, subject.user_id, round_id, lock=True))
            await labels.drop(session, [round_id])

    async def remove_all(self, subject: Subject) -> None:
        """Every round of the subject, with its vote."""
        async with self._database.begin() as session:
            await labels.drop(session, await repository.remove_all(session, subject.user_id))

    # --- the ranking ------------------------------------------------------------------------------------------------

    async def ranking(self, owner_id: str | None) -> schemas.ArenaRanking:
        """By the votes of one person, or of everybody."""
        tallies, found = await self._ranked(owner_id)
        return schemas.ArenaRanking(
            items=[_rating(one) for one in found],
            pairs=[
                schemas.ArenaPair(model=model, rival=rival, points=points, votes=votes)
                for (model, rival), (points, votes) in sorted(points_against(tallies).items())
            ],
            votes=sum(one.votes for one in found) // 2,
            needed=NEEDED,
        )

    async def ranking_csv(self, owner_id: str | None) -> bytes:
        """A line for each model, RFC 4180, with its points against each other one."""
        tallies, found = await self._ranked(owner_id)
        return as_csv(tallies, found)

    async def _ranked(self, owner_id: str | None) -> tuple[tuple[Tally, ...], tuple[Rated, ...]]:
        async with self._database.read() as session:
            tallies = await repository.tallies(session, owner_id)
        return tallies, await anyio.to_thread.run_sync(ranked, tallies, limiter=self._one)


def as_csv(tallies: tuple[Tally, ...], found: tuple[Rated, ...]) -> bytes:
    """By the mark at its beginning Excel knows that it is UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    models = [one.model for one in found]
    heads = ("rank", "model", "rating", "low", "high", "votes", "won", "lost", "tied")
    writer.writerow([*heads, *(f"points against {name}" for name in models)])
    points = points_against(tallies)
    for one in found:
        ratings = (None if value is None else round(value, 1) for value in (one.rating, one.low, one.high))
        against = (points[one.model, rival][0] if (one.model, rival) in points else None for rival in models)
        writer.writerow([one.rank, _cell(one.model), *ratings, one.votes, one.won, one.lost, one.tied, *against])
    return text.getvalue().encode("utf-8-sig")


def _cell(name: str) -> str:
    """A name, so that no spreadsheet takes it for a formula."""
    return f"'{name}" if name[:1] in ("=", "+", "-", "@", "\t", "\r") else name


def _rating(one: Rated) -> schemas.ArenaRating:
    ratings = {
        name: None if (value := getattr(one, name)) is None else round(value, 1) for name in ("rating", "low", "high")
    }
    return schemas.ArenaRating(
        model=one.model, votes=one.votes, won=one.won, lost=one.lost, tied=one.tied, rank=one.rank, **ratings
    )


def _state(row: ArenaRound) -> str:
    """One that nobody ended, as the server died or the client left before the first word, is over all the same."""
    lost = row.state == "asking" and now() - row.created_at > LONGEST
    return "stopped" if lost else row.state


def _round(row: ArenaRound) -> schemas.ArenaRoundInfo:
    """The one place where a round becomes what a client gets: without names until it is over."""
    answers = row.answer_a or {}, row.answer_b or {}
    a, b = (schemas.ArenaSide(text=one.get("text", ""), error=one.get("error")) for one in answers)
    names, state = None, _state(row)
    if state in OVER:
        told = (
            schemas.ArenaRevealed(
                model=model,
                answered_by=one.get("answered_by"),
                self_hosted=bool(one.get("self_hosted")),
                cost_usd=one.get("cost_usd"),
                first_token_ms=one.get("first_token_ms"),
                duration_ms=one.get("duration_ms"),
                output_tokens=one.get("output_tokens"),
            )
            for model, one in zip((row.model_a, row.model_b), answers, strict=True)
        )
        names = schemas.ArenaNames(a=next(told), b=next(told))
    return schemas.ArenaRoundInfo(
        id=row.id,
        prompt=row.prompt,
        in_house=row.in_house,
        state=state,  # type: ignore[arg-type]
        a=a,
        b=b,
        vote=row.vote,  # type: ignore[arg-type]
        names=names,
        created_at=row.created_at,
    )
