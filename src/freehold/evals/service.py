"""Test sets and their runs, as their owner works with them."""

from datetime import timedelta

from freehold.access.subject import Subject
from freehold.db import Database
from freehold.errors import Conflict, InvalidRequest, NotFound, TooManyAttempts
from freehold.evals import asking, history, report, repository, schemas
from freehold.evals.models import EvalAnswer, EvalCase, EvalRun, EvalSet
from freehold.evals.reading import questions_in
from freehold.evals.running import Runner
from freehold.gateway.call import Gateway
from freehold.kit.clock import now
from freehold.kit.ids import new_id
from freehold.kit.pagination import decode_cursor, encode_cursor, page_of
from freehold.usage.money import to_usd

MAX_SETS = 100  # of one person
MAX_OPEN = 3  # runs of one person that have not ended
SHOWN_RUNS = 20  # of one set


class Evals:
    """What the endpoints call; `runner` works in the background."""

    def __init__(self, database: Database, gateway: Gateway) -> None:
        self.runner = Runner(database, gateway)
        self._database = database
        self._gateway = gateway

    # --- sets -------------------------------------------------------------------------------------------------------

    async def sets(self, subject: Subject) -> schemas.EvalSetList:
        """The subject's, the newest first."""
        async with self._database.read() as session:
            rows = await repository.sets(session, subject.user_id, MAX_SETS)
            newest = await repository.newest_runs(session, subject.user_id)
            progress = await repository.progress(session, list(newest.values()))
        items = [
            schemas.EvalSetInfo(
                id=row.id,
                name=row.name,
                source=row.source,  # type: ignore[arg-type]
                cases=count,
                created_at=row.created_at,
                last_run=_run(run, progress[run.id]) if (run := newest.get(row.id)) is not None else None,
            )
            for row, count in rows
        ]
        return schemas.EvalSetList(items=items, judge=self.judge(subject))

    def judge(self, subject: Subject) -> str | None:
        """Who compares where nobody is named: the judge of freehold.yaml, the baseline, else a model in the house.

        A demonstration only when freehold.yaml names it: what it says of two answers is chance.
        """
        auto = self._gateway.policy.declared.auto
        if auto is not None and auto.judge is not None:
            return auto.judge
        baseline = self._gateway.baseline.of(subject)
        return asking.fit_to_judge(self._gateway, baseline.ref if baseline is not None else None)

    async def one_set(self, subject: Subject, set_id: str) -> schemas.EvalSetDetail:
        """Raises NotFound."""
        async with self._database.read() as session:
            row = await repository.find_set(session, subject.user_id, set_id)
            cases = await repository.cases(session, set_id)
            runs = await repository.runs(session, subject.user_id, [set_id], SHOWN_RUNS)
            progress = await repository.progress(session, runs)
        return schemas.EvalSetDetail(
            id=row.id,
            name=row.name,
            source=row.source,  # type: ignore[arg-type]
            created_at=row.created_at,
            cases=[_case(case) for case in cases],
            runs=[_run(run, progress[run.id]) for run in runs],
        )

    async def write(self, subject: Subject, new: schemas.EvalSetNew) -> schemas.EvalSetDetail:
        """A set of what was pasted. Raises InvalidRequest, TooManyAttempts."""
        found = questions_in(new.text, new.rule)
        cases = [EvalCase(before=[], question=one.question, rule=one.rule, expected=one.expected) for one in found]
        return await self._keep(subject, new.name, "written", cases)

    async def asked(self, subject: Subject, days: int) -> schemas.History:
        """What the subject asked in so many days and could ask again."""
        async with self._database.read() as session:
            since = now() - timedelta(days=days)
            found = await history.asked_since(session, subject.user_id, since, schemas.MOST_CASES + 1)
        items = [
            schemas.AskedThen(
                message_id=one.message_id, text=one.question, model=one.given.model, in_house=one.in_house, at=one.at
            )
            for one in found[: schemas.MOST_CASES]
        ]
        return schemas.History(items=items, more=len(found) > len(items))

    async def from_history(self, subject: Subject, wish: schemas.EvalFromHistory) -> schemas.EvalSetDetail:
        """A set of one's own questions; the answers got then are what is expected. Raises NotFound, TooManyAttempts."""
        async with self._database.read() as session:
            since = now() - timedelta(days=wish.days)
            found = await history.asked_since(
                session, subject.user_id, since, schemas.MOST_CASES, only=wish.message_ids
            )
        if not found:
            raise NotFound("There is no question in this time that could be asked again.")
        cases = [
            EvalCase(
                before=one.before,
                question=one.question,
                rule="judge",
                expected=one.answer,
                thread_id=one.thread_id,
                message_id=one.message_id,
                given=one.given.model_dump(),
            )
            for one in found
        ]
        return await self._keep(subject, wish.name, "history", cases)

    async def _keep(self, subject: Subject, name: str, source: str, cases: list[EvalCase]) -> schemas.EvalSetDetail:
        row = EvalSet(id=new_id(), owner_id=subject.user_id, name=name, source=source, created_at=now())
        async with self._database.begin() as session:
            if await repository.count_sets(session, subject.user_id) >= MAX_SETS:
                raise TooManyAttempts(f"You have {MAX_SETS} test sets.", next_step="Remove some of them.")
            session.add(row)
            await session.flush()
            for position, case in enumerate(cases):
                case.id, case.set_id, case.position = new_id(), row.id, position
                session.add(case)
        return await self.one_set(subject, row.id)

    async def remove_set(self, subject: Subject, set_id: str) -> None:
        """With its runs and answers; one under way ends. Raises NotFound."""
        async with self._database.begin() as session:
            row = await repository.find_set(session, subject.user_id, set_id)
            running = await repository.runs(session, subject.user_id, [set_id], SHOWN_RUNS)
            await session.delete(row)
        for run in running:
            self.runner.interrupt(run.id)

    # --- runs -------------------------------------------------------------------------------------------------------

    async def start(self, subject: Subject, set_id: str, wish: schemas.EvalRunNew) -> schemas.EvalRunInfo:
        """Ask these models. Raises NotFound, ModelNotFound with near matches, InvalidRequest, TooManyAttempts."""
        models = list(dict.fromkeys(wish.models))
        for ref in (*models, *([wish.judge] if wish.judge is not None else [])):
            await self._gateway.describe(ref)
        row = EvalRun(
            id=new_id(),
            owner_id=subject.user_id,
            set_id=set_id,
            models=models,
            judge=wish.judge or self.judge(subject),
            state="waiting",
            created_at=now(),
        )
        async with self._database.begin() as session:
            await repository.find_set(session, subject.user_id, set_id)
            if await repository.open_runs(session, subject.user_id) >= MAX_OPEN:
                raise TooManyAttempts(
                    f"{MAX_OPEN} runs of yours are under way.", next_step="Wait for one of them, or cancel it."
                )
            cases = await repository.cases(session, set_id, limit=1)
            if not cases:
                raise InvalidRequest("This set has no questions any more.", next_step="Make another one.")
            session.add(row)
        self.runner.wake()
        return await self._info(subject, row.id)

    async def cancel(self, subject: Subject, run_id: str) -> schemas.EvalRunInfo:
        """End it; the answers that there are stay. Raises NotFound."""
        async with self._database.begin() as session:
            row = await repository.find_run(session, subject.user_id, run_id, lock=True)
            if row.state in repository.OPEN:
                row.state, row.worker, row.finished_at = "cancelled", None, now()
        self.runner.interrupt(run_id)
        return await self._info(subject, run_id)

    async def resume(self, subject: Subject, run_id: str) -> schemas.EvalRunInfo:
        """Go on with one that was stopped or cancelled. Raises NotFound, Conflict, TooManyAttempts."""
        async with self._database.begin() as session:
            row = await repository.find_run(session, subject.user_id, run_id, lock=True)
            if row.state not in ("stopped", "cancelled"):
                raise Conflict("This run was not stopped, so that there is nothing to go on with.")
            if await repository.open_runs(session, subject.user_id) >= MAX_OPEN:
                raise TooManyAttempts(
                    f"{MAX_OPEN} runs of yours are under way.", next_step="Wait for one of them, or cancel it."
                )
            row.state, row.why, row.finished_at = "waiting", None, None
        self.runner.wake()
        return await self._info(subject, run_id)

    async def remove_run(self, subject: Subject, run_id: str) -> None:
        """With its answers. Raises NotFound."""
        async with self._database.begin() as session:
            await session.delete(await repository.find_run(session, subject.user_id, run_id, lock=True))
        self.runner.interrupt(run_id)

    async def _info(self, subject: Subject, run_id: str) -> schemas.EvalRunInfo:
        async with self._database.read() as session:
            row = await repository.find_run(session, subject.user_id, run_id)
            return _run(row, (await repository.progress(session, [row]))[row.id])

    async def report(self, subject: Subject, run_id: str) -> schemas.EvalReport:
        """How far it is, and what it came to so far. Raises NotFound."""
        async with self._database.read() as session:
            row = await repository.find_run(session, subject.user_id, run_id)
            kept = await repository.find_set(session, subject.user_id, row.set_id)
            cases = await repository.cases(session, row.set_id)
            answers = await repository.answers(session, run_id)
        of: dict[str, list[EvalAnswer]] = {model: [] for model in row.models}
        for answer in answers:
            of[answer.model].append(answer)
        names = {alias.name for alias in self._gateway.router.aliases()} | {"auto"}
        return schemas.EvalReport(
            run=_run(row, (len(answers), len(cases) * len(row.models))),
            set_name=kept.name,
            results=[report.result_of(model, rows, is_name=model in names) for model, rows in of.items()],
            then=report.then_of([case.row for case in cases]),
            judge_usd=to_usd(sum(answer.judge_nanodollars or 0 for answer in answers)),
        )

    async def answers(self, subject: Subject, run_id: str, cursor: str | None, limit: int) -> schemas.EvalAnswerPage:
        """Question by question what each model said. Raises NotFound, InvalidRequest."""
        (after,) = decode_cursor(cursor, int) if cursor else (-1,)
        async with self._database.read() as session:
            row = await repository.find_run(session, subject.user_id, run_id)
            page, more = page_of(await repository.cases(session, row.set_id, after, limit + 1), limit)
            rows = await repository.answers(session, run_id, [case.row.id for case in page])
        of: dict[str, list[EvalAnswer]] = {}
        for answer in sorted(rows, key=lambda one: row.models.index(one.model)):
            of.setdefault(answer.case_id, []).append(answer)
        return schemas.EvalAnswerPage(
            items=[
                schemas.EvalCaseAnswers(case=_case(case), answers=[_answer(one) for one in of.get(case.row.id, [])])
                for case in page
            ],
            next_cursor=encode_cursor(page[-1].row.position) if more and page else None,
        )

    async def mark(self, subject: Subject, run_id: str, mark: schemas.EvalMark) -> schemas.EvalAnswerInfo:
        """What the subject finds of an answer whose rule is `look`; it counts at once. Raises NotFound, Conflict."""
        async with self._database.begin() as session:
            await repository.find_run(session, subject.user_id, run_id)
            row, case = await repository.answer(session, run_id, mark.case_id, mark.model)
            if case.rule != "look" or row.state != "ok":
                raise Conflict("Only an answer whose rule is `look` is marked by hand.")
            row.passed = mark.passed
        return _answer(row)

    async def as_csv(self, subject: Subject, run_id: str) -> tuple[str, bytes]:
        """The name of the set, and every answer of a run. Raises NotFound."""
        async with self._database.read() as session:
            row = await repository.find_run(session, subject.user_id, run_id)
            kept = await repository.find_set(session, subject.user_id, row.set_id)
            cases = {case.row.id: case.row for case in await repository.cases(session, row.set_id)}
            rows = await repository.answers(session, run_id)
        rows.sort(key=lambda one: (cases[one.case_id].position, row.models.index(one.model)))
        return kept.name, report.as_csv((cases[one.case_id], one) for one in rows)


