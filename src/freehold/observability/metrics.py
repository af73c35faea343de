"""Prometheus metrics of this process; labels are bounded by routes and configured providers, never by input."""

from functools import cache
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector

from freehold import __version__
from freehold.observability.tallies import Spread, SpreadFamily, Tally, TallyFamily

if TYPE_CHECKING:
    from threading import Thread
    from wsgiref.simple_server import WSGIServer

CONTENT_TYPE = CONTENT_TYPE_LATEST
REGISTRY = CollectorRegistry(auto_describe=True)
ProcessCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)

BUILD = Gauge("freehold_build_info", "The running version.", ("version",), registry=REGISTRY)
BUILD.labels(__version__).set(1)
REQUESTS = TallyFamily("freehold_http_requests", "Requests answered.", ("method", "route", "status"), REGISTRY)
REQUEST_SECONDS = SpreadFamily(
    "freehold_http_request_seconds", "Time to the first byte of the answer.", ("method", "route"), _SECONDS, REGISTRY
)
IN_FLIGHT = Gauge("freehold_http_requests_in_flight", "Requests being answered.", registry=REGISTRY)


class InFlight:
    """How many requests are being answered: a plain number, because a gauge of its own would lock for each request."""

    count = 0


in_flight = InFlight()
IN_FLIGHT.set_function(lambda: in_flight.count)
GENERATIONS = Counter(
    "freehold_generations", "Answers that ended, by provider and how.", ("provider", "status"), registry=REGISTRY
)
GENERATIONS_RUNNING = Gauge("freehold_generations_running", "Answers being written.", registry=REGISTRY)
UPSTREAM_REQUESTS = TallyFamily(
    "freehold_upstream_requests", "Requests to providers, by outcome (ok or the error code).", ("provider", "outcome"),
    REGISTRY,
)  # fmt: skip
UPSTREAM_FIRST_TOKEN_SECONDS = SpreadFamily(
    "freehold_upstream_first_token_seconds", "Time to a provider's first token.", ("provider",), _SECONDS, REGISTRY
)
ROUTE_STEPS = Counter(
    "freehold_route_steps", "Tries by alias, provider and why (chosen, fallback, ...).", ("alias", "provider", "kind"),
    registry=REGISTRY,
)  # fmt: skip
DEPLOYMENT_OPEN = Gauge(
    "freehold_deployment_open", "1 while a target of an alias is left alone after failures.", ("deployment",),
    registry=REGISTRY,
)  # fmt: skip
TRIAL_HALTED = Gauge(
    "freehold_routing_trial_halted", "1 while the trial of freehold.yaml is halted by its guards.", registry=REGISTRY
)
QUEUE_WAITING = Gauge(
    "freehold_queue_waiting", "Requests that wait for a place at a provider with slots.", ("provider",),
    registry=REGISTRY,
)  # fmt: skip
TOKENS = TallyFamily(
    "freehold_tokens", "Tokens by provider and kind (input or output).", ("provider", "kind"), REGISTRY
)
USAGE_WAITING = Gauge("freehold_usage_records_waiting", "Calls that the database has not taken yet.", registry=REGISTRY)
USAGE_LOST = Counter(
    "freehold_usage_records_lost", "Calls that found neither database nor disk to be written to.", registry=REGISTRY
)
REFUSALS = Counter(
    "freehold_admission_refused", "Calls refused by a limit or a budget, by the code of the refusal.", ("code",),
    registry=REGISTRY,
)  # fmt: skip
CASCADE = Counter(
    "freehold_cascade", "Answers of models in the house that were judged, by what came of it (kept, majority, "
    "escalated, stayed, offered) and what was wrong with them.", ("outcome", "check"), registry=REGISTRY,
)  # fmt: skip
CASCADE_SECONDS = SpreadFamily(
    "freehold_cascade_seconds", "How long an answer waited to be judged, a second model included.", ("outcome",),
    _SECONDS, REGISTRY,
)  # fmt: skip
SHADOWS = Counter(
    "freehold_shadows", "Answers of models in the house that were drawn to be compared with the premium model's, by "
    "what came of it (local, premium, tie, unclear, failed, not_now, too_many).", ("outcome",), registry=REGISTRY,
)  # fmt: skip
DATA_AT_THE_BORDER = Counter(
    "freehold_data_at_the_border", "Calls that held a class of data that is watched, by what was done: mask, in_house, "
    "ask or block.", ("action",), registry=REGISTRY,
)  # fmt: skip

CACHE_LOOKUPS = TallyFamily(
    "freehold_cache_lookups", "Requests to the answer cache by its word: hit, similar, faq, miss, refresh or bypass.",
    ("state",), REGISTRY,
)  # fmt: skip


@cache
def _request_children(method: str, route: str, status: int) -> tuple[Tally, Spread]:
    return REQUESTS.labels(method, route, str(status)), REQUEST_SECONDS.labels(method, route)


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count an answered request; the labels must be bounded."""
    requests, durations = _request_children(method, route, status)
    requests.value += 1
    durations.observe(seconds)


@cache
def _call_children(provider: str) -> tuple[Spread, Tally, Tally]:
    first = UPSTREAM_FIRST_TOKEN_SECONDS.labels(provider)
    return first, TOKENS.labels(provider, "input"), TOKENS.labels(provider, "output")


def count_call(provider: str, first_token_s: float | None, input_tokens: int, output_tokens: int) -> None:
    """Count a call of a model that ended."""
    first, read, written = _call_children(provider)
    if first_token_s is not None:
        first.observe(first_token_s)
    read.value += input_tokens
    written.value += output_tokens


@cache
def cache_lookups(state: str) -> Tally:
    """The counter of requests of which the answer cache said this."""
    return CACHE_LOOKUPS.labels(state)


@cache
def upstream_requests(provider: str, outcome: str) -> Tally:
    """The counter of a configured provider's requests that ended like that: ok or the error's code."""
    return UPSTREAM_REQUESTS.labels(provider, outcome)


def exposition() -> bytes:
    """The metrics in Prometheus' text format."""
    return generate_latest(REGISTRY)


def serve(host: str, port: int) -> "tuple[WSGIServer, Thread]":
    """Answer /metrics on a port of its own, in a thread of its own; raises OSError when the port is taken."""
    from prometheus_client import start_http_server

    return start_http_server(port, host, registry=REGISTRY)
