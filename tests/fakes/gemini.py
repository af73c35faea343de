"""Gemini's wire format, as https://ai.google.dev/api/generate-content, /api/models and the thinking guide show it."""

import base64
import json
from typing import Any, ClassVar

from aiohttp import web

from tests.fakes.upstream import API_KEY, Dialect, FakeUpstream, Script, sse

_FINISH = {"stop": "STOP", "length": "MAX_TOKENS", "tool_calls": "STOP", "content_filter": "SAFETY"}


def _error(code: int, status: str, message: str, *details: dict[str, Any]) -> tuple[int, Any]:
    return code, {"error": {"code": code, "message": message, "status": status, "details": list(details)}}


class GeminiDialect(Dialect):
    prefix = "/v1beta"
    ERRORS: ClassVar[dict[str, tuple[int, Any]]] = {
        "key": _error(
            400,
            "INVALID_ARGUMENT",
            "API key not valid. Please pass a valid API key.",
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "API_KEY_INVALID",
                "domain": "googleapis.com",
            },
        ),
        "quota": _error(
            429,
            "RESOURCE_EXHAUSTED",
            "You exceeded your current quota, please check your plan and billing details.",
        ),
        "payment": _error(402, "FAILED_PRECONDITION", "Billing is not enabled for this project."),
        "model": _error(
            404,
            "NOT_FOUND",
            "models/fake-large is not found for API version v1beta, or is not supported for generateContent.",
        ),
        "rate": _error(
            429,
            "RESOURCE_EXHAUSTED",
            "Resource has been exhausted (e.g. check limits).",
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "35s"},
        ),
        "context": _error(
            400,
            "INVALID_ARGUMENT",
            "The input token count (1200000) exceeds the maximum number of tokens allowed (1048575).",
        ),
        "refused": _error(400, "INVALID_ARGUMENT", 'Invalid JSON payload received. Unknown name "wizard".'),
        "overloaded": _error(503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
        "broken": _error(500, "INTERNAL", "An internal error has occurred. Please retry."),
    }

    def routes(self, fake: FakeUpstream) -> list[web.RouteDef]:
        async def list_models(request: web.Request) -> web.StreamResponse:
            await fake.record(request)
            if (refused := fake.refusal(request)) is not None:
                return refused
            token = request.query.get("pageToken")
            names = fake.models[1:] if token else fake.models[:1]
            models = [
                {
                    "name": f"models/{name}",
                    "version": "001",
                    "displayName": name.title(),
                    "inputTokenLimit": 1048576,
                    "outputTokenLimit": 65536,
                    "supportedGenerationMethods": ["generateContent", "countTokens"],
                    "thinking": True,
                }
                for name in names
            ]
            more = {} if token or len(fake.models) < 2 else {"nextPageToken": "page-2"}
            return web.json_response({"models": models, **more})

        return [
            web.post("/v1beta/models/{model}:streamGenerateContent", fake.answer),
            web.get("/v1beta/models", list_models),
        ]

    def authorized(self, request: web.Request) -> bool:
        return request.headers.get("x-goog-api-key") == API_KEY

    def frames(self, script: Script, body: Any) -> list[bytes]:
        def chunk(parts: list[dict[str, Any]], finish: str | None = None) -> bytes:
            candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "index": 0}
            if finish:
                candidate["finishReason"] = finish
            return sse({"candidates": [candidate], **meta})

        meta: dict[str, Any] = {"modelVersion": "fake-large", "responseId": "mAitaLmkHPPlz7IPvtfUqQ4"}
        if script.usage is not None:
            usage = script.usage
            meta["usageMetadata"] = {
                "promptTokenCount": usage.input,
                "candidatesTokenCount": usage.output - usage.reasoning,  # Gemini counts thoughts beside the answer
                "thoughtsTokenCount": usage.reasoning,
                "cachedContentTokenCount": usage.cached,
                "totalTokenCount": usage.input + usage.output,
            }
        frames = [chunk([{"text": piece, "thought": True}]) for piece in script.reasoning]
        frames += [chunk([{"text": piece}]) for piece in script.text]
        if script.calls:
            calls = [
                {"functionCall": {"name": call.name, "args": json.loads("".join(call.pieces))}} for call in script.calls
            ]
            if script.signature:
                calls[0]["thoughtSignature"] = script.signature
            frames.append(chunk(calls))
        return [*frames, chunk([{"text": ""}], _FINISH[script.finish])]

    def images(self, body: Any) -> list[bytes]:
        return [
            base64.b64decode(part["inlineData"]["data"])
            for content in body["contents"]
            for part in content["parts"]
            if "inlineData" in part
        ]

    def schema(self, body: Any) -> Any:
        return body["generationConfig"]["responseJsonSchema"]
