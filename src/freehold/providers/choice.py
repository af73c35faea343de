"""Pure choices among the configured models: what a reference means, the default, the one that writes titles."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from freehold.errors import ModelNotFound
from freehold.providers.base import ModelCard, ProviderConfig
from freehold.providers.cards import Offer

_NEAR = 3
_UNKNOWN_SPEED = 10.0  # tokens per second of a local model nobody has measured and whose size is unknown
_BYTES_PER_SECOND = 2e10  # memory bandwidth of an ordinary machine: each token reads the weights once


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that may be asked now. `failing`: the provider did not answer when it was tried last."""

    config: ProviderConfig
    offer: Offer
    failing: bool = False

    @property
    def ref(self) -> str:
        return f"{self.config.id}/{self.offer.card.id}"

    @property
    def card(self) -> ModelCard:
        return self.offer.effective()


def find(ref: str, candidates: Sequence[Candidate]) -> Candidate:
    """What `provider_id/model_id`, or a model id that only one provider has, stands for. Raises ModelNotFound."""
    for candidate in candidates:
        if candidate.ref == ref:
            return candidate
    bare = [candidate for candidate in candidates if candidate.offer.card.id == ref]
    if len(bare) == 1:
        return bare[0]
    if bare:
        names = [candidate.ref for candidate in bare]
        raise ModelNotFound(
            f"Several providers offer {ref}.",
            next_step=f"Name the provider, too: {', '.join(names[:_NEAR])}.",
            provider=bare[0].config.name,
            provider_id=bare[0].config.id,
            model=ref,
            near=names,
        )
    raise not_found(ref, candidates)


def not_found(ref: str, candidates: Iterable[Candidate], provider: ProviderConfig | None = None) -> ModelNotFound:
    """The error for a reference that means nothing, with the closest ones that do."""
    near = near_matches(ref, [candidate.ref for candidate in candidates])
    where = f" at {provider.name}" if provider else ""
    return ModelNotFound(
        f"There is no model {ref!r}{where}, or it is turned off.",
        next_step=f"Did you mean {' or '.join(near)}? Else pick another model." if near else None,
        provider=provider.name if provider else "",
        provider_id=provider.id if provider else "",
        model=ref,
        near=near,
    )


def near_matches(ref: str, refs: Sequence[str]) -> list[str]:
    """At most three references that look like `ref`, the closest first."""
    wanted = ref.casefold()
    by_folded = {name.casefold(): name for name in refs}
    tails = {name.partition("/")[2]: full for name, full in by_folded.items()}
    hits = [by_folded[name] for name in difflib.get_close_matches(wanted, by_folded, n=_NEAR, cutoff=0.75)]
    hits += [tails[name] for name in difflib.get_close_matches(wanted.rpartition("/")[2], tails, n=_NEAR, cutoff=0.6)]
    return list(dict.fromkeys(hits))[:_NEAR]


def default_model(candidates: Iterable[Candidate], preferred: str | None) -> str | None:
    """The person's choice while it can be used, else in-house before outside before a demonstration, None without any.

    Among the outside ones a model whose card says something comes before one that nobody knows; a provider that did not
    answer lately comes after all that did.
    """
    usable = [candidate for candidate in candidates if candidate.card.kind == "chat"]
    if preferred is not None and any(candidate.ref == preferred for candidate in usable):
        return preferred

    def rank(candidate: Candidate) -> tuple[bool, int, bool]:
        card = candidate.card
        if card.demonstration:
            place = 3 if candidate.config.kind == "echo" else 2
        else:
            place = 0 if candidate.config.self_hosted else 1
        known = card.context_tokens is not None or card.prices.output is not None
        return candidate.failing, place, not known

    return min(usable, key=rank).ref if usable else None


def local_model(candidates: Iterable[Candidate], measured: Mapping[str, float], least_context: int = 0) -> str | None:
    """The in-house chat model for titles and other small work, or None.

    A real model comes before a demonstration one, one that is known to have less context than `least_context` tokens
    after the others, one that answers straight away before one that thinks aloud, and then
    the faster: by `measured` (reference -> tokens per second), else by its size.
    """

    def rank(candidate: Candidate) -> tuple[bool, bool, bool, bool, float]:
        card = candidate.card
        speed = measured.get(candidate.ref)
        if speed is None:
            speed = _BYTES_PER_SECOND / card.size_bytes if card.size_bytes else _UNKNOWN_SPEED
        return (
            candidate.failing,
            card.demonstration,
            (card.context_tokens or least_context) < least_context,
            "reasoning" in card.abilities,
            -speed,
        )

    # echo answers by rule: it has no title to give
    kinds = [item for item in candidates if item.card.kind == "chat" and item.config.kind != "echo"]
    local = [item for item in kinds if item.config.self_hosted]
    return min(local, key=rank).ref if local else None
