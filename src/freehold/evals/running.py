"""Runs in the background: some at a time, a few answers of each; one that a killed server left goes on elsewhere.

Every answer is a transaction, so nothing is asked twice but what was under way.
"""

import contextlib
from collections.abc import Sequence
from datetime import timedelta

import anyio
import structlog
from anyio.abc import ObjectReceiveStream

from freehold.access.subject import Subject
from freehold.db import Database
from freehold.errors import BudgetExceeded, FreeholdError, PriceUnknown, StorageError
from freehold.evals import asking, repository
from freehold.evals.models import EvalAnswer, EvalRun
from freehold.evals.repository import Case
from freehold.gateway.call import Gateway
from freehold.kit.clock import now
from freehold.kit.ids import new_id

RUNS_AT_A_TIME = 3
ANSWERS_AT_A_TIME = 3  # of each run
POLL_SECONDS = 15.0
BEAT_SECONDS = 5.0
DEAD_SECONDS = 60.0  # without a beat: the worker is gone
TAKEN = "taken"
"""The run was cancelled or removed, or another process has it."""

_log = structlog.get_logger(__name__)

Pair = tuple[Case, str]
"""A question and the model that is asked."""


class Runner:
    """One per process: `run` in the background."""

    def __init__(self, database: Database, gateway: Gateway) -> None:
        self._database = database
        self._gateway = gateway
        self._worker = new_id()
        self._news = anyio.Event()
        self._scopes: dict[str, anyio.CancelScope] = {}

    def wake(self) -> None:
        """There is a new run."""
        self._news.set()
        self._news = anyio.Event()

    def interrupt(self, run_id: str) -> None:
        """The run was cancelled or removed: end what is under way of it here; another process sees it at its beat."""
        if (scope := self._scopes.get(run_id)) is not None:
            scope.cancel()

    async def run(self) -> None:
        """Work on what there is; ends by cancellation."""
        if self._database.dialect == "sqlite":  # only this process may write to the file: who worked on it is gone
            with contextlib.suppress(StorageError):
                async with self._database.begin() as session:
                    await repository.release_all(session)
        async with anyio.create_task_group() as group:
            for _ in range(RUNS_AT_A_TIME):
                group.start_soon(self._loop)

    async def _loop(self) -> None:
        while True:
            news = self._news
            row: EvalRun | None = None
            try:
                row = await self._claim()
                if row is not None:
                    await self._work(row)
            except StorageError as error:
                _log.warning("eval_interrupted", code=error.code)
                row = None
            except Exception:  # noqa: BLE001 - it must not end the server, and is told
                _log.exception("eval_broke")
                if row is not None:
                    await self._end(row, "stopped", "internal_error")
            if row is None:
                with anyio.move_on_after(POLL_SECONDS):
                    await news.wait()

    async def _claim(self) -> EvalRun | None:
        at = now()
        async with self._database.begin() as session:
            return await repository.claim(session, self._worker, at, at - timedelta(seconds=DEAD_SECONDS))

    # --- one run ----------------------------------------------------------------------------------------------------

    async def _work(self, row: EvalRun) -> None:
        async with self._database.read() as session:
            subject = await repository.subject_of(session, row.owner_id)
            done = {(one.case_id, one.model) for one in await repository.answers(session, row.id)}
            cases = await repository.cases(session, row.set_id)
        pending = [(case, model) for case in cases for model in row.models if (case.row.id, model) not in done]
        if subject is None:
            await self._end(row, "stopped", "account")
            return
        why = await self._ask_all(row, subject, pending)
        if why != TAKEN:
            await self._end(row, "done" if why is None else "stopped", why)

    async def _ask_all(self, row: EvalRun, subject: Subject, pending: Sequence[Pair]) -> str | None:
        """None when every answer is there, else the code of what stopped it, or TAKEN."""
        stopped: list[str] = []
        with anyio.CancelScope() as scope:
            self._scopes[row.id] = scope
            try:
                send, receive = anyio.create_memory_object_stream[Pair](len(pending))
                with send, receive:
                    for pair in pending:
                        send.send_nowait(pair)
                    send.close()
                    async with anyio.create_task_group() as group:
                        beats = anyio.CancelScope()
                        group.start_soon(self._beat, row, scope, beats)
                        async with anyio.create_task_group() as workers:
                            for _ in range(ANSWERS_AT_A_TIME):
                                workers.start_soon(self._ask_some, row, subject, receive.clone(), scope, stopped)
                        beats.cancel()
            finally:
                self._scopes.pop(row.id, None)
        if stopped:
            return stopped[0]
        return TAKEN if scope.cancel_called else None

    async def _ask_some(
        self,
        row: EvalRun,
        subject: Subject,
        pairs: ObjectReceiveStream[Pair],
        scope: anyio.CancelScope,
        stopped: list[str],
    ) -> None:
        async with pairs:
            async for case, model in pairs:
                try:
                    if await self._keep(row, await self._answer(row, subject, case, model)):
                        continue
                except (BudgetExceeded, StorageError) as error:
                    stopped.append(error.code)
                scope.cancel()
                return

    async def _answer(self, row: EvalRun, subject: Subject, case: Case, model: str) -> EvalAnswer:
        asker = asking.Asker(self._gateway, subject, row.judge, self._look_again)
        try:
            return await asker.answered(case, model)
        except asking.Left:
            return asking.left(case, model)
        except PriceUnknown as error:  # of this model; others can still be asked
            return asking.failed(case, model, error)
        except (BudgetExceeded, StorageError):
            raise
        except FreeholdError as error:
            return asking.failed(case, model, error)

    async def _look_again(self, case_id: str) -> Case | None:
        async with self._database.read() as session:
            return await repository.case(session, case_id)

    async def _keep(self, row: EvalRun, answer: EvalAnswer) -> bool:
        """Write it down; False when the run was taken away meanwhile."""
        answer.run_id = row.id
        async with self._database.begin() as session:
            held = await repository.hold(session, row.id, self._worker)
            if held is None:
                return False
            held.heartbeat_at = now()
            if await repository.case(session, answer.case_id) is not None:  # else it went with its chat
                await session.merge(answer)
        return True

    async def _beat(self, row: EvalRun, scope: anyio.CancelScope, beats: anyio.CancelScope) -> None:
        with beats:
            while True:
                await anyio.sleep(BEAT_SECONDS)
                try:
                    async with self._database.begin() as session:
                        held = await repository.hold(session, row.id, self._worker)
                        if held is not None:
                            held.heartbeat_at = now()
                except StorageError:
                    continue  # the answers will tell
                if held is None:
                    scope.cancel()

    async def _end(self, row: EvalRun, state: str, why: str | None) -> None:
        with anyio.CancelScope(shield=True):
            async with self._database.begin() as session:
                held = await repository.hold(session, row.id, self._worker)
                if held is not None:
                    held.state, held.why, held.finished_at, held.worker = state, why, now(), None
