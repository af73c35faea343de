"""Spans of calls of models, sent by OTLP/HTTP where an endpoint is set; else nothing is imported and nothing recorded.

OpenTelemetry's conventions for generative AI (https://github.com/open-telemetry/semantic-conventions-genai), without
anything of what was asked or answered. One span for a request, and one of kind CLIENT below it for each attempt; tokens
are on the attempts alone, so that adding them up counts nothing twice.
"""

import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog

from freehold import __version__
from freehold.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, Tracer

Value = str | bool | int | float | list[str]

_PATH = "/v1/traces"
# how the conventions call vendors that the catalogue calls otherwise
_PROVIDERS = {
    "azure": "azure.ai.openai",
    "bedrock": "aws.bedrock",
    "gemini": "gcp.gemini",
    "google": "gcp.gemini",
    "mistral": "mistral_ai",
    "moonshot": "moonshot_ai",
    "vertex": "gcp.vertex_ai",
    "watsonx": "ibm.watsonx.ai",
    "xai": "x_ai",
}

_caller: ContextVar["Context | None"] = ContextVar("caller's trace", default=None)
_onward: ContextVar[Mapping[str, str] | None] = ContextVar("trace headers", default=None)
_log = structlog.get_logger(__name__)


def onward_headers() -> Mapping[str, str] | None:
    """The headers that continue the trace at a self-hosted server, of the attempt under way in this task, if any."""
    return _onward.get()


class Tracing:
    """One per process, where traces are wanted."""

    def __init__(self, provider: "TracerProvider") -> None:
        self._provider = provider
        self._tracer: Tracer = provider.get_tracer("freehold", __version__)

    @classmethod
    def opened(cls, settings: Settings) -> "Tracing | None":
        """Send to `tracing.endpoint`; None without one, and without the extra `otel`, which is said in the log."""
        endpoint = settings.tracing.endpoint
        if endpoint is None:
            return None
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import OTELResourceDetector, Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ImportError:
            _log.warning("tracing_not_installed", endpoint=endpoint, install="freehold[otel]")
            return None
        url = endpoint if endpoint.endswith(_PATH) else endpoint.rstrip("/") + _PATH
        ours = Resource({"service.name": "freehold", "service.version": __version__})
        # OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win; OTEL_TRACES_SAMPLER and OTEL_BSP_* are the library's
        provider = TracerProvider(resource=ours.merge(OTELResourceDetector().detect()))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url)))
        _log.info("tracing", endpoint=url)
        return cls(provider)

    def arrived(self, traceparent: bytes | None, tracestate: bytes | None) -> None:
        """A request came with these headers (W3C Trace Context): its spans are part of the caller's trace."""
        if traceparent is None:
            return
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        carrier = {"traceparent": traceparent.decode("latin-1")}
        if tracestate is not None:
            carrier["tracestate"] = tracestate.decode("latin-1")
        _caller.set(TraceContextTextMapPropagator().extract(carrier))

    def call(self, operation: str, requested: str, source: str) -> "CallTrace":
        """A call begins; `operation` as the conventions name it, `requested` the model or alias that was asked for."""
        return CallTrace(self._tracer, operation, requested, source)

    def stop(self) -> None:
        """Send what waits. Blocks."""
        self._provider.shutdown()


class CallTrace:
    """The span of one call, and those of its attempts; `end` it exactly once."""

    __slots__ = ("_attempts", "_operation", "_span", "_tracer")

    def __init__(self, tracer: "Tracer", operation: str, requested: str, source: str) -> None:
        from opentelemetry.trace import SpanKind

        self._tracer = tracer
        self._operation = operation
        kind = SpanKind.SERVER if source == "api" else SpanKind.INTERNAL
        self._attempts: list[AttemptTrace] = []
        self._span = tracer.start_span(
            f"{operation} {requested}",
            context=_caller.get(),
            kind=kind,
            attributes={
                "gen_ai.operation.name": operation,
                "gen_ai.request.model": requested,
                "freehold.source": source,
            },
        )

    def attempt(
        self,
        kind: str,
        model_id: str,
        *,
        reason: str,
        base_url: str | None,
        self_hosted: bool,
        told: Callable[[], Mapping[str, Value | None]],
    ) -> "AttemptTrace":
        """A deployment is asked, from now on. `kind` is the provider's; `told` says at the end what it took.

        Only a self-hosted server is told of the trace: what a company's traces are called is none of a vendor's
        business.
        """
        from opentelemetry.trace import SpanKind, set_span_in_context
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        attributes: dict[str, Value] = {
            "gen_ai.operation.name": self._operation,
            "gen_ai.provider.name": _PROVIDERS.get(kind, kind),
            "gen_ai.request.model": model_id,
            "freehold.attempt": reason,
            "freehold.self_hosted": self_hosted,
        }
        attributes.update(_server(base_url))
        span = self._tracer.start_span(
            f"{self._operation} {model_id}",
            context=set_span_in_context(self._span),
            kind=SpanKind.CLIENT,
            attributes=attributes,
        )
        headers: dict[str, str] = {}
        if self_hosted:
            TraceContextTextMapPropagator().inject(headers, context=set_span_in_context(span))
        _onward.set(headers or None)
        one = AttemptTrace(span, told)
        self._attempts.append(one)
        return one

    def end(self, error: str | None, attributes: Mapping[str, Value | None]) -> None:
        """The call is over; `error` is the code of what it failed with."""
        for attempt in self._attempts:
            attempt.end()
        _end(self._span, error, attributes)


class AttemptTrace:
    """The span of one attempt: `over` when it ended, which is told with all it took when the call ends."""

    __slots__ = ("_error", "_over_ns", "_span", "_told")

    def __init__(self, span: "Span", told: Callable[[], Mapping[str, Value | None]]) -> None:
        self._span = span
        self._told = told
        self._error: str | None = None
        self._over_ns: int | None = None

    def over(self, error: str | None) -> None:
        """It ended now, with that error's code or well."""
        self._error, self._over_ns = error, time.time_ns()

    def end(self) -> None:
        """Nothing more will be known of it."""
        _end(self._span, self._error, self._told(), self._over_ns)


def _end(span: "Span", error: str | None, attributes: Mapping[str, Any], at_ns: int | None = None) -> None:
    for name, value in attributes.items():
        if value is not None:
            span.set_attribute(name, value)
    if error is not None:
        from opentelemetry.trace import StatusCode

        span.set_attribute("error.type", error)
        span.set_status(StatusCode.ERROR)
    span.end(at_ns)


def _server(base_url: str | None) -> dict[str, Value]:
    if not base_url:
        return {}
    parts = urlsplit(base_url)
    if parts.hostname is None:
        return {}
    return {"server.address": parts.hostname, "server.port": parts.port or (443 if parts.scheme == "https" else 80)}
