"""Says no, in one way, to a request that needs what the provider's manifest does not list."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from freehold import errors
from freehold.providers.base import ProviderConfig
from freehold.providers.registry import Manifest, manifest_for
from freehold.wire.request import OLLAMA_MEMORY, Audio, ChatRequest, Document, Image, Part, ToolResult

_SAME_API = "Leave the field out, or name a model whose provider speaks the API that you call."


def parts(request: ChatRequest) -> Iterator[Part]:
    """Every part of every message, and those inside tool results."""
    for message in request.messages:
        for part in message.parts:
            yield part
            if isinstance(part, ToolResult):
                yield from part.media()


def lacking(manifest: Manifest, request: ChatRequest) -> tuple[str, str] | None:
    """The first thing that a request needs and a provider cannot: its name, and what completes "cannot ...".

    Wishes are no needs: `reasoning_effort`, `seed`, `strict`, names of participants, cache points.
    """
    return _lacking_input(manifest, request) or _lacking_form(manifest, request)


def _lacking_input(manifest: Manifest, request: ChatRequest) -> tuple[str, str] | None:
    for part in parts(request):
        if isinstance(part, Image) and "vision" not in manifest.abilities:
            return "vision", "see images"
        if isinstance(part, Audio) and not ("audio" in manifest.abilities and _takes(manifest, part.media_type)):
            return "audio", f"hear {part.media_type}"
        if isinstance(part, Document) and not _takes(manifest, part.media_type):
            return "documents", f"read files of type {part.media_type}"
    return None


def _takes(manifest: Manifest, media_type: str) -> bool:
    return any(fnmatchcase(media_type, pattern) for pattern in manifest.media)


def _lacking_form(manifest: Manifest, request: ChatRequest) -> tuple[str, str] | None:
    if request.tools and request.tool_choice != "none":
        if "tools" not in manifest.abilities:
            return "tools", "call tools"
        if request.tool_choice not in (None, "auto") and "tool_choice" not in manifest.takes:
            return "tool_choice", "be made to call a tool"
        if request.parallel_tool_calls is False and "parallel_tool_calls" not in manifest.takes:
            return "parallel_tool_calls", "be held to one tool call at a time"
    if request.response_format is not None and "json_schema" not in manifest.abilities:
        return "json_schema", "answer in a given JSON form"
    for name in request.extra:
        if name not in manifest.sampling and "*" not in manifest.sampling and name not in OLLAMA_MEMORY:
            return name, f"take the field {name}"
    for item in request.verbatim_only:
        return item.field, f"be asked with {item.field} through this API"
    return None


def require(config: ProviderConfig, request: ChatRequest) -> None:
    """Raise ModelCannot naming the first thing that the dialect of the provider cannot carry."""
    found = lacking(manifest_for(config.kind), request)
    if found is not None:
        ability, words = found
        steps = {item.field: item.next_step or _SAME_API for item in request.verbatim_only}
        raise errors.ModelCannot(
            f"{request.model} at {config.name} cannot {words}.",
            next_step=steps.get(ability, _SAME_API if ability in request.extra else None),
            provider=config.name,
            provider_id=config.id,
            model=request.model,
            ability=ability,
        )
