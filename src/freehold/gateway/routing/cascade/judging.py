"""What the cascade needs to know: of a plan, and of a request of which the answer is read before it goes out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from freehold.gateway.routing.cascade.checks import Given
from freehold.gateway.routing.deployment import Deployment
from freehold.settings.routing import CascadeSettings
from freehold.wire.answer import collect
from freehold.wire.events import Event
from freehold.wire.request import ChatRequest

Item_contra = TypeVar("Item_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Cascade:
    """What a plan says of it. `others`: models in the house beside the one of that reference, in the order in which
    they are asked.
    """

    settings: CascadeSettings
    others: Callable[[str], Iterator[Deployment]]


class Judging(Protocol[Item_contra]):
    """A request of which the answer is read."""

    @property
    def request(self) -> ChatRequest: ...

    def passes(self, item: Item_contra) -> bool:
        """Whether the item says only how far it is, so that nobody has to wait for it."""
        ...

    def ends(self, item: Item_contra) -> bool:
        """Whether the item is the end, behind which nothing is said any more."""
        ...

    def given(self, items: Sequence[Item_contra]) -> Given:
        """What these items say, all of a complete answer."""
        ...


def given_by(events: Sequence[Event]) -> Given:
    """What the events of a complete answer say."""
    answer = collect(events)
    calls = [(call.name, call.arguments) for call in answer.calls()]
    return Given(answer.text(), calls, answer.finish.reason, media=bool(answer.images()))
