"""Pure decisions: when to try again, and whether the model can do it."""

import pytest

from freehold.errors import (
    ModelCannot,
    ProviderError,
    ProviderKeyRejected,
    ProviderOverloaded,
    ProviderRateLimited,
    ProviderTimeout,
)
from freehold.gateway.routing import ability
from freehold.gateway.routing.retry import LONGEST_WAIT_S, MAX_RETRIES, wait_before_retry
from freehold.providers.base import ModelCard, ProviderConfig
from freehold.providers.cards import Offer
from freehold.wire.request import ChatRequest, Image, Message, Text

CONFIG = ProviderConfig("acme", "openai_compatible", "Acme")
WHO = {"provider": "Acme", "provider_id": "acme"}


@pytest.mark.parametrize("chance", [0.0, 0.5, 0.999])
def test_waits_are_spread_over_a_step_that_doubles(chance: float) -> None:
    error = ProviderOverloaded("busy", **WHO)
    waits = [wait_before_retry(error, failures, chance) for failures in range(1, MAX_RETRIES + 1)]
    assert waits[0] is not None
    assert waits[1] is not None
    assert waits == [max(0.05, 0.4 * chance), max(0.05, 0.8 * chance)]


def test_gives_up_after_two_retries() -> None:
    assert wait_before_retry(ProviderOverloaded("busy", **WHO), MAX_RETRIES + 1, 0.5) is None


@pytest.mark.parametrize("error", [ProviderKeyRejected("no", **WHO), ProviderTimeout("late", **WHO)])
def test_what_will_not_change_or_took_too_long_already_is_not_repeated(error: ProviderError) -> None:
    assert wait_before_retry(error, 1, 0.5) is None


def test_a_named_time_is_believed_up_to_five_seconds() -> None:
    soon = ProviderRateLimited("slow down", retry_after_s=3, **WHO)
    late = ProviderRateLimited("slow down", retry_after_s=LONGEST_WAIT_S + 1, **WHO)
    assert wait_before_retry(soon, 1, 0.0) == 3
    assert wait_before_retry(late, 1, 0.0) is None


def request(*parts: Text | Image) -> ChatRequest:
    return ChatRequest("m", (Message("user", parts),))


def test_images_are_refused_only_by_a_model_known_to_be_blind() -> None:
    picture = request(Text("what is this?"), Image(b"x", "image/png"))
    ability.check(picture, CONFIG, Offer(ModelCard("unknown"), enabled=True))
    ability.check(picture, CONFIG, Offer(ModelCard("eyes", abilities=frozenset({"vision"})), enabled=True))
    blind = Offer(ModelCard("blind", name="Blind One", abilities=frozenset({"tools"})), enabled=True)
    with pytest.raises(ModelCannot) as caught:
        ability.check(picture, CONFIG, blind)
    assert "Blind One" in caught.value.message
    assert caught.value.params["ability"] == "vision"
    ability.check(request(Text("hello")), CONFIG, blind)


def test_an_administrator_can_say_that_a_model_does_not_see() -> None:
    said = Offer(ModelCard("m"), enabled=True, overrides={"abilities": []})
    with pytest.raises(ModelCannot):
        ability.check(request(Image(b"x", "image/png")), CONFIG, said)
