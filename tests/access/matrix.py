"""The access matrix: who may call each operation of the API. A route without a row here fails the suite."""

from dataclasses import dataclass
from typing import Any, Literal

Level = Literal["public", "member", "admin"]


@dataclass(frozen=True)
class Rule:
    """`level`: who may call. `owned`: which of bob's things the path names; a stranger gets the 404 of a missing one.

    `body` is a valid body, so that a refusal is about the person and not about the content. `admins`: administrators
    are no strangers to things of this kind.
    """

    level: Level
    owned: Literal["thread", "message", "generation", "project", "file", "session", "draft", "key"] | None = None
    body: Any = None
    admins: bool = False


TURN = {"kind": "send", "parent_id": None, "parts": [{"type": "text", "text": "hello"}], "model": "echo/echo"}
CHAT = {"model": "echo/echo", "messages": [{"role": "user", "content": "hello"}]}
ACCOUNT = {"email": "new@example.org", "name": "New", "password": "four unrelated words walk"}
PROVIDER = {"kind": "openai", "base_url": "http://127.0.0.1:9/v1", "api_key": "sk-x"}
BUDGET = {"holder_kind": "model", "holder_id": "nobody/*", "period": "day", "usd": 1}
LIMIT = {"holder_kind": "model", "holder_id": "nobody/*", "concurrency": 4}

