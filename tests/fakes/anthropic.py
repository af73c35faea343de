"""Anthropic's wire format, as https://docs.anthropic.com/en/api/ (messages-streaming, errors, models-list) shows it."""

import base64
import json
from typing import Any, ClassVar

from aiohttp import web

from tests.fakes.upstream import API_KEY, Counts, Dialect, FakeUpstream, Script, sse

_FINISH = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"}


def _error(status: int, kind: str, message: str) -> tuple[int, Any]:
    return status, {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_011CSHoEeqs5C35K2"}


class AnthropicDialect(Dialect):
    ERRORS: ClassVar[dict[str, tuple[int, Any]]] = {
        "key": _error(401, "authentication_error", "invalid x-api-key"),
        "quota": _error(
            400,
            "invalid_request_error",
            "Your credit balance is too low to access the Anthropic API. Please go to Plans.",
        ),
        "payment": _error(402, "billing_error", "There is an issue with your billing or payment information."),
        "model": _error(404, "not_found_error", "model: fake-large"),
        "rate": _error(429, "rate_limit_error", "This request would exceed your account's rate limit."),
        "context": _error(400, "invalid_request_error", "prompt is too long: 205000 tokens > 200000 maximum"),
        "refused": _error(400, "invalid_request_error", "messages: at least one message is required"),
        "overloaded": _error(529, "overloaded_error", "Overloaded"),
        "broken": _error(500, "api_error", "Internal server error"),
    }

    def routes(self, fake: FakeUpstream) -> list[web.RouteDef]:
        async def list_models(request: web.Request) -> web.StreamResponse:
            await fake.record(request)
            if (refused := fake.refusal(request)) is not None:
                return refused
            # Two pages, to see that the second is asked for.
            after = request.query.get("after_id")
            names = fake.models[1:] if after else fake.models[:1]
            data = [
                {"type": "model", "id": name, "display_name": name.title(), "created_at": "2025-02-19T00:00:00Z"}
                for name in names
            ]
            return web.json_response(
                {
                    "data": data,
                    "has_more": not after and len(fake.models) > 1,
                    "first_id": names[0],
                    "last_id": names[-1],
                }
            )

        return [web.post("/v1/messages", fake.answer), web.get("/v1/models", list_models)]

    def authorized(self, request: web.Request) -> bool:
        return request.headers.get("x-api-key") == API_KEY and bool(request.headers.get("anthropic-version"))

    def frames(self, script: Script, body: Any) -> list[bytes]:
        def event(name: str, **data: Any) -> bytes:
            return sse({"type": name, **data}, name)

        def block(start: dict[str, Any], deltas: list[dict[str, Any]]) -> list[bytes]:
            nonlocal index
            frames = [event("content_block_start", index=index, content_block=start)]
            frames += [event("content_block_delta", index=index, delta=delta) for delta in deltas]
            frames.append(event("content_block_stop", index=index))
            index += 1
            return frames

        index = 0
        usage = script.usage
        read = usage.input - usage.cached if usage else 0
        message = {
            "id": "msg_1nZdL29xx5MUA1yADyHTEsnR8uuvGzszyY",
            "type": "message",
            "role": "assistant",
            "content": [],
            "model": body["model"],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {
                "input_tokens": read,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": usage.cached if usage else 0,
                "output_tokens": 1,
            },
        }
        frames = [event("message_start", message=message), event("ping")]
        if script.reasoning:
            deltas = [{"type": "thinking_delta", "thinking": piece} for piece in script.reasoning]
            if script.signature:
                deltas.append({"type": "signature_delta", "signature": script.signature})
            frames += block({"type": "thinking", "thinking": "", "signature": ""}, deltas)
        if script.text:
            frames += block(
                {"type": "text", "text": ""}, [{"type": "text_delta", "text": piece} for piece in script.text]
            )
        for call in script.calls:
            frames += block(
                {"type": "tool_use", "id": call.id, "name": call.name, "input": {}},
                [{"type": "input_json_delta", "partial_json": piece} for piece in ("", *call.pieces)],
            )
        frames.append(
            event(
                "message_delta",
                delta={"stop_reason": _FINISH[script.finish], "stop_sequence": None},
                usage={"output_tokens": usage.output if usage else 0},
            )
        )
        return [*frames, event("message_stop")]

    def whole(self, script: Script, body: Any) -> Any:
        usage = script.usage or Counts(0, 0)
        content: list[dict[str, Any]] = []
        if script.reasoning:
            signature = script.signature or ""
            content.append({"type": "thinking", "thinking": "".join(script.reasoning), "signature": signature})
        if script.text:
            content.append({"type": "text", "text": "".join(script.text)})
        for call in script.calls:
            used = json.loads("".join(call.pieces))
            content.append({"type": "tool_use", "id": call.id, "name": call.name, "input": used})
        return {
            "id": "msg_013Zva2CMHLNnXjNJJKqJ2EF",
            "type": "message",
            "role": "assistant",
            "content": content,
            "model": body["model"],
            "stop_reason": _FINISH[script.finish],
            "stop_sequence": None,
            "usage": {
                "input_tokens": usage.input - usage.cached,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": usage.cached,
                "output_tokens": usage.output,
            },
        }

    def midway_error(self) -> bytes:
        return sse({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, "error")

    def images(self, body: Any) -> list[bytes]:
        return [
            base64.b64decode(part["source"]["data"])
            for message in body["messages"]
            if isinstance(message["content"], list)
            for part in message["content"]
            if part["type"] == "image"
        ]

    def schema(self, body: Any) -> Any:
        return body["tools"][0]["input_schema"]
