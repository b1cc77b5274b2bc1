"""Is one complaint one trace? With the real SDK, and over real OTLP to a collector's door."""

from __future__ import annotations

import http.server
import threading

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.observability import telemetry
from shared.observability.tracing import new_trace, trace_id, trace_of


@pytest.fixture(autouse=True)
def _off_again():
    yield
    telemetry.use(None)


def test_spans_of_two_services_belong_to_the_same_trace():
    memory = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    telemetry.use(provider)
    trace = new_trace()

    telemetry.record("POST /complaints", "server", trace.traceparent, seconds=0.01)
    telemetry.record(
        "handle complaint.registered.v1", "consumer", trace.traceparent, seconds=0.002, error=ValueError()
    )

    first, second = memory.get_finished_spans()
    assert (
        f"{first.context.trace_id:032x}" == f"{second.context.trace_id:032x}" == trace_id(trace.traceparent)
    )
    assert first.end_time - first.start_time == 10_000_000
    assert second.status.description == "ValueError"


def test_nothing_is_recorded_when_it_is_off():
    telemetry.record("POST /complaints", "server", new_trace().traceparent, seconds=0.01)


@pytest.mark.parametrize(
    "given", [None, "", "nonsense", "00-short-x-01", "00-" + "Z" * 32 + "-" + "1" * 16 + "-01"]
)
def test_a_bad_traceparent_begins_a_new_chain(given):
    assert trace_of(given).traceparent != given


@pytest.mark.loopback
def test_spans_reach_a_collector_over_http():
    received: list[tuple[str, bytes]] = []

    class Collector(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            received.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    telemetry.configure("intake", f"http://127.0.0.1:{server.server_port}")
    telemetry.record("POST /complaints", "server", new_trace().traceparent, seconds=0.01)

    telemetry.shutdown()
    server.shutdown()
    server.server_close()

    assert received[0][0] == "/v1/traces"
    assert b"kesu-intake" in received[0][1]
