"""OpenAI's endpoints beside chat: images, speech, and forms (https://platform.openai.com/docs/api-reference)."""

import asyncio
import base64
import hashlib
import json
from typing import Any

from aiohttp import web

from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import FakeUpstream, Recorded, sse

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SPOKEN = b"ID3" + bytes(range(256)) * 200
SAID = "The owl is grey."
TOKENS = {
    "type": "tokens",
    "input_tokens": 14,
    "input_token_details": {"text_tokens": 4, "audio_tokens": 10},
    "output_tokens": 6,
    "total_tokens": 20,
}


class MediaDialect(OpenAIDialect):
    """With whisper-1, which counts seconds, and gpt-4o-transcribe, which counts tokens."""

    def routes(self, fake: FakeUpstream) -> list[web.RouteDef]:
        async def make(request: web.Request) -> web.StreamResponse:
            await fake.record(request)
            if (refused := fake.refusal(request)) is not None:
                return refused
            return await self.pictures(fake, fake.requests[-1].body, 9)

        async def speak(request: web.Request) -> web.StreamResponse:
            await fake.record(request)
            if (refused := fake.refusal(request)) is not None:
                return refused
            answer = web.StreamResponse(headers={"Content-Type": "audio/mpeg"})
            await answer.prepare(request)
            for start in range(0, len(SPOKEN), 10_000):
                await answer.write(SPOKEN[start : start + 10_000])
            await answer.write_eof()
            return answer

        async def edit(request: web.Request) -> web.StreamResponse:
            recorded = await self.record_form(fake, request)
            if (refused := fake.refusal(request)) is not None:
                return refused
            return await self.pictures(fake, recorded.body["fields"], 323)

        async def made(_: web.Request) -> web.StreamResponse:
            return web.Response(body=PNG, content_type="image/png")

        async def write_down(request: web.Request) -> web.StreamResponse:
            recorded = await self.record_form(fake, request)
            if (refused := fake.refusal(request)) is not None:
                return refused
            return await self.transcript(fake, request, recorded.body["fields"])

        return [
            *super().routes(fake),
            web.post("/v1/images/generations", make),
            web.post("/v1/images/edits", edit),
            web.get("/made.png", made),
            web.post("/v1/audio/speech", speak),
            web.post("/v1/audio/transcriptions", write_down),
            web.post("/v1/audio/translations", write_down),
        ]

    async def pictures(self, fake: FakeUpstream, asked: dict[str, Any], read: int) -> web.StreamResponse:
        """As many as were asked for, `pause_s` later; a model with `url` in its name says where it is instead."""
        if asked["model"].startswith("gpt-image") and "response_format" in asked:
            told = {"message": "Unknown parameter: 'response_format'.", "type": "invalid_request_error"}
            return web.json_response({"error": told}, status=400)
        await asyncio.sleep(fake.script.pause_s)
        count = int(asked.get("n", 1))
        picture = {"b64_json": base64.b64encode(PNG).decode()}
        if "url" in asked["model"]:
            picture = {"url": f"{fake.url.removesuffix('/v1')}/made.png"}
        if fake.script.fault == "garbage":
            picture = {"b64_json": "%%%"}
        usage = {"input_tokens": read, "output_tokens": 272 * count, "total_tokens": read + 272 * count}
        return web.json_response({"created": 1, "data": [picture] * count, "usage": usage})

    async def record_form(self, fake: FakeUpstream, request: web.Request) -> Recorded:
        """Read a form as it arrives; of files only the size and the SHA-256 are kept."""
        fields: dict[str, str] = {}
        files: list[dict[str, Any]] = []
        async for part in await request.multipart():
            if part.filename is None:
                fields[part.name] = await part.text()
                continue
            digest, size = hashlib.sha256(), 0
            while piece := await part.read_chunk():
                digest.update(piece)
                size += len(piece)
            kept = {"name": part.name, "filename": part.filename, "type": part.headers["Content-Type"]}
            files.append({**kept, "size": size, "sha256": digest.hexdigest()})
        headers = dict(request.headers)
        recorded = Recorded("POST", request.path, {}, headers, {"fields": fields, "files": files})
        fake.requests.append(recorded)
        return recorded

    async def transcript(self, fake: FakeUpstream, request: web.Request, fields: dict[str, str]) -> web.StreamResponse:
        form = fields.get("response_format", "json")
        by_tokens = fields["model"] != "whisper-1"
        if fields.get("stream") == "true":
            answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await answer.prepare(request)
            for word in SAID.split(" "):
                await answer.write(sse({"type": "transcript.text.delta", "delta": f"{word} "}))
            if fake.script.fault == "cut":
                assert request.transport is not None
                request.transport.abort()
                return answer
            await answer.write(sse({"type": "transcript.text.done", "text": SAID, "usage": TOKENS}))
            await answer.write_eof()
            return answer
        if form in ("text", "srt", "vtt"):
            text = SAID if form == "text" else f"1\n00:00:00,000 --> 00:00:02,000\n{SAID}\n"
            return web.Response(text=text, content_type="text/plain")
        body: dict[str, Any] = {"text": SAID}
        if form == "verbose_json":
            body |= {"task": "transcribe", "language": "english", "duration": 90.5, "segments": []}
        else:
            body["usage"] = TOKENS if by_tokens else {"type": "duration", "seconds": 120}
        return web.Response(text=json.dumps(body), content_type="application/json")
