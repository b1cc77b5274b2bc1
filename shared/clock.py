"""What time is it? The only module that asks the machine."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Whatever tells the time; tests pass one that stands still."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)


def monotonic() -> float:
    """Seconds of a clock that never steps back; only differences mean anything."""
    return time.monotonic()


def perf_counter() -> float:
    """Seconds of the finest clock, for measuring durations."""
    return time.perf_counter()


def epoch_nanoseconds() -> int:
    """Nanoseconds since 1970 in UTC, as tracing wants them."""
    return time.time_ns()
