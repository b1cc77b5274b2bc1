"""What is measured of a contestant? Its highest rate, and its latency at half of that."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

import uvloop

from benchmarks.contestants import Contestant, Running
from benchmarks.journeys import Journeys, completed
from benchmarks.load import Sent, bodies, closed_loop, open_loop
from benchmarks.servers import Servers
from benchmarks.usage import usage

T = TypeVar("T")
CONCURRENCIES = (32, 64, 128)
_SEEDS = {"warm-up": 1, "sweep": 2, "measured": 3, "half": 4}


@dataclass(frozen=True, slots=True)
class Size:
    """How much is sent."""

    warm_up: int
    sweep: int
    """Complaints tried with each concurrency; 0: no sweep, the middle one is taken."""
    measured: int
    half_load_seconds: float


@dataclass(frozen=True, slots=True)
class Run:
    """One measurement."""

    contestant: str
    concurrency: int
    journeys: Journeys
    cpu_seconds: dict[str, float]
    resident_megabytes: dict[str, float]

    @property
    def cpu_milliseconds_each(self) -> dict[str, float]:
        """Processor time of one complaint at each party, in milliseconds."""
        return {name: 1000 * spent / self.journeys.count for name, spent in self.cpu_seconds.items()}


def throughput(contestant: Contestant, servers: Servers, size: Size, concurrency: int | None) -> Run:
    """Closed loop on a fresh start; without a concurrency the best of a small sweep is taken."""
    with contestant(servers) as running:
        _warm_up(running, size)
        best = concurrency or _best_concurrency(running, size)
        return _measured(servers, running, best, _closed(running, size.measured, "measured", best))


def half_load(contestant: Contestant, servers: Servers, size: Size, rate: float) -> Run:
    """Open loop at this rate on a fresh start."""
    with contestant(servers) as running:
        _warm_up(running, size)
        wanted = bodies(int(rate * size.half_load_seconds), seed=_SEEDS["half"])
        sending = open_loop(running.url, running.token, wanted, rate, seed=_SEEDS["half"])
        return _measured(servers, running, 0, sending)


def _warm_up(running: Running, size: Size) -> None:
    _run(_journey(running, _closed(running, size.warm_up, "warm-up", 16)))


def _best_concurrency(running: Running, size: Size) -> int:
    if not size.sweep:
        return CONCURRENCIES[1]
    rates = {
        number: _run(_journey(running, _closed(running, size.sweep, "sweep", number))).rate
        for number in CONCURRENCIES
    }
    return max(rates, key=lambda number: rates[number])


def _measured(
    servers: Servers, running: Running, concurrency: int, sending: Coroutine[Any, Any, Sent]
) -> Run:
    before = usage(servers, running)
    journeys = _run(_journey(running, sending))
    after = usage(servers, running)
    return Run(running.name, concurrency, journeys, after.since(before), dict(after.resident_megabytes))


def _closed(running: Running, count: int, purpose: str, concurrency: int) -> Coroutine[Any, Any, Sent]:
    wanted = bodies(count, seed=_SEEDS[purpose])
    return closed_loop(running.url, running.token, wanted, concurrency)


async def _journey(running: Running, sending: Coroutine[Any, Any, Sent]) -> Journeys:
    return await completed(running.database, running.arrived, await sending)


def _run(work: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)
