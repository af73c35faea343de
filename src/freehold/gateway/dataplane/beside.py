"""What the requests for the endpoints beside chat have in common: they go on as they came, and their answers, too."""

from collections.abc import Iterator, Mapping
from typing import Any

from freehold.errors import ModelCannot
from freehold.gateway.dataplane.answering import WHOLE_ANSWER_S
from freehold.gateway.dataplane.contents import content_of_body, every_text
from freehold.gateway.meter import Meter, Size
from freehold.gateway.privacy.masking import Mask
from freehold.gateway.routing.content import Content
from freehold.gateway.routing.deployment import ANYTHING
from freehold.providers.base import Provider
from freehold.providers.service import Resolved
from freehold.wire.fields import model_of, refuse_control

_ABILITY = {
    "openai_embeddings": "make embeddings",
    "openai_images": "make images",
    "openai_image_edits": "change images",
    "openai_speech": "read text aloud",
    "openai_transcriptions": "write down sound",
    "openai_translations": "translate sound",
}


class Beside:
    """A request that only one kind of provider can take; `media_type` is the answer's once its first piece is here."""

    need = ANYTHING
    consent: frozenset[str] = frozenset()
    operation = "generate_content"

    def __init__(self, kind: str, told: Mapping[str, Any], size: Size) -> None:
        """`kind` as `Provider.speaks` is asked; `told` are the fields of the request. Raises InvalidRequest."""
        refuse_control(told)
        self.kind = kind
        self.told = told
        self.model = model_of(told)
        self.size = size
        self.media_type = b"application/json"
        self.patience_s: float | None = WHOLE_ANSWER_S

    def texts(self) -> Iterator[str]:
        """Every text of its fields."""
        return every_text(self.told)

    def hide(self, mask: Mask) -> bool:
        """No: these answers are not text that could be put right again."""
        del mask
        return False

    def judging(self) -> None:
        """There is nothing in it that could be judged."""

    def content(self) -> Content:
        """What its fields say; files of a form are not read."""
        return content_of_body(self.told)

    def meter(self, resolved: Resolved, started: float) -> Meter:
        """A meter that estimates from the size of the request what a provider does not count."""
        return Meter(resolved.config, resolved.card, self.size, started)

    def shorten(self, output_tokens: int) -> bool:
        """These answers have no such limit."""
        del output_tokens
        return False

    def queued(self, position: int) -> bytes | None:
        """Nothing: the head of the answer comes with its first piece."""
        del position

    def taker(self, resolved: Resolved) -> Provider:
        """The provider, which takes such requests. Raises ModelCannot where it does not."""
        provider, config = resolved.provider, resolved.config
        if not provider.speaks(self.kind):
            raise ModelCannot(
                f"{config.name} cannot {_ABILITY[self.kind]} through this gateway.",
                next_step="Name a model of a provider that speaks OpenAI's API.",
                provider=config.name,
                provider_id=config.id,
                model=self.model,
            )
        return provider
