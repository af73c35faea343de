"""Ollama's native API on a real socket, with the replies that its docs/api.md and docs/api/errors.mdx show.

No real Ollama was at hand when this was written: shapes and sentences are those of the documentation and of
server/routes.go, not recordings.
"""

import asyncio
import base64
import json
from typing import Any, ClassVar

from aiohttp import web

from tests.fakes.upstream import Dialect, FakeUpstream, Script

_AT = "2025-07-07T20:22:19.184789Z"
DIGEST = "0a8c266910232fd3291e71e5ba1e058cc5af9d411192cf88b6d30e92b6e73163"


def _error(status: int, message: str) -> tuple[int, Any]:
    return status, {"error": message}


class OllamaDialect(Dialect):
    """`shows` and `tags` are what /api/show and /api/tags say of models beyond the usual; `loaded` is /api/ps."""

    content_type = "application/x-ndjson"
    ERRORS: ClassVar[dict[str, tuple[int, Any]]] = {
        "key": _error(401, "unauthorized"),
        "model": _error(404, "model 'fake-large' not found"),
        "rate": _error(429, "too many requests"),
        "context": _error(400, "the input length exceeds the context length"),
        "refused": _error(400, "invalid options: temperature"),
        "tools": _error(400, "registry.ollama.ai/library/fake-large:latest does not support tools"),
        "thinking": _error(400, '"fake-large" does not support thinking'),
        "overloaded": _error(503, "server busy, please try again.  maximum pending requests exceeded"),
        "broken": _error(500, "llama runner process has terminated: signal: killed"),
    }

    def __init__(self) -> None:
        self.shows: dict[str, dict[str, Any]] = {}
        self.tags: dict[str, dict[str, Any]] = {}
        self.loaded: list[str] = ["fake-large", "fake-small"]
        self.pull_lines: list[dict[str, Any]] = []
        self.pull_pause_s = 0.0
        self.pulls_left = 0  # pulls whose client went away

    def routes(self, fake: FakeUpstream) -> list[web.RouteDef]:
        def plain(reply: Any) -> Any:
            async def handle(request: web.Request) -> web.StreamResponse:
                await fake.record(request)
                return fake.refusal(request) or web.json_response(reply())

            return handle

        async def show(request: web.Request) -> web.StreamResponse:
            name = (await fake.record(request)).body["model"]
            if name not in fake.models:
                return web.json_response({"error": f"model '{name}' not found"}, status=404)
            return web.json_response({**_SHOWN, **self.shows.get(name, {})})

        async def delete(request: web.Request) -> web.StreamResponse:
            name = (await fake.record(request)).body["model"]
            if name not in fake.models:
                return web.json_response({"error": f"model '{name}' not found"}, status=404)
            fake.models.remove(name)
            return web.Response()

        async def pull(request: web.Request) -> web.StreamResponse:
            await fake.record(request)
            response = web.StreamResponse(headers={"Content-Type": self.content_type})
            await response.prepare(request)
            try:
                for line in self.pull_lines:
                    await response.write(json.dumps(line).encode() + b"\n")
                    await asyncio.sleep(self.pull_pause_s)
            except (asyncio.CancelledError, ConnectionError):
                self.pulls_left += 1
                raise
            return response

        return [
            web.post("/api/chat", fake.answer),
            web.post("/api/show", show),
            web.post("/api/pull", pull),
            web.delete("/api/delete", delete),
            web.get("/api/tags", plain(lambda: {"models": [self._tag(name) for name in fake.models]})),
            web.get("/api/ps", plain(lambda: {"models": [{"name": name, "model": name} for name in self.loaded]})),
            web.get("/api/version", plain(lambda: {"version": "0.12.6"})),
        ]

    def _tag(self, name: str) -> dict[str, Any]:
        return {
            "name": name,
            "model": name,
            "modified_at": "2025-05-10T08:06:48.639712648-07:00",
            "size": 4683075271,
            "digest": DIGEST,
            "details": {
                "parent_model": "",
                "format": "gguf",
                "family": "qwen2",
                "families": ["qwen2"],
                "parameter_size": "7.6B",
                "quantization_level": "Q4_K_M",
            },
            **self.tags.get(name, {}),
        }

    def authorized(self, request: web.Request) -> bool:
        """Ollama itself knows no keys; one is for a proxy before it."""
        return True

    def frames(self, script: Script, body: Any) -> list[bytes]:
        def line(message: dict[str, Any], **more: Any) -> bytes:
            whole = {"role": "assistant", "content": "", **message}
            data = {"model": body["model"], "created_at": _AT, "message": whole, "done": False, **more}
            return json.dumps(data, ensure_ascii=False).encode() + b"\n"

        frames = [line({"thinking": piece}) for piece in script.reasoning]
        frames += [line({"content": piece}) for piece in script.text]
        for index, call in enumerate(script.calls):
            function = {"index": index, "name": call.name, "arguments": json.loads("".join(call.pieces))}
            frames.append(line({"tool_calls": [{"id": call.id, "function": function}]}))
        counts: dict[str, Any] = {}
        if script.usage is not None:
            counts = {"prompt_eval_count": script.usage.input, "eval_count": script.usage.output}
        reason = "length" if script.finish == "length" else "stop"
        durations = {"total_duration": 182242375, "load_duration": 41295167, "eval_duration": 115959084}
        return [*frames, line({}, done=True, done_reason=reason, **durations, **counts)]

    def garbage(self) -> bytes:
        return b'{"model": not JSON\n'

    def midway_error(self) -> bytes:
        return b'{"error":"an error was encountered while running the model"}\n'

    def images(self, body: Any) -> list[bytes]:
        return [base64.b64decode(image) for message in body["messages"] for image in message.get("images", ())]

    def schema(self, body: Any) -> Any:
        return body["format"]


_SHOWN: dict[str, Any] = {
    "parameters": 'num_keep                       24\nstop                           "<|eot_id|>"',
    "template": "{{ .Prompt }}",
    "details": {
        "parent_model": "",
        "format": "gguf",
        "family": "llama",
        "families": ["llama"],
        "parameter_size": "8.0B",
    },
    "model_info": {
        "general.architecture": "llama",
        "general.parameter_count": 8030261248,
        "llama.context_length": 8192,
        "llama.embedding_length": 4096,
    },
    "capabilities": ["completion", "vision", "tools"],
}