MATRIX: dict[tuple[str, str], Rule] = {
    ("GET", "/healthz"): Rule("public"),
    ("GET", "/readyz"): Rule("public"),
    ("GET", "/metrics"): Rule("admin"),
    ("GET", "/api/bootstrap"): Rule("public"),
    ("POST", "/api/session"): Rule("public", body={"email": "nobody@example.org", "password": "wrong"}),
    ("DELETE", "/api/session"): Rule("member"),
    ("POST", "/api/setup"): Rule("public", body={"token": "guessed", **ACCOUNT}),
    ("POST", "/api/accounts"): Rule("admin", body=ACCOUNT),
    ("GET", "/api/sessions"): Rule("member"),
    ("DELETE", "/api/sessions/{session_id}"): Rule("member", owned="session"),
    ("GET", "/api/me"): Rule("member"),
    ("PATCH", "/api/me"): Rule("member", body={}),
    ("POST", "/api/me/password"): Rule(
        "member", body={"current_password": "x", "new_password": "four other words walk"}
    ),
    ("GET", "/api/keys"): Rule("member"),
    ("POST", "/api/keys"): Rule("member", body={"name": "K"}),
    ("GET", "/api/keys/{key_id}"): Rule("member", owned="key", admins=True),
    ("PATCH", "/api/keys/{key_id}"): Rule("member", owned="key", body={"name": "L"}, admins=True),
    ("POST", "/api/keys/{key_id}/rotate"): Rule("member", owned="key", body={}, admins=True),
    ("POST", "/api/keys/{key_id}/revoke"): Rule("member", owned="key", admins=True),
    ("GET", "/api/people"): Rule("admin"),
    ("POST", "/api/people"): Rule("admin", body=ACCOUNT),
    ("PATCH", "/api/people/{user_id}"): Rule("admin", body={"name": "N"}),
    ("GET", "/api/groups"): Rule("admin"),
    ("POST", "/api/groups"): Rule("admin", body={"name": "interns"}),
    ("PATCH", "/api/groups/{group_id}"): Rule("admin", body={"name": "legal"}),
    ("DELETE", "/api/groups/{group_id}"): Rule("admin"),
    ("PUT", "/api/groups/{group_id}/members/{user_id}"): Rule("admin"),
    ("DELETE", "/api/groups/{group_id}/members/{user_id}"): Rule("admin"),
    ("GET", "/api/models"): Rule("member"),
    ("GET", "/api/welcome"): Rule("member"),
    ("GET", "/api/vendors"): Rule("admin"),
    ("GET", "/api/routing/health"): Rule("admin"),
    ("POST", "/api/routing/reset"): Rule("admin", body={"ref": "acme/small"}),
    ("DELETE", "/api/cache"): Rule("admin"),
    ("DELETE", "/api/cache/mine"): Rule("member"),
    ("POST", "/api/playground/{dialect}"): Rule("member", body=CHAT),
    ("GET", "/api/system"): Rule("admin"),
    ("GET", "/api/openapi.json"): Rule("admin"),
    ("GET", "/api/providers"): Rule("admin"),
    ("POST", "/api/providers"): Rule("admin", body=PROVIDER),
    ("POST", "/api/providers/check"): Rule("admin", body=PROVIDER),
    ("GET", "/api/providers/{provider_id}"): Rule("admin"),
    ("PATCH", "/api/providers/{provider_id}"): Rule("admin", body={}),
    ("DELETE", "/api/providers/{provider_id}"): Rule("admin"),
    ("POST", "/api/providers/{provider_id}/check"): Rule("admin"),
    ("POST", "/api/providers/{provider_id}/models/refresh"): Rule("admin"),
    ("POST", "/api/providers/{provider_id}/models"): Rule("admin", body={"id": "x"}),
    ("PATCH", "/api/providers/{provider_id}/models/{model_id}"): Rule("admin", body={}),
    ("DELETE", "/api/providers/{provider_id}/models/{model_id}"): Rule("admin"),
    ("POST", "/api/providers/{provider_id}/pulls"): Rule("admin", body={"model": "x"}),
    ("GET", "/api/pulls"): Rule("admin"),
    ("DELETE", "/api/pulls/{pull_id}"): Rule("admin"),
    ("GET", "/api/usage"): Rule("member"),
    ("GET", "/api/usage.csv"): Rule("member"),
    ("GET", "/api/budgets"): Rule("member"),
    ("POST", "/api/budgets"): Rule("admin", body=BUDGET),
    ("PATCH", "/api/budgets/{budget_id}"): Rule("admin", body={"usd": 1}),
    ("DELETE", "/api/budgets/{budget_id}"): Rule("admin"),
    ("GET", "/api/limits"): Rule("admin"),
    ("POST", "/api/limits"): Rule("admin", body=LIMIT),
    ("PATCH", "/api/limits/{limit_id}"): Rule("admin", body={"concurrency": 1}),
    ("DELETE", "/api/limits/{limit_id}"): Rule("admin"),
    ("GET", "/api/threads"): Rule("member"),
    ("POST", "/api/threads"): Rule("member", body={}),
    ("GET", "/api/threads/{thread_id}"): Rule("member", owned="thread"),
    ("PATCH", "/api/threads/{thread_id}"): Rule("member", owned="thread", body={"pinned": True}),
    ("DELETE", "/api/threads/{thread_id}"): Rule("member", owned="thread"),
    ("POST", "/api/threads/{thread_id}/restore"): Rule("member", owned="thread"),
    ("POST", "/api/threads/{thread_id}/turns"): Rule("member", owned="thread", body=TURN),
    ("PATCH", "/api/messages/{message_id}"): Rule(
        "member", owned="message", body={"parts": [{"type": "text", "text": "changed"}]}
    ),
    ("DELETE", "/api/messages/{message_id}"): Rule("member", owned="message"),
    ("POST", "/api/messages/{message_id}/restore"): Rule("member", owned="message"),
    ("GET", "/api/generations/{generation_id}"): Rule("member", owned="generation"),
    ("GET", "/api/generations/{generation_id}/stream"): Rule("member", owned="generation"),
    ("POST", "/api/generations/{generation_id}/stop"): Rule("member", owned="generation"),
    ("GET", "/api/projects"): Rule("member"),
    ("POST", "/api/projects"): Rule("member", body={"name": "P"}),
    ("PATCH", "/api/projects/{project_id}"): Rule("member", owned="project", body={"name": "Q"}),
    ("DELETE", "/api/projects/{project_id}"): Rule("member", owned="project"),
    ("GET", "/api/drafts/{scope}"): Rule("member", owned="draft"),
    ("PUT", "/api/drafts/{scope}"): Rule("member", owned="draft", body={"text": "x"}),
    ("POST", "/api/files"): Rule("member"),
    ("GET", "/api/files/{file_id}"): Rule("member", owned="file"),
    ("DELETE", "/api/files/{file_id}"): Rule("member", owned="file"),
}
"""(method, path of the OpenAPI document) -> rule."""
