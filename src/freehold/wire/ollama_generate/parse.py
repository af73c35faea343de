"""Body of POST /api/generate -> canonical request."""

from typing import Any

from freehold.wire.dialect import Parsed
from freehold.wire.fields import optional_text
from freehold.wire.ollama_chat.messages import images_of
from freehold.wire.ollama_chat.parse import SETTINGS, OllamaOptions, parsed
from freehold.wire.request import Message, Part, Text, Verbatim

_KNOWN = SETTINGS | {"prompt", "system", "images"}


def parse(body: dict[str, Any]) -> Parsed[OllamaOptions]:
    """The canonical form; a prompt without text asks for nothing but that the model be loaded. Raises InvalidRequest.

    `suffix`, `template`, `context` and `raw` work on the model's own tokens, so they go to Ollama alone.
    """
    verbatim = [Verbatim(name) for name in sorted(body.keys() - _KNOWN) if body[name] not in (None, False, "", [])]
    messages: list[Message] = []
    if system := optional_text(body, "system"):
        messages.append(Message("system", (Text(system),)))
    prompt = optional_text(body, "prompt")
    parts: tuple[Part, ...] = (*((Text(prompt),) if prompt else ()), *images_of(body.get("images"), "images"))
    if parts:
        messages.append(Message("user", parts))
    return parsed(body, tuple(messages), verbatim, endpoint="generate", load=not parts and not verbatim)