def _run(row: EvalRun, progress: tuple[int, int]) -> schemas.EvalRunInfo:
    return schemas.EvalRunInfo(
        id=row.id,
        set_id=row.set_id,
        models=row.models,
        judge=row.judge,
        state=row.state,  # type: ignore[arg-type]
        why=row.why,
        done=progress[0],
        total=progress[1],
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def _case(case: repository.Case) -> schemas.EvalCaseInfo:
    row = case.row
    return schemas.EvalCaseInfo(
        id=row.id,
        before=len(row.before),
        question=row.question,
        rule=row.rule,  # type: ignore[arg-type]
        expected=row.expected,
        in_house=case.in_house,
        given=schemas.AnswerThen.model_validate(row.given) if row.given is not None else None,
    )


def _answer(row: EvalAnswer) -> schemas.EvalAnswerInfo:
    return schemas.EvalAnswerInfo(
        model=row.model,
        state=row.state,  # type: ignore[arg-type]
        error=row.error,
        text=row.text,
        answered_by=row.answered_by,
        self_hosted=row.self_hosted,
        passed=row.passed,
        verdict=row.verdict,  # type: ignore[arg-type]
        cost_usd=None if row.cost_nanodollars is None else to_usd(row.cost_nanodollars),
        duration_ms=row.duration_ms,
    )
