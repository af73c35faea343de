"""The account of a call: what is counted, what is estimated, what it costs."""

import pytest

from freehold.gateway.meter import Meter, Size, cost_usd, estimate_tokens, most_usd, request_tokens, size_of
from freehold.providers.base import ModelCard, Prices, ProviderConfig
from freehold.wire.events import Finish, ReasoningDelta, Stage, TextDelta, ToolCallDelta, ToolCallStart, Usage
from freehold.wire.request import ChatRequest, Image, Message, Text

OUTSIDE = ProviderConfig("acme", "openai_compatible", "Acme")
HOUSE = ProviderConfig("box", "ollama", "Box", self_hosted=True)
PRICED = ModelCard("m", prices=Prices(input=2.0, output=8.0, cached_input=0.5))
REQUEST = ChatRequest("m", (Message("user", (Text("How are you today?"),)),))


def metered(config: ProviderConfig, card: ModelCard, *events: object) -> Meter:
    """One event each 100 ms, the end 100 ms after the last."""
    meter = Meter(config, card, size_of(REQUEST), started=10.0)
    for number, event in enumerate(events, start=1):
        meter.see(event, 10.0 + number / 10)  # type: ignore[arg-type]
    meter.finish(10.0 + (len(events) + 1) / 10)
    return meter


def test_counts_and_prices_are_the_providers_own() -> None:
    usage = Usage(1_000, 500, cached_input_tokens=400, reasoning_tokens=20)
    record = metered(OUTSIDE, PRICED, TextDelta("Hi"), usage, Finish("stop")).record
    assert (record.input_tokens, record.output_tokens, record.cached_input_tokens) == (1_000, 500, 400)
    assert record.reasoning_tokens == 20
    assert record.usage_estimated is False
    assert record.cost_usd == pytest.approx((600 * 2.0 + 400 * 0.5 + 500 * 8.0) / 1e6)
    assert record.finish_reason == "stop"


def test_time_to_the_first_token_counts_thinking_and_leaves_stages_out() -> None:
    events = (Stage("loading_model"), ReasoningDelta("hm"), TextDelta("Hi"), Usage(3, 40), Finish("stop"))
    record = metered(OUTSIDE, PRICED, *events).record
    assert record.first_token_ms == pytest.approx(200)
    assert record.duration_ms == pytest.approx(600)
    assert record.tokens_per_second == pytest.approx(40 / 0.4)


def test_a_provider_that_does_not_count_is_estimated_and_says_so() -> None:
    record = metered(OUTSIDE, PRICED, TextDelta("word " * 80), ReasoningDelta("hmm " * 10), Finish("stop")).record
    assert record.usage_estimated is True
    assert record.output_tokens == 110
    assert record.reasoning_tokens == 10
    assert record.input_tokens == request_tokens(REQUEST)
    assert record.cost_usd is not None
    assert record.cost_usd > 0


def test_tool_calls_count_as_output() -> None:
    events = (ToolCallStart(0, "c1", "weather"), ToolCallDelta(0, '{"city": "Ulm"}'), Finish("tool_calls"))
    assert metered(OUTSIDE, PRICED, *events).record.output_tokens == round(7 / 4 + 15 / 4)


def test_in_house_is_free_and_an_unknown_price_is_not() -> None:
    assert metered(HOUSE, PRICED, TextDelta("Hi"), Usage(9, 9), Finish("stop")).record.cost_usd == 0.0
    unknown = ModelCard("m", prices=Prices(input=1.0))
    assert metered(OUTSIDE, unknown, TextDelta("Hi"), Usage(9, 9), Finish("stop")).record.cost_usd is None


def test_a_call_that_never_began_has_no_counts() -> None:
    record = metered(OUTSIDE, PRICED).record
    assert (record.input_tokens, record.output_tokens, record.first_token_ms) == (None, None, None)
    assert record.cost_usd is None
    assert record.duration_ms == pytest.approx(100)


def test_cached_input_without_a_price_of_its_own_costs_what_input_does() -> None:
    card = ModelCard("m", prices=Prices(input=2.0, output=8.0))
    assert cost_usd(card, Usage(1_000_000, 0, cached_input_tokens=500_000)) == pytest.approx(2.0)


def test_parts_with_a_price_of_their_own_cost_that() -> None:
    own = Prices(
        input=2.0, output=8.0, cached_input=0.5, cache_write=2.5, audio_input=40.0, audio_output=80.0, image_output=30.0
    )
    usage = Usage(
        1_000_000,
        1_000_000,
        cached_input_tokens=100_000,
        cache_write_tokens=200_000,
        audio_input_tokens=300_000,
        audio_output_tokens=100_000,
        image_output_tokens=400_000,
    )
    cost = 0.4 * 2 + 0.1 * 0.5 + 0.2 * 2.5 + 0.3 * 40 + 0.5 * 8 + 0.1 * 80 + 0.4 * 30
    assert cost_usd(ModelCard("m", prices=own), usage) == pytest.approx(cost)
    assert cost_usd(ModelCard("m", prices=Prices(input=2.0, output=8.0)), usage) == pytest.approx(10.0)


def test_only_what_was_used_needs_a_price() -> None:
    card = ModelCard("m", kind="embedding", prices=Prices(input=0.02))
    assert cost_usd(card, Usage(1_000_000, 0)) == pytest.approx(0.02)
    assert cost_usd(card, Usage(1_000_000, 1)) is None
    assert most_usd(card, Size(1_000_000)) == pytest.approx(0.02), "an embedding has no answer to reserve for"
    assert cost_usd(ModelCard("m"), Usage(0, 0)) is None


def test_chinese_is_not_counted_like_english() -> None:
    assert estimate_tokens("abcdefgh") == pytest.approx(2)
    assert estimate_tokens("你好世界吗呢") == pytest.approx(4)


def test_an_image_weighs_in_the_estimate() -> None:
    with_image = ChatRequest("m", (Message("user", (Text("look"), Image(b"x", "image/png"))),))
    assert request_tokens(with_image) > 800
