"""The playground's way to the data plane: what /v1 answers, asked with a session in place of a key.

/v1 itself takes no cookies, so that no page of another site can use it; and the page holds no key that could be taken
from it.
"""

from typing import Literal

from fastapi import APIRouter, Response
from starlette.types import Receive, Scope, Send

from freehold.access.dependencies import Member
from freehold.access.subject import Subject
from freehold.deps import Services, ServicesDep
from freehold.errors import FreeholdError
from freehold.gateway.dataplane.asking import ask
from freehold.gateway.dataplane.dialects import dialect_for
from freehold.gateway.dataplane.exchange import ClientLeft, Exchange
from freehold.gateway.dataplane.plane import Call, refuse
from freehold.observability import request_id

router = APIRouter(prefix="/api/playground", tags=["playground"])

PlaygroundDialect = Literal["openai_chat", "openai_responses", "anthropic_messages", "ollama_chat"]
PATHS: dict[PlaygroundDialect, str] = {
    "openai_chat": "/v1/chat/completions",
    "openai_responses": "/v1/responses",
    "anthropic_messages": "/v1/messages",
    "ollama_chat": "/ollama/api/chat",
}

_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}}
_ANSWERS = {"application/json": {}, "text/event-stream": {}, "application/x-ndjson": {}}


@router.post("/{dialect}", response_class=Response, responses={200: {"content": _ANSWERS}}, openapi_extra=_BODY)
async def run_playground(dialect: PlaygroundDialect, subject: Member, services: ServicesDep) -> Response:
    """Answer as the endpoint of that dialect does a key of one's own, errors included."""
    return _Answer(PATHS[dialect], subject, services)


class _Answer(Response):
    """Reads the request and answers it as the data plane would."""

    def __init__(self, path: str, subject: Subject, services: Services) -> None:
        super().__init__()
        self._path, self._subject, self._services = path, subject, services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        headers = [(name, value) for name, value in scope["headers"] if name != request_id.HEADER]
        if (known := request_id.current_request_id()) is not None:
            headers.append((request_id.HEADER, known.encode()))
        # what a secure line needs in the head is added by the edge
        exchange = Exchange({**scope, "path": self._path, "headers": headers}, receive, send, secure=False)
        dialect = dialect_for(exchange)
        try:
            await ask(Call(exchange, dialect, self._subject, self._services))
        except ClientLeft:
            pass
        except FreeholdError as error:
            await refuse(exchange, dialect, error)
