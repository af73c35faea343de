"""The access matrix: who may call each operation of the API. A route without a row here fails the suite."""

from dataclasses import dataclass
from typing import Any, Literal

Level = Literal["public", "member", "admin"]


@dataclass(frozen=True)
class Rule:
    """`level`: who may call. `owned`: which of bob's things the path names; a stranger gets the 404 of a missing one.

    `body` is a valid body, so that a refusal is about the person and not about the content. `admins`: administrators
    are no strangers to things of this kind. `query` is what the address needs behind its path, `file` what
    is uploaded.
    """

    level: Level
    owned: (
        Literal[
            "thread",
            "message",
            "generation",
            "project",
            "file",
            "session",
            "draft",
            "key",
            "import",
            "share",
            "export",
            "fact",
            "prompt",
            "test_set",
            "test_run",
            "round",
        ]
        | None
    ) = None
    body: Any = None
    admins: bool = False
    query: str = ""
    file: bytes | None = None


NOTHING = "0192d7a0-0000-7000-8000-000000000001"
TURN = {"kind": "send", "parent_id": None, "parts": [{"type": "text", "text": "hello"}], "model": "echo/echo"}
CHAT = {"model": "echo/echo", "messages": [{"role": "user", "content": "hello"}]}
ACCOUNT = {"email": "new@example.org", "name": "New", "password": "four unrelated words walk"}
PROVIDER = {"kind": "openai", "base_url": "http://127.0.0.1:9/v1", "api_key": "sk-x"}
PROMPT = {"title": "Summary", "text": "Sum up {{what}}."}
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
    ("GET", "/api/routing/rules"): Rule("admin"),
    ("PUT", "/api/routing/rules"): Rule("admin", body={"rules": [], "tests": [], "seen": None}),
    ("POST", "/api/routing/explain"): Rule("admin", body={"given": {"text": "hello"}}),
    ("GET", "/api/routing/learning"): Rule("admin"),
    ("PUT", "/api/routing/learning/shadow"): Rule("admin", body={"shadow": 0.02}),
    ("POST", "/api/routing/learning/train"): Rule("admin"),
    ("POST", "/api/routing/learning/roll-back"): Rule("admin", body={"model": "acme/small", "language": "en"}),
    ("GET", "/api/routing/trial"): Rule("admin"),
    ("POST", "/api/routing/trial/resume"): Rule("admin"),
    ("POST", "/api/routing/reset"): Rule("admin", body={"ref": "acme/small"}),
    ("GET", "/api/cache"): Rule("admin"),
    ("DELETE", "/api/cache"): Rule("admin"),
    ("DELETE", "/api/cache/mine"): Rule("member"),
    ("GET", "/api/faq"): Rule("admin"),
    ("POST", "/api/faq"): Rule("admin", body={"question": "What is it?", "answer": "This."}),
    ("PATCH", "/api/faq/{entry_id}"): Rule("admin", body={"approved": True}),
    ("DELETE", "/api/faq/{entry_id}"): Rule("admin"),
    ("DELETE", "/api/faq/frequent/{key}"): Rule("admin"),
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
    ("GET", "/api/savings"): Rule("member"),
    ("POST", "/api/savings/what-if"): Rule("admin", body={"quality_floor": 0.9}),
    ("GET", "/api/usage"): Rule("member"),
    ("GET", "/api/usage.csv"): Rule("member"),
    ("GET", "/api/usage/calls"): Rule("member"),
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
    ("GET", "/api/threads/counts"): Rule("member"),
    ("PATCH", "/api/threads"): Rule("member", body={"changes": [{"ids": [NOTHING], "state": "archived"}]}),
    ("GET", "/api/threads/{thread_id}"): Rule("member", owned="thread"),
    ("PATCH", "/api/threads/{thread_id}"): Rule("member", owned="thread", body={"pinned": True}),
    ("POST", "/api/threads/{thread_id}/fork"): Rule(
        "member", owned="thread", body={"message_id": "00000000-0000-7000-8000-000000000000"}
    ),
    ("DELETE", "/api/threads/{thread_id}"): Rule("member", owned="thread"),
    ("POST", "/api/threads/{thread_id}/folds"): Rule("member", owned="thread"),
    ("DELETE", "/api/threads/{thread_id}/folds/{fold_id}"): Rule("member", owned="thread"),
    ("POST", "/api/threads/{thread_id}/restore"): Rule("member", owned="thread"),
    ("GET", "/api/threads/{thread_id}/export"): Rule("member", owned="thread", query="format=json"),
    ("POST", "/api/threads/{thread_id}/turns"): Rule("member", owned="thread", body=TURN),
    ("PATCH", "/api/messages/{message_id}"): Rule(
        "member", owned="message", body={"parts": [{"type": "text", "text": "changed"}]}
    ),
    ("POST", "/api/messages/{message_id}/copied"): Rule("member", owned="message"),
    ("PUT", "/api/messages/{message_id}/feedback"): Rule("member", owned="message", body={"good": True}),
    ("DELETE", "/api/messages/{message_id}/feedback"): Rule("member", owned="message"),
    ("POST", "/api/messages/{message_id}/translation"): Rule("member", owned="message", body={"language": "en"}),
    ("DELETE", "/api/messages/{message_id}/translation"): Rule("member", owned="message"),
    ("DELETE", "/api/messages/{message_id}"): Rule("member", owned="message"),
    ("PUT", "/api/messages/{message_id}/pin"): Rule("member", owned="message"),
    ("DELETE", "/api/messages/{message_id}/pin"): Rule("member", owned="message"),
    ("POST", "/api/messages/{message_id}/restore"): Rule("member", owned="message"),
    ("GET", "/api/generations/{generation_id}"): Rule("member", owned="generation"),
    ("GET", "/api/generations/{generation_id}/stream"): Rule("member", owned="generation"),
    ("POST", "/api/generations/{generation_id}/stop"): Rule("member", owned="generation"),
    ("GET", "/api/search"): Rule("member"),
    ("GET", "/api/pictures"): Rule("member"),
    ("GET", "/api/projects"): Rule("member"),
    ("POST", "/api/projects"): Rule("member", body={"name": "P"}),
    ("PATCH", "/api/projects/{project_id}"): Rule("member", owned="project", body={"name": "Q"}),
    ("DELETE", "/api/projects/{project_id}"): Rule("member", owned="project"),
    ("GET", "/api/drafts/{scope}"): Rule("member", owned="draft"),
    ("PUT", "/api/drafts/{scope}"): Rule("member", owned="draft", body={"text": "x"}),
    ("GET", "/api/prompts"): Rule("member"),
    ("POST", "/api/prompts"): Rule("member", body=PROMPT),
    ("GET", "/api/prompts/{prompt_id}"): Rule("member", owned="prompt"),
    ("PUT", "/api/prompts/{prompt_id}"): Rule("member", owned="prompt", body=PROMPT),
    ("DELETE", "/api/prompts/{prompt_id}"): Rule("member", owned="prompt"),
    ("GET", "/api/prompts/{prompt_id}/versions"): Rule("member", owned="prompt"),
    ("POST", "/api/prompts/{prompt_id}/restore"): Rule("member", owned="prompt", body={"number": 1}),
    ("GET", "/api/evals/sets"): Rule("member"),
    ("POST", "/api/evals/sets"): Rule("member", body={"name": "Sums", "text": "What is 1+1?"}),
    ("GET", "/api/evals/history"): Rule("member"),
    ("POST", "/api/evals/sets/from-history"): Rule("member", body={"name": "Mine"}),
    ("GET", "/api/evals/sets/{set_id}"): Rule("member", owned="test_set"),
    ("DELETE", "/api/evals/sets/{set_id}"): Rule("member", owned="test_set"),
    ("POST", "/api/evals/sets/{set_id}/runs"): Rule("member", owned="test_set", body={"models": ["echo/echo"]}),
    ("GET", "/api/evals/runs/{run_id}"): Rule("member", owned="test_run"),
    ("GET", "/api/evals/runs/{run_id}/answers"): Rule("member", owned="test_run"),
    ("GET", "/api/evals/runs/{run_id}/answers.csv"): Rule("member", owned="test_run"),
    ("POST", "/api/evals/runs/{run_id}/mark"): Rule(
        "member", owned="test_run", body={"case_id": "x", "model": "echo/echo", "passed": True}
    ),
    ("POST", "/api/evals/runs/{run_id}/cancel"): Rule("member", owned="test_run"),
    ("POST", "/api/evals/runs/{run_id}/resume"): Rule("member", owned="test_run"),
    ("DELETE", "/api/evals/runs/{run_id}"): Rule("member", owned="test_run"),
    ("POST", "/api/arena/rounds"): Rule("member", body={"prompt": "Hello?", "models": ["echo/echo", "second"]}),
    ("GET", "/api/arena/rounds"): Rule("member"),
    ("DELETE", "/api/arena/rounds"): Rule("member"),
    ("GET", "/api/arena/rounds/{round_id}"): Rule("member", owned="round"),
    ("DELETE", "/api/arena/rounds/{round_id}"): Rule("member", owned="round"),
    ("POST", "/api/arena/rounds/{round_id}/vote"): Rule("member", owned="round", body={"vote": "a"}),
    ("GET", "/api/arena/ranking"): Rule("member"),
    ("GET", "/api/arena/ranking.csv"): Rule("member"),
    ("GET", "/api/arena/site/ranking"): Rule("admin"),
    ("GET", "/api/arena/site/ranking.csv"): Rule("admin"),
    ("GET", "/api/voice"): Rule("member"),
    ("POST", "/api/voice/transcription"): Rule("member", file=b"RIFF"),
    ("POST", "/api/voice/speech"): Rule("member", body={"text": "Hello."}),
    ("GET", "/api/shares"): Rule("member"),
    ("POST", "/api/shares"): Rule("member", body={"thread_id": NOTHING}),
    ("POST", "/api/shares/{share_id}/update"): Rule("member", owned="share"),
    ("DELETE", "/api/shares/{share_id}"): Rule("member", owned="share"),
    ("POST", "/api/shared/{token}"): Rule("public", body={}),
    ("GET", "/api/shared/{token}/files/{file_id}"): Rule("public"),
    ("GET", "/api/memory/facts"): Rule("member"),
    ("POST", "/api/memory/facts"): Rule("member", body={"text": "I keep bees."}),
    ("DELETE", "/api/memory/facts"): Rule("member", query="project_id=none"),
    ("PATCH", "/api/memory/facts/{fact_id}"): Rule("member", owned="fact", body={"text": "I keep wasps."}),
    ("DELETE", "/api/memory/facts/{fact_id}"): Rule("member", owned="fact"),
    ("GET", "/api/exports"): Rule("member"),
    ("POST", "/api/exports"): Rule("member", body={"thread_ids": [NOTHING]}),
    ("GET", "/api/exports/{export_id}"): Rule("member", owned="export"),
    ("GET", "/api/exports/{export_id}/content"): Rule("member", owned="export"),
    ("DELETE", "/api/exports/{export_id}"): Rule("member", owned="export"),
    ("GET", "/api/imports"): Rule("member"),
    ("POST", "/api/imports"): Rule("member", body={"name": "chats.zip", "size_bytes": 10}),
    ("GET", "/api/imports/{import_id}"): Rule("member", owned="import"),
    ("DELETE", "/api/imports/{import_id}"): Rule("member", owned="import"),
    ("GET", "/api/imports/{import_id}/notes"): Rule("member", owned="import"),
    ("POST", "/api/imports/{import_id}/content"): Rule("member", owned="import", query="offset=0", file=b"{}"),
    ("POST", "/api/files"): Rule("member"),
    ("GET", "/api/files/{file_id}"): Rule("member", owned="file"),
    ("DELETE", "/api/files/{file_id}"): Rule("member", owned="file"),
}
"""(method, path of the OpenAPI document) -> rule."""
