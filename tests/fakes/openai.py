"""OpenAI's wire format, as https://platform.openai.com/docs/api-reference/chat-streaming and /models document it."""

import base64
import json
from typing import Any, ClassVar

from aiohttp import web

from tests.fakes.upstream import Counts, Dialect, FakeUpstream, Script, sse


def _error(status: int, message: str, kind: str, code: str | None) -> tuple[int, Any]:
    return status, {"error": {"message": message, "type": kind, "param": None, "code": code}}


def _counted(usage: Counts) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": {"cached_tokens": usage.cached, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning, "audio_tokens": 0},
    }


class OpenAIDialect(Dialect):
    """Also what compatible servers send: `reasoning_field` is vLLM's and DeepSeek's name for reasoning."""

    prefix = "/v1"
    # Bodies as the API sends them; https://platform.openai.com/docs/guides/error-codes
    ERRORS: ClassVar[dict[str, tuple[int, Any]]] = {
        "key": _error(
            401,
            "Incorrect API key provided: wrong. You can find your API key at https://platform.openai.com/account/api-keys.",
            "invalid_request_error",
            "invalid_api_key",
        ),
        "quota": _error(
            429,
            "You exceeded your current quota, please check your plan and billing details.",
            "insufficient_quota",
            "insufficient_quota",
        ),
        "payment": _error(402, "Insufficient Balance", "unknown_error", "invalid_request_error"),
        "model": _error(
            404,
            "The model `fake-large` does not exist or you do not have access to it.",
            "invalid_request_error",
            "model_not_found",
        ),
        "rate": _error(
            429,
            "Rate limit reached for gpt-4o in organization org-x on requests per min (RPM): Limit 3, Used 3.",
            "requests",
            "rate_limit_exceeded",
        ),
        "context": _error(
            400,
            "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens. "
            "Please reduce the length of the messages.",
            "invalid_request_error",
            "context_length_exceeded",
        ),
        "refused": _error(400, "Invalid value: 'wizard'.", "invalid_request_error", "invalid_value"),
        "overloaded": _error(
            503, "The engine is currently overloaded, please try again later", "server_error", "service_unavailable"
        ),
        "broken": _error(500, "The server had an error while processing your request.", "server_error", None),
    }

    def __init__(self, reasoning_field: str = "reasoning_content") -> None:
        self.reasoning_field = reasoning_field

    def routes(self, fake: FakeUpstream) -> list[web.RouteDef]:
        async def list_models(request: web.Request) -> web.StreamResponse:
            await fake.record(request)
            if (refused := fake.refusal(request)) is not None:
                return refused
            data = [{"id": name, "object": "model", "created": 1, "owned_by": "fake"} for name in fake.models]
            return web.json_response({"object": "list", "data": data})

        async def embed(request: web.Request) -> web.StreamResponse:
            recorded = await fake.record(request)
            if (refused := fake.refusal(request)) is not None:
                return refused
            if fake.script.fault == "garbage":
                return web.Response(body=b"{not JSON", content_type="application/json")
            data = [{"object": "embedding", "index": 0, "embedding": [0.25, -0.5]}]
            usage = {"prompt_tokens": 5, "total_tokens": 5}
            return web.json_response({"object": "list", "data": data, "model": recorded.body["model"], "usage": usage})

        return [
            web.post("/v1/chat/completions", fake.answer),
            web.post("/v1/embeddings", embed),
            web.get("/v1/models", list_models),
        ]

    def frames(self, script: Script, body: Any) -> list[bytes]:
        def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
            return sse({**head, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]})

        head = {
            "id": "chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG",
            "object": "chat.completion.chunk",
            "created": 1741570283,
            "model": body["model"],
            "system_fingerprint": "fp_44709d6fcb",
        }
        frames = [chunk({"role": "assistant", "content": ""})]
        frames += [chunk({self.reasoning_field: piece}) for piece in script.reasoning]
        frames += [chunk({"content": piece}) for piece in script.text]
        for index, call in enumerate(script.calls):
            start = {
                "index": index,
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": ""},
            }
            frames.append(chunk({"tool_calls": [start]}))
            frames += [
                chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]}) for piece in call.pieces
            ]
        frames.append(chunk({}, script.finish))
        if script.usage is not None and (body.get("stream_options") or {}).get("include_usage"):
            frames.append(sse({**head, "choices": [], "usage": _counted(script.usage)}))
        return [*frames, b"data: [DONE]\n\n"]

    def whole(self, script: Script, body: Any) -> Any:
        message: dict[str, Any] = {"role": "assistant", "content": "".join(script.text) or None, "refusal": None}
        if script.reasoning:
            message[self.reasoning_field] = "".join(script.reasoning)
        if script.calls:
            message["tool_calls"] = [
                {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": "".join(call.pieces)}}
                for call in script.calls
            ]
        return {
            "id": "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
            "object": "chat.completion",
            "created": 1741569952,
            "model": body["model"],
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": script.finish}],
            "usage": _counted(script.usage) if script.usage else None,
        }

    def images(self, body: Any) -> list[bytes]:
        return [
            base64.b64decode(part["image_url"]["url"].partition(",")[2])
            for message in body["messages"]
            if isinstance(message.get("content"), list)
            for part in message["content"]
            if part["type"] == "image_url"
        ]

    def schema(self, body: Any) -> Any:
        return json.loads(json.dumps(body["response_format"]["json_schema"]["schema"]))
