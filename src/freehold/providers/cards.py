"""Model cards as they are stored, corrected by an administrator and shown; pure functions."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from freehold.errors import InvalidRequest
from freehold.providers import registry
from freehold.providers.base import Ability, ModelCard, Prices, PriceSource, ProviderConfig
from freehold.providers.drawing import drawing_of
from freehold.providers.schemas import DrawingInfo, ModelInfo, ModelPatch, PriceInfo
from freehold.settings.areas import DeclaredModel, DeclaredProvider

SENSIBLE_LIMIT = 30
"""A provider with more chat models than this starts with the well-known ones turned on."""

_SNAPSHOT = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{8}|\d{4})(?!\d)")  # gpt-4o-2024-08-06, claude-3-5-sonnet-20241022
_ABILITIES: frozenset[str] = frozenset(get_args(Ability))


@dataclass(frozen=True, slots=True)
class Offer:
    """A model of a configured provider: what it listed, what was changed of it, whether it may be used."""

    card: ModelCard
    enabled: bool
    source: Literal["listed", "manual"] = "listed"
    overrides: Mapping[str, Any] = field(default_factory=dict)
    upstream_id: str | None = None  # what the provider calls it, where a declaration says so (a deployment)
    prices_declared: bool = False

    def effective(self) -> ModelCard:
        """The card with the administrator's corrections."""
        return apply_overrides(self.card, self.overrides)

    @property
    def price_source(self) -> PriceSource:
        """Whose word its prices are; the declaration's counts before an administrator's before what is known."""
        if self.prices_declared:
            return "file"
        if "prices" in self.overrides:
            return "entered"
        return "unknown" if self.card.prices == Prices() else "catalogue"

    @property
    def usable(self) -> bool:
        """Turned on, and on the disk of a provider that keeps models there."""
        return self.enabled and self.card.installed

    @property
    def sees_images(self) -> bool | None:
        """None: nobody knows. A card with no ability at all says nothing, unless someone wrote it so."""
        card = self.effective()
        if "vision" in card.abilities:
            return True
        return False if card.abilities or "abilities" in self.overrides else None


class Overrides(BaseModel):
    """What an administrator may correct of a card; a field left out keeps the provider's word."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    kind: Literal["chat", "embedding", "image", "audio", "other"] | None = None
    context_tokens: Annotated[int, Field(gt=0)] | None = None
    max_output_tokens: Annotated[int, Field(gt=0)] | None = None
    abilities: list[Ability] | None = None
    description: Annotated[str, Field(max_length=2000)] | None = None


def parse_overrides(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Checked overrides in their stored form. Raises InvalidRequest that names the field."""
    try:
        return Overrides.model_validate(raw).model_dump(exclude_unset=True, exclude_none=True)
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(["overrides", *map(str, first["loc"])])
        raise InvalidRequest(f"{path}: {first['msg']}.", field=path) from None


def corrected(before: Mapping[str, Any], patch: ModelPatch) -> dict[str, Any]:
    """The stored corrections after the patch. Raises InvalidRequest that names the field."""
    after = dict(before)
    if patch.overrides is not None:
        prices = {"prices": before["prices"]} if "prices" in before else {}
        after = parse_overrides(patch.overrides) | prices
    if "prices" in patch.model_fields_set:
        after.pop("prices", None)
        if patch.prices is not None:
            # what is left out is stored, too: a price of the catalogue's for a part must not stand beside entered ones
            after["prices"] = patch.prices.model_dump()
    return after


def apply_overrides(card: ModelCard, overrides: Mapping[str, Any]) -> ModelCard:
    """`card` with the corrections laid over it."""
    if not overrides:
        return card
    changes: dict[str, Any] = {key: value for key, value in overrides.items() if key not in ("abilities", "prices")}
    if "abilities" in overrides:
        changes["abilities"] = frozenset(overrides["abilities"])
    if "prices" in overrides:
        changes["prices"] = replace(card.prices, **overrides["prices"])
    return replace(card, **changes)


def to_json(card: ModelCard) -> dict[str, Any]:
    """The stored form; only what is known."""
    data = {key: value for key, value in asdict(card).items() if value is not None}
    data["abilities"] = sorted(card.abilities)
    data["languages"] = list(card.languages)
    data["prices"] = {key: value for key, value in asdict(card.prices).items() if value is not None}
    if card.knowledge_cutoff is not None:
        data["knowledge_cutoff"] = card.knowledge_cutoff.isoformat()
    return data


def from_json(data: Mapping[str, Any]) -> ModelCard:
    """The card of a stored row; fields that a newer or older version wrote and we do not know are left out."""
    known = {key: data[key] for key in ModelCard.__dataclass_fields__ if key in data}
    known["abilities"] = frozenset(name for name in data.get("abilities", ()) if name in _ABILITIES)
    known["languages"] = tuple(data.get("languages", ()))
    prices = data.get("prices") or {}
    known["prices"] = Prices(**{key: prices[key] for key in Prices.__dataclass_fields__ if key in prices})
    if cutoff := data.get("knowledge_cutoff"):
        known["knowledge_cutoff"] = date.fromisoformat(cutoff)
    return ModelCard(**known)


def matches(model_id: str, patterns: Iterable[str]) -> bool:
    """Whether a declared id or pattern (`*` stands for anything) names the model."""
    return any(fnmatchcase(model_id, pattern) for pattern in patterns)


def is_pattern(declared_id: str) -> bool:
    """Whether a declared id stands for many; one that does not exists whether the provider lists it or not."""
    return any(mark in declared_id for mark in "*?[")


