"""Generated requests, right and wrong, from every kind of caller at a real server: none may break it or go unanswered.

schemathesis makes the requests from the server's own OpenAPI description. What every answer must be: no 5xx, of the
declared shape and content type, and each refusal a problem with a code and a next step. Data that breaks the
description must be refused. Half of the requests name things that exist, or all would end at 404.
"""

from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
)

from tests.app.fuzz_world import PEOPLE, World, add_people, at_home, new_client, real_ids
from tests.services.freehold_server import FreeholdServer

LEFT_OUT = {
    ("delete", "/api/session"): "ends the session with which the rest is asked",
    ("post", "/api/playground/{dialect}"): "answers and refuses in the dialect of the request, as /v1 does",
}
TAKES_WORDS = ("post", "/api/files")
"""A multipart form carries a wrong `null` as the four letters, and those are a text file."""
CHECKS = [
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
MEMBERS_OF_A_PROBLEM = {"type", "title", "status", "code", "message", "next_step", "retryable", "params", "request_id"}
UPSTREAM = {"provider_unreachable", "provider_timeout", "provider_protocol_error"}
"""Nobody listens at the addresses of the test, and a 502 says so."""

LONGEST = 600  # characters of a request as it is shown
SEED = 20_260


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    data = tmp_path_factory.mktemp("fuzz") / "data"
    data.mkdir()
    add_people(data, PEOPLE)
    server = FreeholdServer(data)
    server.start()
    clients = {role: new_client(server, None if role == "nobody" else role) for role in (*PEOPLE, "nobody")}
    yield World(server, clients, clients["admin"].get("/api/openapi.json").json())
    for client in clients.values():
        client.close()
    server.stop()


def the_problem(answer: Any) -> None:
    """A refusal says what is wrong and what to do, in the one shape; only a provider's failure is a 5xx."""
    if answer.status_code < 400:
        return
    assert answer.headers["content-type"] == ["application/problem+json"], answer.headers
    problem = answer.json()
    assert problem.keys() >= MEMBERS_OF_A_PROBLEM, problem
    assert problem["status"] == answer.status_code
    assert answer.status_code < 500 or problem["code"] in UPSTREAM, problem
    assert problem["message"], problem
    assert problem["next_step"], problem
    if answer.status_code == 422 and problem["code"] == "invalid_request" and "fields" in problem:
        assert all(field["path"] and field["message"] for field in problem["fields"]), problem


def fuzz(world: World, role: str, examples: int) -> list[str]:
    """Every operation with generated requests; what went wrong, with the request that shows it."""
    schema = schemathesis.openapi.from_dict(world.document)
    found: list[str] = []
    things = world.furnish(role)
    for result in schema.get_all_operations():
        operation = cast("Any", result).ok()
        if (operation.method, operation.path) in LEFT_OUT:
            continue
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            problem = _try(world, role, operation, mode, examples, things)
            if problem:
                found.append(f"{role} {operation.label} ({mode.value}): {problem}")
        if operation.method == "delete":
            things = world.furnish(role)
    return found


def _try(
    world: World, role: str, operation: Any, mode: GenerationMode, examples: int, things: dict[str, list[str]]
) -> str | None:
    names = [parameter.name for parameter in operation.path_parameters]
    client = world.clients[role]

    @seed(SEED)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )
    @given(operation.as_strategy(generation_mode=mode), real_ids(names, things), st.booleans())
    def attempt(case: Any, ids: dict[str, str], existing: bool) -> None:
        if existing and mode is GenerationMode.POSITIVE:
            case.path_parameters.update(ids)
        case.body = at_home(case.body)
        request = case.as_transport_kwargs(base_url=world.server.url)
        answer = case.call(
            base_url=world.server.url,
            headers={"Origin": world.server.url},
            cookies=dict(client.cookies),
        )
        try:
            the_problem(answer)
            judged = mode is GenerationMode.NEGATIVE and (operation.method, operation.path) != TAKES_WORDS
            accepted_wrong = judged and answer.status_code < 400
            case.validate_response(answer, checks=[*CHECKS, negative_data_rejection] if accepted_wrong else CHECKS)
        except (AssertionError, Failure, FailureGroup) as error:
            raise AssertionError(_told(request, answer, error)) from None

    return _failure_of(attempt)


def _told(request: dict[str, Any], answer: Any, error: BaseException) -> str:
    shown = {name: request[name] for name in ("method", "url", "json", "data", "params") if request.get(name)}
    reasons = [str(item)[:LONGEST] for item in getattr(error, "exceptions", [error])]
    return f"{str(shown)[:LONGEST]}\n{answer.status_code} {answer.text[:LONGEST]}\n{reasons}"


def _failure_of(attempt: Callable[[], None]) -> str | None:
    try:
        attempt()
    except AssertionError as error:
        return str(error)
    except BaseExceptionGroup as group:  # several kinds of failure
        return "\n".join(str(error) for error in group.exceptions)
    except Exception as error:
        name = type(error).__name__
        if name in ("Unsatisfiable", "SkipTest", "Skipped"):
            return None  # nothing wrong can be sent where nothing is taken
        raise
    return None


@pytest.mark.parametrize(("role", "examples"), [("nobody", 1), ("member", 2), ("admin", 3)])
def test_nothing_that_is_sent_breaks_the_server(world: World, role: str, examples: int) -> None:
    _judge(world, fuzz(world, role, examples))


@pytest.mark.proof
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("role", "examples"), [("nobody", 3), ("member", 8), ("admin", 15)])
def test_nothing_of_much_that_is_sent_breaks_the_server(world: World, role: str, examples: int) -> None:
    _judge(world, fuzz(world, role, examples))


def _judge(world: World, found: list[str]) -> None:
    if found:
        pytest.fail("\n\n".join(found), pytrace=False)
    assert world.clients["admin"].get("/readyz").status_code == 200
    log = world.server.log.read_text()
    assert "Traceback" not in log, log[log.index("Traceback") - 500 :][:4000]
