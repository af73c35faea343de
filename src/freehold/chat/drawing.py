"""Pictures by an image model: what was asked goes to it as OpenAI's images API has it, by way of the gateway.

The model is sent the question alone, its words and its pictures, and nothing of what was said before.
"""

import base64
import binascii
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import Any

import anyio.to_thread
import orjson

from freehold.access.subject import Subject
from freehold.chat import models, schemas
from freehold.chat.titles import text_of
from freehold.errors import InvalidRequest, ModelCannot, ProviderProtocolError
from freehold.files.service import IMAGES, MAX_FILE_BYTES, Files
from freehold.gateway.call import Described, Gateway, Routed
from freehold.gateway.dataplane.forwarding import Forwarded
from freehold.gateway.dataplane.uploads import Uploaded
from freehold.gateway.routing.policy import Thread
from freehold.providers.base import ModelCard, ProviderConfig
from freehold.providers.drawing import Drawing, drawing_of
from freehold.providers.upstream import Field, FilePart, Form
from freehold.wire.events import ImageOutput
from freehold.wire.request import Image

TOKENS_OF_A_PICTURE = 6_300
"""What a large picture of the best quality takes; so much is reserved of limits and budgets."""

_BROKEN = "sent no picture that can be read"


def draws(card: ModelCard) -> bool:
    """Whether the model is asked by way of the images API; those that speak as well are chat models."""
    return card.kind == "image"


class Drawings:
    """Asks for pictures."""

    def __init__(self, gateway: Gateway, files: Files) -> None:
        self._gateway = gateway
        self._files = files

    async def draw(
        self,
        subject: Subject,
        model: str,
        described: Described,
        *,
        question: models.Message,
        choice: schemas.Picture,
        thread: Thread,
    ) -> AsyncGenerator[Routed | ImageOutput]:
        """The pictures, after whoever makes them. Raises InvalidRequest, ModelCannot and as Gateway.answer."""
        prompt = text_of(question.parts).strip()
        if not prompt:
            raise InvalidRequest("There are no words that say what to draw.", next_step="Say what to draw.")
        shown = [part["file_id"] for part in question.parts if part["type"] == "image"]
        drawing = drawing_of(described.card.id)
        if shown and not drawing.edits:
            raise _cannot_edit(described)
        told = fields(model, prompt, choice, drawing)
        asked = Forwarded("openai_images", told)
        if shown:
            images = [await self._files.model_image(subject.user_id, file_id) for file_id in shown]
            asked = Uploaded("openai_image_edits", form_of(told, images))
        asked.consent = thread.consent
        asked.size = replace(asked.size, output_limit=told.get("n", 1) * TOKENS_OF_A_PICTURE)
        content: list[bytes] = []
        config = described.config
        async with aclosing(self._gateway.answer(subject, model, asked, "chat", thread=thread)) as items:
            async for item in items:
                if isinstance(item, Routed):
                    config = item.config
                    content.clear()
                    yield item
                else:
                    content.append(item)
        for data in await _pictures(b"".join(content), config):
            yield ImageOutput(data, "image/png")


def fields(model: str, prompt: str, choice: schemas.Picture, drawing: Drawing) -> dict[str, Any]:
    """The request, with what of the choice this model takes."""
    told: dict[str, Any] = {"model": model, "prompt": prompt}
    if (count := min(choice.count or 1, drawing.most)) > 1:
        told["n"] = count
    if choice.shape is not None and (size := drawing.sizes.get(choice.shape)):
        told["size"] = size
    if choice.quality is not None and (quality := drawing.qualities.get(choice.quality)):
        told["quality"] = quality
    if drawing.told_form:
        told["response_format"] = "b64_json"
    return told


def form_of(told: dict[str, Any], images: Sequence[Image]) -> Form:
    """The same as a form with the pictures that are to be changed."""
    name = "image" if len(images) == 1 else "image[]"
    files = (
        FilePart(
            name,
            f"image-{at}.{image.media_type.partition('/')[2]}",
            image.media_type,
            len(image.data),
            partial(_pieces, image.data),
        )
        for at, image in enumerate(images, 1)
    )
    return Form((*(Field(key, str(value)) for key, value in told.items()), *files))


async def _pieces(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def _pictures(content: bytes, config: ProviderConfig) -> list[bytes]:
    """The bytes of the answer's pictures, fetched where it names addresses. Raises ProviderProtocolError."""
    found: list[bytes] = []
    try:
        for entry in orjson.loads(content)["data"]:
            if isinstance(inside := entry.get("b64_json"), str):
                encoded = inside.partition(",")[2] if inside.startswith("data:") else inside
                found.append(base64.b64decode("".join(encoded.split()), validate=True))
            else:
                found.append(await _fetched(str(entry["url"]), config))
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise _broken(config, _BROKEN) from error
    if not found or not all(data.startswith(IMAGES) for data in found):
        raise _broken(config, _BROKEN)
    return found


async def _fetched(url: str, config: ProviderConfig) -> bytes:
    # few models answer with addresses, and the client would take a part of each start
    await anyio.to_thread.run_sync(import_module, "freehold.kit.http")  # reads files
    import httpx2

    from freehold.kit.http import AddressRefused, Door, OutboundHttp

    doors = [Door.of(config.base_url)] if config.base_url else []
    client = OutboundHttp(doors, read_s=60)
    data = bytearray()
    try:
        async with client.stream("GET", url) as response:
            response.raise_for_status()
            async for piece in response.aiter_bytes():
                data += piece
                if len(data) > MAX_FILE_BYTES:
                    raise _broken(config, "made a picture that is too large")
    except (AddressRefused, httpx2.HTTPError) as error:
        raise _broken(config, "made a picture that cannot be fetched") from error
    finally:
        await client.aclose()
    return bytes(data)


def _broken(config: ProviderConfig, what: str) -> ProviderProtocolError:
    return ProviderProtocolError(f"{config.name} {what}.", provider=config.name, provider_id=config.id)


def _cannot_edit(described: Described) -> ModelCannot:
    card, config = described.card, described.config
    return ModelCannot(
        f"{card.name or card.id} cannot change pictures.",
        next_step="Pick a model that changes pictures, or send the words without them.",
        provider=config.name,
        provider_id=config.id,
        model=card.name or card.id,
        ability="image_edits",
    )
