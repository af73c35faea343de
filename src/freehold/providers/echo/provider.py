"""A provider that answers by rule, in this process: for tests, benchmarks and `freehold doctor`.

The answer is the last user message, word by word, unless that message holds commands. A command stands alone on a line;
the lines without one are what is echoed.

    /tokens 2000 5ms        2000 numbered words, one each 5 ms (the pause is optional: ms or s)
    /markdown 2000 5ms      a Markdown document of 2000 pieces, the same every time: headings, tables, code, lists,
                            quotes, LaTeX, Chinese
    /pause 20ms             a pause before each piece of the answer
    /wait 2s                nothing for two seconds before the first piece
    /reasoning some words   thinks these words first
    /tool name {"a": 1}     calls a tool; more lines, more calls in parallel
    /fail 429               fails with what a vendor's status 429 becomes (any status from 400 to 599)
    /break 10               fails with a broken connection after ten pieces
    /finish length          ends with that reason (stop, length, content_filter)
    /image                  answers with a picture of one pixel

A request for a JSON schema is answered with the smallest object that fits. Images are named by type and size. Usage
counts pieces: what was sent for output, the words of all messages for input.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from freehold import errors
from freehold.providers import abilities, failures, registry
from freehold.providers.base import CheckReport, ModelCard, Provider, ProviderConfig
from freehold.providers.echo.document import markdown
from freehold.providers.registry import ProviderDeps
from freehold.providers.upstream import Endpoint
from freehold.wire.events import (
    Event,
    Finish,
    FinishReason,
    ImageOutput,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    ToolCallStart,
    Usage,
)
from freehold.wire.request import ChatRequest, Image, JsonObject, ToolResult

MODEL = "echo"

_COMMAND = re.compile(r"^/(tokens|markdown|pause|wait|reasoning|tool|fail|break|finish|image)\b[ \t]*(.*)$")
_PIECE = re.compile(r"\s*\S+|\s+$")
_DURATION = re.compile(r"^(\d+(?:\.\d+)?)(ms|s)$")
_ONE_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a4944415478da6368000000820081da45083b0000000049454e44ae426082"
)


@dataclass
class _Plan:
    """What the commands of a message ask for."""

    text: list[str] = field(default_factory=list)  # lines to echo
    pieces: list[str] | None = None  # instead of the echo
    reasoning: str = ""
    calls: list[tuple[str, str]] = field(default_factory=list)
    pause_s: float = 0.0
    wait_s: float = 0.0
    fail: int | None = None
    break_after: int | None = None
    finish: FinishReason = "stop"
    image: bool = False


class EchoProvider(Provider):
    def __init__(self, config: ProviderConfig, deps: ProviderDeps) -> None:
        super().__init__(config)
        del deps
        self._endpoint = Endpoint(config.id, config.name, "http://echo.invalid")

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Event]:
        abilities.require(self.config, request)
        if request.model != MODEL:
            raise self._failure(404, request.model)
        plan = _plan(_last_user_text(request), self._endpoint)
        if plan.wait_s:
            await asyncio.sleep(plan.wait_s)
        if plan.fail is not None:
            raise self._failure(plan.fail, request.model)
        sent = thought = 0
        for event in _events(plan, request):
            if plan.pause_s:
                await asyncio.sleep(plan.pause_s)
            if sent == plan.break_after:
                raise errors.ProviderProtocolError(
                    f"{self.config.name} broke the connection off before the answer was complete.",
                    **self._endpoint.params(),
                )
            sent += 1
            thought += isinstance(event, ReasoningDelta)
            yield event
        read = sum(len(message.text().split()) for message in request.messages)
        yield Usage(read, sent, 0, thought)
        yield Finish("tool_calls" if plan.calls and plan.finish == "stop" else plan.finish)

    async def list_models(self) -> list[ModelCard]:
        manifest = registry.manifest_for(self.config.kind)
        return [
            ModelCard(
                MODEL,
                name="Echo",
                context_tokens=1_000_000,
                abilities=manifest.abilities,
                demonstration=True,
                description="No model: gives back what it is sent, for tests.",
            )
        ]

    async def check(self) -> CheckReport:
        return CheckReport(0.0, tuple(await self.list_models()))

    def _failure(self, status: int, model: str) -> errors.ProviderError:
        said = {"error": {"message": f"asked to fail with {status}"}}
        return failures.from_reply(self._endpoint, status, {}, said, api_key="echo", model=model)


def _last_user_text(request: ChatRequest) -> str:
    """The text of the last user message, what it shows, and the tool results since then."""
    lines: list[str] = []
    for message in reversed(request.messages):
        results = [part.text() for part in message.parts if isinstance(part, ToolResult)]
        lines[:0] = [f"result: {content}" for content in results]
        if message.role == "user" and not results:
            images = [part for part in message.parts if isinstance(part, Image)]
            shown = [f"[{image.media_type}, {len(image.data)} bytes]" for image in images]
            # After a tool's result the commands have been carried out.
            return "\n".join(lines or [message.text(), *shown])
    return "\n".join(lines)


def _plan(text: str, endpoint: Endpoint) -> _Plan:
    plan = _Plan()
    for line in text.split("\n"):
        match = _COMMAND.match(line)
        if match is None:
            plan.text.append(line)
            continue
        try:
            _apply(plan, match[1], match[2].strip())
        except (ValueError, IndexError) as exc:
            raise errors.ProviderRefused(f"Echo does not understand {line!r}.", **endpoint.params()) from exc
    return plan


def _apply(plan: _Plan, command: str, rest: str) -> None:
    words = rest.split()
    match command:
        case "tokens" | "markdown":
            count = int(words[0])
            plan.pieces = [f"word{number} " for number in range(count)] if command == "tokens" else markdown(count)
            if len(words) > 1:
                plan.pause_s = _seconds(words[1])
        case "pause":
            plan.pause_s = _seconds(words[0])
        case "wait":
            plan.wait_s = _seconds(words[0])
        case "reasoning":
            plan.reasoning = rest
        case "tool":
            name, _, arguments = rest.partition(" ")
            plan.calls.append((name, orjson.dumps(orjson.loads(arguments or "{}")).decode()))
        case "fail":
            plan.fail = int(words[0])
            if not 400 <= plan.fail < 600:
                raise ValueError(plan.fail)
        case "break":
            plan.break_after = int(words[0])
        case "finish":
            plan.finish = _reason(words[0])
        case "image":
            plan.image = True


def _reason(word: str) -> FinishReason:
    if word == "stop" or word == "length" or word == "content_filter":  # noqa: PLR1714 - narrows the type
        return word
    raise ValueError(word)


def _seconds(text: str) -> float:
    match = _DURATION.match(text)
    if match is None:
        raise ValueError(text)
    return float(match[1]) / (1000 if match[2] == "ms" else 1)


def _events(plan: _Plan, request: ChatRequest) -> Iterator[Event]:
    for piece in _PIECE.findall(plan.reasoning):
        yield ReasoningDelta(piece)
    text = "\n".join(plan.text)
    pieces = plan.pieces
    if isinstance(request.response_format, JsonObject):
        pieces = ["{}"]
    elif request.response_format is not None:
        pieces = [orjson.dumps(_smallest(request.response_format.schema)).decode()]
    elif pieces is None:
        pieces = _PIECE.findall(text)
    if request.max_tokens is not None and len(pieces) > request.max_tokens:
        pieces, plan.finish = pieces[: request.max_tokens], "length"
    for piece in pieces:
        yield TextDelta(piece)
    if plan.image:
        yield ImageOutput(_ONE_PIXEL, "image/png")
    for index, (name, arguments) in enumerate(plan.calls):
        yield ToolCallStart(index, f"call_{index}", name)
        middle = len(arguments) // 2
        yield ToolCallDelta(index, arguments[:middle])
        yield ToolCallDelta(index, arguments[middle:])


def _smallest(schema: Any) -> Any:
    """The smallest value that a plain JSON schema allows (no references, no patterns)."""
    if not isinstance(schema, dict):
        return None
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for combined in ("anyOf", "oneOf", "allOf"):
        if schema.get(combined):
            return _smallest(schema[combined][0])
    kind = schema.get("type")
    match kind[0] if isinstance(kind, list) else kind:
        case "object" | None if "properties" in schema or kind == "object":
            properties = schema.get("properties", {})
            return {name: _smallest(properties.get(name, {})) for name in schema.get("required", properties)}
        case "array":
            return [_smallest(schema.get("items", {}))] * schema.get("minItems", 0)
        case "string":
            return "x" * schema.get("minLength", 0) or "echo"[: schema.get("maxLength", 4)]
        case "integer" | "number":
            return schema.get("minimum", 0)
        case "boolean":
            return False
        case _:
            return None
