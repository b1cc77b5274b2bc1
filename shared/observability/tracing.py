"""Which chain of work does this belong to? W3C trace context and CloudEvents correlation."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

_PATTERN = re.compile(r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a piece of work comes from: the chain it belongs to, in CloudEvents and W3C terms."""

    correlation_id: str
    traceparent: str | None


def new_trace() -> Trace:
    """The beginning of a chain."""
    random = os.urandom(24).hex()
    return Trace(random[:32], f"00-{random[:32]}-{random[32:48]}-01")


def trace_of(traceparent: str | None) -> Trace:
    """The chain that a caller named in its `traceparent` header; a new one if that is not valid."""
    if traceparent and _PATTERN.match(traceparent):
        return Trace(traceparent[3:35], traceparent)
    return new_trace()


def trace_id(traceparent: str | None) -> str | None:
    """The trace's own id, as it stands in the logs."""
    return traceparent[3:35] if traceparent else None