def on_own_disk(own: Mapping[str, Offer], stored: Mapping[str, Offer]) -> dict[str, Offer]:
    """The models that this server found on its disk, with what administrators chose and corrected of them anywhere.

    Another server on the same database may have others on its disk.
    """
    return {
        model_id: replace(offer, enabled=told.enabled, overrides=told.overrides)
        if (told := stored.get(model_id)) is not None
        else offer
        for model_id, offer in own.items()
    }


def declared_offers(
    declared: DeclaredProvider, stored: Mapping[str, Offer], known: Callable[[str], ModelCard]
) -> dict[str, Offer]:
    """The models of a declared provider: those it lists and those the declaration adds, less those it hides.

    `models` names all there are; without it `extra_models` come on top of the listed ones. What is named is on. Prices
    of the declaration stand in front of those that were entered in the app.
    `known`: what the catalogue says of a model that no listing has.
    """
    offers = dict(stored)
    for model in (*declared.declared_models, *declared.extra_models):
        if not is_pattern(model.id):
            offers.setdefault(model.id, Offer(known(model.id), enabled=True))
    for model_id, offer in list(offers.items()):
        word = naming(declared, model_id)
        if word is not None:
            said = _declared_overrides(word)
            priced = bool(said.get("prices"))
            offers[model_id] = replace(
                offer,
                card=apply_overrides(offer.card, said),
                enabled=True,
                overrides={key: value for key, value in offer.overrides.items() if not (priced and key == "prices")},
                upstream_id=word.deployment,
                prices_declared=priced,
            )
        elif declared.models or matches(model_id, declared.hidden_models):
            del offers[model_id]
    return offers


def naming(declared: DeclaredProvider, model_id: str) -> DeclaredModel | None:
    """The entry of the declaration that names the model, if any; naming it beats hiding it."""
    named = (*declared.declared_models, *declared.extra_models)
    return next((model for model in named if matches(model_id, [model.id])), None)


def adds(declared: DeclaredProvider, model_id: str) -> bool:
    """Whether the declaration names the model by its id, so that it is offered without being listed."""
    named = (*declared.declared_models, *declared.extra_models)
    return any(model.id == model_id and not is_pattern(model.id) for model in named)


def _declared_overrides(model: DeclaredModel) -> dict[str, Any]:
    fields = ("name", "context_tokens", "max_output_tokens", "abilities")
    said = {name: getattr(model, name) for name in fields if getattr(model, name) is not None}
    if "abilities" in said:
        said["abilities"] = [name for name in said["abilities"] if name in _ABILITIES]
    if model.prices is not None:
        said["prices"] = model.prices.model_dump(exclude_none=True)
    return said


def first_enabled(listed: Iterable[ModelCard], well_known: frozenset[str]) -> set[str]:
    """The ids turned on when a provider is listed for the first time: its chat models.

    Of more than SENSIBLE_LIMIT only the well-known ones, current names before dated snapshots, in the provider's order.
    """
    chat = [card.id for card in listed if card.kind == "chat"]
    if len(chat) <= SENSIBLE_LIMIT:
        return set(chat)
    known = [model_id for model_id in chat if model_id in well_known] or chat
    return set(sorted(known, key=lambda model_id: bool(_SNAPSHOT.search(model_id)))[:SENSIBLE_LIMIT])


def merge_listing(
    stored: Mapping[str, Offer], found: Mapping[str, ModelCard], chosen: set[str], *, fresh: bool
) -> tuple[dict[str, Offer], list[str]]:
    """What a new listing makes of the stored models: those to write and the ids to forget.

    Models seen before keep whether they are on, unless `fresh` says that `chosen` decides anew. Corrections stay
    always, and so do models that an administrator added although the provider does not list them.
    """
    kept: dict[str, Offer] = {}
    for model_id, card in found.items():
        before = stored.get(model_id)
        if before is None or fresh:
            kept[model_id] = Offer(card, model_id in chosen, overrides=before.overrides if before else {})
        else:
            kept[model_id] = replace(before, card=card, source="listed")
    gone = [model_id for model_id, offer in stored.items() if model_id not in found and offer.source == "listed"]
    return kept, gone


def model_info(config: ProviderConfig, offer: Offer) -> ModelInfo:
    """The model as the web app sees it."""
    card = offer.effective()
    return ModelInfo(
        **card_info(card, self_hosted=config.self_hosted),
        ref=f"{config.id}/{card.id}",
        provider_id=config.id,
        provider_name=config.name,
        price_source=None if config.self_hosted else offer.price_source,
        enabled=offer.enabled,
        manual=offer.source == "manual",
        fixed_sampling=registry.fixes_sampling(config.kind, card.id),
    )


def card_info(card: ModelCard, *, self_hosted: bool) -> dict[str, Any]:
    """What ModelInfo says of a card, whoever answers."""
    return {
        "id": card.id,
        "name": card.name or card.id,
        "self_hosted": self_hosted,
        "kind": card.kind,
        "installed": card.installed,
        "demonstration": card.demonstration,
        "context_tokens": card.context_tokens,
        "max_output_tokens": card.max_output_tokens,
        "abilities": sorted(card.abilities),
        "prices": None if self_hosted else PriceInfo.model_validate(card.prices),
        "knowledge_cutoff": card.knowledge_cutoff,
        "size_bytes": card.size_bytes,
        "license": card.license,
        "description": card.description,
        "languages": list(card.languages),
        "drawing": _drawing_info(card) if card.kind == "image" else None,
    }


def _drawing_info(card: ModelCard) -> DrawingInfo:
    drawing = drawing_of(card.id)
    return DrawingInfo(
        shapes=list(drawing.sizes), qualities=list(drawing.qualities), most=drawing.most, edits=drawing.edits
    )
