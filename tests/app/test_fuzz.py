"""Generated requests, right and wrong, from every kind of caller at a real server: none may break it or go unanswered.

schemathesis makes the requests from the server's own OpenAPI description. What every answer must be: no 5xx, of the
declared shape and content type, and each refusal a problem with a code and a next step. Data that breaks the
description must be refused. Half of the requests name things that exist, or all would end at 404.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
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
}
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
MEMBERS_OF_A_PROBLEM = {"type", "title", "status", "code", "message", "next_step", "retryable", "params", "request_id"}
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
    """A refusal says what is wrong and what to do, in the one shape."""
    if answer.status_code < 400:
        return
    assert answer.headers["content-type"] == ["application/problem+json"], answer.headers
    problem = answer.json()
    assert problem.keys() >= MEMBERS_OF_A_PROBLEM, problem
    assert problem["status"] == answer.status_code
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
        operation = result.ok()
        if (operation.method, operation.path) in LEFT_OUT:
            continue
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            problem = _try(world, role, operation, mode, examples, things)
            if problem:
                found.append(f"{role} {operation.label} ({mode.value}): {problem}")
        if operation.method == "delete":
            things = world.furnish(role)
    return found


def _try(world: World, role: str, operation: Any, mode: GenerationMode, examples: int, things: dict[str, list[str]]) -> str | None:
    names = [parameter.name for parameter in operation.path_parameters]
    client = world.clients[role]

    @seed(SEED)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
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
        except AssertionError as error:
            raise AssertionError(f"{request}\n{answer.status_code} {answer.text[:500]}\n{error}") from None
        case.validate_response(answer, checks=CHECKS)

    return _failure_of(attempt)


def _failure_of(attempt: Callable[[], None]) -> str | None:
    try:
        attempt()
    except (AssertionError, Failure, FailureGroup) as error:
        nested = getattr(error, "exceptions", None)
        return "\n".join(str(item) for item in nested) if nested else str(error)
    except Exception as error:
        name = type(error).__name__
        if name in ("Unsatisfiable", "SkipTest", "Skipped"):
            return None  # nothing wrong can be sent where nothing is taken
        raise
    return None


@pytest.mark.parametrize("role", ["nobody", "member", "admin"])
def test_nothing_that_is_sent_breaks_the_server(world: World, role: str) -> None:
    found = fuzz(world, role, 4)
    if found:
        pytest.fail("\n\n".join(found), pytrace=False)
    _alive(world)


def _alive(world: World) -> None:
    assert world.clients["admin"].get("/readyz").status_code == 200
    log = world.server.log.read_text()
    assert "Traceback" not in log, log[log.index("Traceback") - 500 :][:4000]
