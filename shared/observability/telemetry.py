"""Where did the time go, across services? OpenTelemetry spans, when an endpoint is configured and only then.

A span is recorded when the work is done, with its measured duration, as a child of the `traceparent` that
request and events carry: so one complaint is one trace through all services, although the outbox stands
between them. Without the `telemetry` extra or without an endpoint nothing is loaded and nothing is spent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from shared.clock import epoch_nanoseconds
from shared.errors import Unavailable

SpanKind = Literal["server", "consumer", "producer"]
_state: dict[str, Any] = {}


def configure(service: str, endpoint: str) -> None:
    """Send spans to the collector at `endpoint` (OTLP over HTTP, e.g. http://collector:4318).

    Raises Unavailable if the libraries are not installed.
    """
    if not endpoint:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError as error:
        raise Unavailable(
            "KESU_OTLP_ENDPOINT is set, but OpenTelemetry is not installed",
            field="KESU_OTLP_ENDPOINT",
            remedy="Install the extra: pip install 'kesu[telemetry]'.",
        ) from error
    provider = TracerProvider(resource=Resource.create({"service.name": f"kesu-{service}"}))
    provider.add_span_processor(
        BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces"))
    )
    use(provider)


def use(provider: Any) -> None:
    """Record spans with this provider; None: record nothing."""
    _state.clear()
    if provider is not None:
        from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415 - optional library
            TraceContextTextMapPropagator,
        )

        _state["provider"] = provider
        _state["tracer"] = provider.get_tracer("kesu")
        _state["propagator"] = TraceContextTextMapPropagator()


def is_on() -> bool:
    """Whether anybody collects spans."""
    return bool(_state)


def record(
    name: str,
    kind: SpanKind,
    traceparent: str | None,
    *,
    seconds: float,
    attributes: Mapping[str, str | int] | None = None,
    error: BaseException | None = None,
) -> None:
    """Note that something has just been done and how long it took; free of charge when off."""
    tracer = _state.get("tracer")
    if tracer is None or not traceparent:
        return
    from opentelemetry.trace import SpanKind as Kind  # noqa: PLC0415 - optional library
    from opentelemetry.trace import Status, StatusCode  # noqa: PLC0415 - optional library

    end = epoch_nanoseconds()
    span = tracer.start_span(
        name,
        context=_state["propagator"].extract({"traceparent": traceparent}),
        kind=Kind[kind.upper()],
        attributes=dict(attributes or {}),
        start_time=end - int(seconds * 1e9),
    )
    if error is not None:
        span.set_status(Status(StatusCode.ERROR, type(error).__name__))
    span.end(end)


def shutdown() -> None:
    """Send what is still waiting."""
    provider = _state.get("provider")
    if provider is not None:
        provider.shutdown()
        _state.clear()
