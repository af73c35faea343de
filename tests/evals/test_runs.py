"""Test sets in the whole product: two real servers answer, in the house and outside; both databases."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from freehold.chat.models import Message, Thread
from freehold.deps import Services
from freehold.errors import Conflict, InvalidRequest, ModelNotFound, NotFound, TooManyAttempts
from freehold.evals import asking, running, schemas, service
from freehold.evals.models import EvalAnswer, EvalRun
from freehold.kit.clock import now
from freehold.usage.models import UsageRow
from freehold.usage.schemas import BudgetNew, BudgetPatch
from tests.chat.conftest import make_settings, model, new_user
from tests.chat.reading import Person
from tests.chat.spoken_model import SpokenModel
from tests.chat.test_house import HOME, OUT, ann, answer_cache, cloud, lock, services

__all__ = ["ann", "answer_cache", "cloud", "make_settings", "model", "services"]

WRITTEN = "question,expected,rule\nGreet me,hello from home,contains\nSay bye,bye,equals\nAnything?,,\n"


async def write(person: Person, text: str = WRITTEN) -> schemas.EvalSetDetail:
    return await person.services.evals.write(person.subject, schemas.EvalSetNew(name="Greetings", text=text))


async def start(person: Person, set_id: str, *models: str, judge: str | None = None) -> schemas.EvalRunInfo:
    wish = schemas.EvalRunNew(models=list(models), judge=judge)
    return await person.services.evals.start(person.subject, set_id, wish)


async def ended(person: Person, run_id: str) -> schemas.EvalReport:
    async with asyncio.timeout(60):
        while True:
            found = await person.services.evals.report(person.subject, run_id)
            if found.run.state not in ("waiting", "running"):
                return found
            await asyncio.sleep(0.02)


async def test_models_are_told_apart_by_what_passes_and_costs(ann: Person) -> None:
    kept = await write(ann)
    assert [(one.rule, one.expected) for one in kept.cases] == [
        ("contains", "hello from home"),
        ("equals", "bye"),
        ("look", ""),
    ]
    run = await start(ann, kept.id, HOME, OUT, HOME)
    assert (run.models, run.total) == ([HOME, OUT], 6)
    found = await ended(ann, run.id)
    assert (found.run.state, found.run.done) == ("done", 6)
    home, out = found.results
    assert (home.judged, home.passed, home.answers, home.in_house) == (2, 1, 3, 3)
    assert (out.judged, out.passed, out.answers, out.in_house) == (2, 0, 3, 0)
    assert (home.cost_usd, home.price_unknown) == (0, 0)
    assert out.cost_usd == pytest.approx(3 * (7 * 1e-6 + 3 * 2e-6))
    assert home.p50_ms is not None
    assert found.then is None
    page = await ann.services.evals.answers(ann.subject, run.id, None, 2)
    assert [[one.passed for one in item.answers] for item in page.items] == [[True, False], [False, False]]
    assert page.items[0].answers[0].text == "Hello from home"
    rest = await ann.services.evals.answers(ann.subject, run.id, page.next_cursor, 2)
    assert [[one.passed for one in item.answers] for item in rest.items] == [[None, None]]
    assert rest.next_cursor is None
    # what nobody judges is marked by whose run it is, and counts at once
    assert (home.unjudged, out.unjudged) == (1, 1)
    looked = schemas.EvalMark(case_id=kept.cases[2].id, model=HOME, passed=True)
    assert (await ann.services.evals.mark(ann.subject, run.id, looked)).passed is True
    home, out = (await ann.services.evals.report(ann.subject, run.id)).results
    assert (home.judged, home.passed, home.unjudged, out.judged, out.unjudged) == (3, 2, 0, 2, 1)
    await ann.services.evals.mark(ann.subject, run.id, looked.model_copy(update={"passed": None}))
    assert (await ann.services.evals.report(ann.subject, run.id)).results[0].unjudged == 1
    with pytest.raises(Conflict):
        await ann.services.evals.mark(ann.subject, run.id, looked.model_copy(update={"case_id": kept.cases[0].id}))
    with pytest.raises(NotFound):
        await ann.services.evals.mark(ann.subject, run.id, looked.model_copy(update={"model": "house/none"}))
    name, content = await ann.services.evals.as_csv(ann.subject, run.id)
    assert (name, content[:3]) == ("Greetings", b"\xef\xbb\xbf")
    lines = content.decode("utf-8-sig").splitlines()
    assert len(lines) == 7
    assert lines[1].startswith("Greet me,contains,hello from home,house/small,house/small,true,ok,,true,")


async def test_it_is_in_the_ledger_and_in_no_saving(ann: Person, services: Services) -> None:
    kept = await write(ann, "One?\nTwo?")
    await ended(ann, (await start(ann, kept.id, OUT)).id)
    await services.usage.ledger.flush()
    async with services.database.read() as session:
        rows = list(await session.scalars(select(UsageRow)))
    assert [(row.source, row.model, row.user_id, row.baseline) for row in rows] == [
        ("test", OUT, ann.subject.user_id, None)
    ] * 2


async def history(person: Person, question: str, model: str) -> tuple[str, dict[str, Any]]:
    thread = await person.new_thread()
    answer = await (await person.send(thread.id, question, model=model)).to_end()
    return thread.id, answer


async def test_last_weeks_questions_are_asked_again_and_what_is_kept_in_the_house_stays(
    ann: Person, services: Services, cloud: SpokenModel, model: SpokenModel
) -> None:
    open_id, answer = await history(ann, "What do hens eat?", HOME)
    await (await ann.send(open_id, "And geese?", parent_id=answer["id"], model=HOME)).to_end()
    secret_id, _ = await history(ann, "Our secret figures", HOME)
    await lock(ann, secret_id)
    await history(ann, "The plan is 绝密", HOME)  # of a class of data that stays
    old_id, _ = await history(ann, "An old question", HOME)
    binned_id, _ = await history(ann, "A question in the bin", HOME)
    await services.chat.delete_thread(ann.subject, binned_id)
    async with services.database.begin() as session:
        past = now() - timedelta(days=9)
        await session.execute(update(Message).where(Message.thread_id == old_id).values(created_at=past))
    seen = await services.evals.asked(ann.subject, 7)
    assert {one.text: one.in_house for one in seen.items} == {
        "What do hens eat?": False,
        "And geese?": False,
        "Our secret figures": True,
        "The plan is 绝密": False,
    }
    wish = schemas.EvalFromHistory(name="Last week", days=7)
    kept = await services.evals.from_history(ann.subject, wish)
    assert {one.question: one.before for one in kept.cases}["And geese?"] == 2
    assert all(one.rule == "judge" and one.expected == "Hello from home" for one in kept.cases)
    cloud.asked.clear()
    cloud.title = '{"better": "tie"}'
    found = await ended(ann, (await start(ann, kept.id, OUT, judge=OUT)).id)
    (out,) = found.results
    assert (out.answers, out.skipped, out.failed, out.passed, out.same) == (2, 2, 0, 2, 2)
    assert found.then is not None
    assert (found.then.answers, found.then.in_house, found.then.cost_usd) == (4, 4, 0)
    assert found.judge_usd > 0
    told = json.dumps([*cloud.asked, *cloud.named], ensure_ascii=False)
    assert "hens" in told
    assert "secret" not in told
    assert "绝密" not in told
    geese = next(one for one in cloud.asked if "geese" in json.dumps(one))
    assert [message["role"] for message in geese["messages"]] == ["user", "assistant", "user"]
    # a chat that is deleted for good takes its questions along
    async with services.database.begin() as session:
        thread = await session.get(Thread, open_id)
        await session.delete(thread)
    assert len((await services.evals.one_set(ann.subject, kept.id)).cases) == 2


async def test_a_judge_in_the_house_reads_what_stays(ann: Person, services: Services, model: SpokenModel) -> None:
    secret_id, _ = await history(ann, "Our secret figures", HOME)
    await lock(ann, secret_id)
    kept = await services.evals.from_history(ann.subject, schemas.EvalFromHistory(name="Kept", days=1))
    model.script, model.title = ["Quite another answer"], '{"better": "A"}'
    found = await ended(ann, (await start(ann, kept.id, HOME, judge=OUT)).id)
    (home,) = found.results
    # it says A in both orders, so it saw no difference
    assert (home.answers, home.passed, home.same) == (1, 1, 1)


async def test_what_the_judge_says_counts_in_both_orders(ann: Person, services: Services, model: SpokenModel) -> None:
    await history(ann, "What do hens eat?", HOME)
    kept = await services.evals.from_history(ann.subject, schemas.EvalFromHistory(name="Kept", days=1))
    model.script, model.title = ["A worse answer"], "no verdict at all"
    found = await ended(ann, (await start(ann, kept.id, HOME, judge=HOME)).id)
    assert (found.results[0].judged, found.results[0].rate) == (0, None), "nobody could tell"
    assert asking.fit_to_judge(services.gateway) == HOME
    with pytest.MonkeyPatch.context() as patch:  # one that is there to show how things work is no judge
        patch.setattr(services.gateway, "is_demonstration", lambda ref: ref == HOME)
        assert asking.fit_to_judge(services.gateway, HOME) is None
    asked = iter(['{"better": "B"}', '{"better": "A"}'])
    plain = model.name

    async def name(request: Any, body: dict[str, Any]) -> Any:
        model.title = next(asked)
        return await plain(request, body)

    model.name = name  # type: ignore[method-assign]
    found = await ended(ann, (await start(ann, kept.id, HOME, judge=HOME)).id)
    assert (found.results[0].judged, found.results[0].passed, found.results[0].worse) == (1, 0, 1)


async def test_a_run_is_cancelled_and_resumed_without_asking_twice(
    ann: Person, services: Services, model: SpokenModel
) -> None:
    kept = await write(ann, "\n".join(f"Question {at}?" for at in range(8)))
    model.script = None
    run = await start(ann, kept.id, HOME)
    for _ in range(2):
        call = await model.next_call()
        call.say("Yes.")
        call.finish()
    async with asyncio.timeout(30):
        while (await services.evals.report(ann.subject, run.id)).run.done < 2:
            await asyncio.sleep(0.02)
    under_way = [await model.next_call() for _ in range(running.ANSWERS_AT_A_TIME)]
    cancelled = await services.evals.cancel(ann.subject, run.id)
    assert (cancelled.state, cancelled.done) == ("cancelled", 2)
    async with asyncio.timeout(30):
        await asyncio.gather(*(call.left.wait() for call in under_way))
    assert model.calls.empty(), "no more than some at a time"
    model.script = ["No."]
    asked = len(model.asked)
    resumed = await services.evals.resume(ann.subject, run.id)
    assert resumed.state in ("waiting", "running", "done")
    found = await ended(ann, run.id)
    assert (found.run.state, found.run.done, found.results[0].answers) == ("done", 8, 8)
    assert len(model.asked) - asked == 6
    with pytest.raises(Conflict):
        await services.evals.resume(ann.subject, run.id)


async def test_a_run_goes_on_after_a_restart(ann: Person, services: Services, model: SpokenModel) -> None:
    kept = await write(ann, "One?\nTwo?")
    run = await ended(ann, (await start(ann, kept.id, HOME)).id)
    async with services.database.begin() as session:  # as a server that was killed leaves it
        row = await session.get(EvalRun, run.run.id)
        assert row is not None
        row.state, row.worker, row.heartbeat_at, row.finished_at = "running", "gone", now() - timedelta(hours=1), None
        (first, *_) = list(await session.scalars(select(EvalAnswer)))
        await session.delete(first)
    asked = len(model.asked)
    services.evals.runner.wake()
    found = await ended(ann, run.run.id)
    assert (found.run.state, found.run.done) == ("done", 2)
    assert len(model.asked) - asked == 1


async def test_a_budget_stops_a_run_and_it_can_go_on(ann: Person, services: Services, cloud: SpokenModel) -> None:
    wish = BudgetNew(holder_kind="user", holder_id=ann.subject.user_id, period="day", usd=0.000001)
    budget = await services.usage.administration.add(wish)
    kept = await write(ann, "One?\nTwo?\nThree?")
    found = await ended(ann, (await start(ann, kept.id, OUT)).id)
    assert (found.run.state, found.run.why, found.run.done) == ("stopped", "budget_exceeded", 0)
    assert cloud.asked == []
    await services.usage.administration.change(budget.id, BudgetPatch(usd=10))
    await services.evals.resume(ann.subject, found.run.id)
    found = await ended(ann, found.run.id)
    assert (found.run.state, found.run.why, found.run.done) == ("done", None, 3)


async def test_a_model_that_fails_is_told_and_the_others_go_on(ann: Person, cloud: SpokenModel) -> None:
    cloud.refusal = (400, {"error": {"message": "no"}})
    kept = await write(ann, "One?\nTwo?")
    home, out = (await ended(ann, (await start(ann, kept.id, HOME, OUT)).id)).results
    assert (home.answers, home.failed) == (2, 0)
    assert (out.answers, out.failed, out.judged, out.passed) == (0, 2, 2, 0)


async def test_what_is_not_ones_own_is_not_there(ann: Person, services: Services, monkeypatch: Any) -> None:
    kept = await write(ann, "One?")
    run = await start(ann, kept.id, HOME)
    await ended(ann, run.id)
    bob = Person(services, await new_user(services, "bob"))
    evals = services.evals
    assert (await evals.sets(bob.subject)).items == []
    for call in (evals.one_set, evals.remove_set):
        with pytest.raises(NotFound):
            await call(bob.subject, kept.id)
    for call in (evals.report, evals.cancel, evals.resume, evals.remove_run, evals.as_csv):
        with pytest.raises(NotFound):
            await call(bob.subject, run.id)
    with pytest.raises(NotFound):
        await evals.mark(bob.subject, run.id, schemas.EvalMark(case_id=kept.cases[0].id, model=HOME, passed=True))
    with pytest.raises(NotFound):
        await start(bob, kept.id, HOME)
    _, answer = await history(ann, "Mine?", HOME)
    wish = schemas.EvalFromHistory(name="Theirs", days=7, message_ids=[answer["parent_id"]])
    with pytest.raises(NotFound):
        await evals.from_history(bob.subject, wish)
    assert len((await evals.from_history(ann.subject, wish)).cases) == 1
    with pytest.raises(ModelNotFound):
        await start(ann, kept.id, "house/smal")
    with pytest.raises(InvalidRequest):
        await write(ann, "question,expected,rule\nOne?,,equals")
    assert [one.cases for one in (await evals.sets(ann.subject)).items] == [1, 1]
    monkeypatch.setattr(service, "MAX_SETS", 1)
    with pytest.raises(TooManyAttempts):
        await write(ann, "Two?")
    await evals.remove_run(ann.subject, run.id)
    await evals.remove_set(ann.subject, kept.id)
    assert kept.id not in [one.id for one in (await evals.sets(ann.subject)).items]
