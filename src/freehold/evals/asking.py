"""One question to one model, and what its answer is worth; through the same gateway as every other call."""

import contextlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import anyio
import anyio.to_thread

from freehold.access.subject import Subject
from freehold.errors import (
    BudgetExceeded,
    DataBlocked,
    DataNeedsConsent,
    DataStaysInHouse,
    FreeholdError,
    KeptInHouse,
    ModelNotAllowed,
    PriceUnknown,
    ProviderTimeout,
    RateLimited,
    RuleForbids,
    StorageError,
)
from freehold.evals.marking import Rule, passes, verdict_of
from freehold.evals.models import EvalAnswer
from freehold.evals.repository import Case
from freehold.gateway.call import Gateway, Routed
from freehold.gateway.learning import comparing
from freehold.gateway.meter import CallRecord
from freehold.gateway.routing.policy import Thread
from freehold.kit.storable import without_nul
from freehold.usage.money import to_nano
from freehold.wire.events import TextDelta
from freehold.wire.request import ChatRequest, Message, Text

DEADLINE_SECONDS = 600.0
TRIES = 6  # at a limit of so many calls
LONGEST_WAIT_SECONDS = 60.0

KEPT_BACK = (KeptInHouse, DataStaysInHouse, DataBlocked, DataNeedsConsent, RuleForbids, ModelNotAllowed)
"""What a question is not sent out for: nobody failed at it."""

Known = Callable[[str], Awaitable[Case | None]]
"""Looks at a question anew, by its id; None when it is gone."""

Result = TypeVar("Result")


@dataclass(slots=True)
class _Said:
    text: str
    record: CallRecord


class Left(Exception):
    """The question was deleted or locked while it was asked."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks for one person. `judge`: who compares, if there is somebody."""

    gateway: Gateway
    subject: Subject
    judge: str | None
    look_again: Known

    async def answered(self, case: Case, model: str) -> EvalAnswer:
        """The row of this answer, without its run.

        Raises Left, BudgetExceeded, StorageError, and whatever else is no answer.
        """
        if case.gone:
            return left(case, model)
        request = _request(case)
        try:
            said = await _patiently(partial(self._ask, model, request, case))
        except KEPT_BACK as error:
            return EvalAnswer(
                case_id=case.row.id, model=model, state="skipped", error=error.code, text="", self_hosted=False
            )
        row = EvalAnswer(case_id=case.row.id, model=model, state="ok", text=without_nul(said.text))
        _account(row, said.record)
        if not row.text.strip():
            row.state, row.error, row.passed = "failed", "empty_answer", False
            return row
        rule: Rule = case.row.rule  # type: ignore[assignment]
        # patterns and normalising are work for a processor, of texts that somebody else wrote
        row.passed = await anyio.to_thread.run_sync(passes, rule, row.text, case.row.expected, case.row.question)
        if rule == "judge":
            await self._compare(request, case, row)
        return row

    async def _ask(self, model: str, request: ChatRequest, case: Case) -> _Said:
        now = await self.look_again(case.row.id)
        if now is None or now.gone:
            raise Left
        thread = Thread(locked=now.in_house, asked=case.row.question)
        pieces: list[str] = []
        record: CallRecord | None = None
        with anyio.move_on_after(DEADLINE_SECONDS) as scope:
            items = self.gateway.stream(self.subject, model, request, "test", thread=thread)
            async with contextlib.aclosing(items):
                async for item in items:
                    if isinstance(item, TextDelta):
                        pieces.append(item.text)
                    elif isinstance(item, Routed):
                        record = item.record
                        pieces.clear()  # of one that failed before it began
        if scope.cancelled_caught or record is None:
            raise ProviderTimeout(f"{model} did not end its answer within {DEADLINE_SECONDS:g} seconds.")
        return _Said("".join(pieces), record)

    async def _compare(self, request: ChatRequest, case: Case, row: EvalAnswer) -> None:
        """Let the judge compare the answer with what is expected, in both orders, and not knowing which is which."""
        answer, expected = row.text, case.row.expected
        if answer.strip() == expected.strip():
            row.passed, row.verdict = True, "same"
            return
        choices: list[comparing.Choice] = []
        spent: list[float | None] = []
        for a, b in ((answer, expected), (expected, answer)):
            said = await self._judged(comparing.question(request, a, b, secrets.token_hex(4)), case)
            if said is None:
                return
            spent.append(said.record.cost_usd)
            known = [one for one in spent if one is not None]
            row.judge_nanodollars = to_nano(sum(known)) if len(known) == len(spent) else None
            choice = comparing.choice_in(said.text)
            if choice is None:
                return
            choices.append(choice)
        row.verdict = verdict_of(comparing.quality_of(choices))
        row.passed = row.verdict != "worse"

    async def _judged(self, asked: ChatRequest, case: Case) -> _Said | None:
        """What the judge says; of what stays in the house, a model there. None: nobody can tell."""
        for ref in (self.judge, fit_to_judge(self.gateway)):
            if ref is None:
                continue
            try:
                return await _patiently(partial(self._ask, ref, asked, case))
            except KEPT_BACK:
                continue
            except PriceUnknown:
                return None
            except (BudgetExceeded, StorageError):  # they stop the run
                raise
            except FreeholdError:
                return None
        return None


def fit_to_judge(gateway: Gateway, wanted: str | None = None) -> str | None:
    """`wanted`, else the model in the house, unless they are demonstrations."""
    for ref in (wanted, gateway.local_model()):
        if ref is not None and not gateway.is_demonstration(ref):
            return ref
    return None


def failed(case: Case, model: str, error: FreeholdError) -> EvalAnswer:
    """The row of an answer that did not come."""
    return EvalAnswer(
        case_id=case.row.id,
        model=model,
        state="failed",
        error=error.code[:40],
        text="",
        self_hosted=False,
        passed=False,
    )


def left(case: Case, model: str) -> EvalAnswer:
    """The row of a question that is asked no more, as it was deleted."""
    return EvalAnswer(case_id=case.row.id, model=model, state="skipped", error="deleted", text="", self_hosted=False)


def _request(case: Case) -> ChatRequest:
    """The question behind what was said before it; neighbours of one role are one message."""
    turns = [*((one["role"], one["text"]) for one in case.row.before), ("user", case.row.question)]
    messages: list[Message] = []
    for role, text in turns:
        if messages and messages[-1].role == role:
            messages[-1] = Message(messages[-1].role, (*messages[-1].parts, Text(f"\n\n{text}")))
        else:
            messages.append(Message("assistant" if role == "assistant" else "user", (Text(text),)))
    return ChatRequest("", tuple(messages))


async def _patiently(ask: Callable[[], Awaitable[Result]]) -> Result:
    """Ask again after a limit of calls; a test set has time. Raises as `ask`."""
    for _ in range(TRIES - 1):
        try:
            return await ask()
        except RateLimited as error:
            await anyio.sleep(min(LONGEST_WAIT_SECONDS, max(0.05, error.retry_after_s)))
    return await ask()


def _account(row: EvalAnswer, record: CallRecord) -> None:
    row.answered_by, row.self_hosted = record.model, record.self_hosted
    row.cost_nanodollars = None if record.cost_usd is None else to_nano(record.cost_usd)
    row.first_token_ms, row.duration_ms = record.first_token_ms, record.duration_ms
    row.output_tokens = record.output_tokens
