"""How do the real escalation processes fare? Idle, one clock, many at one instant, and one of two killed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

import asyncpg
import orjson

from benchmarks.clocks.firing import LEAD_SECONDS, Firing, Picks, firing, make_due, until_fired
from benchmarks.clocks.watching import Usage, tree_seconds, usage
from benchmarks.servers import Servers
from shared.clock import monotonic
from shared.local.addresses import ServiceAddress
from shared.local.http_client import HttpClient
from shared.local.ports import free_ports
from shared.local.processes import ServiceProcess, stop_all
from shared.messaging.stream import read_pieces

SCRAPE_SECONDS = 15
_PATIENCE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Idle:
    """A process with nothing to do, scraped as Prometheus does it; shares of one core."""

    service_percent: float
    database_percent: float
    resident_megabytes: float


@dataclass(slots=True)
class Ours:
    """Replicas of escalation beside each other, and the clocks that they watch."""

    servers: Servers
    database: asyncpg.Connection
    environment: Mapping[str, str]
    say: Callable[[str], None]
    picks: Picks = field(default_factory=Picks)
    replicas: list[ServiceProcess] = field(default_factory=list)
    peak_megabytes: float = 0.0

    async def start(self) -> ServiceProcess:
        """One replica more, ready."""
        logs = self.servers.place / "log" / f"replica-{len(self.replicas) + 1}"
        (port,) = free_ports(1)
        replica = ServiceProcess(ServiceAddress("escalation", port), logs=logs, environment=self.environment)
        self.replicas.append(replica)
        await asyncio.to_thread(replica.start)
        await asyncio.to_thread(replica.wait_ready, seconds=120)
        return replica

    async def idle(self, seconds: float) -> Idle:
        """Processor and memory of the first replica and of the database while nothing falls due."""
        replica = self.replicas[0]
        await _scraped(replica)
        await asyncio.sleep(3)
        before, server, begun = self._usage(replica), self._server_seconds(), monotonic()
        while monotonic() - begun < seconds:
            await asyncio.sleep(min(SCRAPE_SECONDS, seconds))
            await _scraped(replica)
        after, passed = self._usage(replica), monotonic() - begun
        return Idle(
            100 * (after.cpu_seconds - before.cpu_seconds) / passed,
            100 * (self._server_seconds() - server) / passed,
            after.resident_megabytes,
        )

    async def single(self, times: int) -> Firing:
        """One clock after the other, each alone."""
        used = []
        for _ in range(times):
            picks = self.picks.next(1)
            used.append(picks)
            await make_due(self.database, picks, lead_seconds=2)
            await until_fired(self.database, picks, seconds=_PATIENCE_SECONDS)
        return await firing(self.database, used)

    async def together(self, count: int, *, spread_seconds: float = 0) -> Firing:
        """So many at one instant, or within so many seconds."""
        picks = self.picks.next(count)
        await make_due(self.database, picks, spread_seconds=spread_seconds)
        await asyncio.sleep(LEAD_SECONDS + spread_seconds)
        await until_fired(self.database, picks, seconds=_PATIENCE_SECONDS)
        found = await firing(self.database, [picks])
        await self._rest()
        return found

    async def killed(self, count: int, victim: int) -> Firing:
        """So many at one instant, and kill -9 of a replica once a third of them has fired."""
        picks = self.picks.next(count)
        await make_due(self.database, picks)
        await asyncio.sleep(LEAD_SECONDS)
        await until_fired(self.database, picks, count=count // 3, seconds=_PATIENCE_SECONDS)
        self._usage(self.replicas[victim])
        await asyncio.to_thread(self.replicas[victim].kill9)
        await until_fired(self.database, picks, seconds=_PATIENCE_SECONDS)
        found = await firing(self.database, [picks])
        await asyncio.to_thread(self.replicas[victim].start)
        await asyncio.to_thread(self.replicas[victim].wait_ready, seconds=120)
        await self._rest()
        return found

    async def told(self, amqp_url: str) -> Counter[str]:
        """How many different breaches the log tells of each complaint."""
        seen: dict[str, set[str]] = {}
        async for piece in read_pieces(amqp_url):
            event = orjson.loads(piece.body)
            if event["type"] == "clock.breached.v1":
                seen.setdefault(event["subject"], set()).add(event["id"])
        return Counter({subject: len(ids) for subject, ids in seen.items()})

    async def _rest(self) -> None:
        """Until everything is sent and everybody is told."""
        waiting = (
            "SELECT (SELECT count(*) FROM outbox) + "
            "(SELECT count(*) FROM notices WHERE delivered_at IS NULL AND gave_up_at IS NULL)"
        )
        deadline = monotonic() + _PATIENCE_SECONDS
        while (left := await self.database.fetchval(waiting)) and monotonic() < deadline:
            await asyncio.sleep(0.5)
        if left:
            self.say(f"{left} events and notices still wait after {_PATIENCE_SECONDS} s")
        for replica in self.replicas:
            self._usage(replica)

    def _usage(self, replica: ServiceProcess) -> Usage:
        found = usage(cast("int", replica.pid))
        self.peak_megabytes = max(self.peak_megabytes, found.peak_megabytes)
        return found

    def _server_seconds(self) -> float:
        return tree_seconds(cast("int", self.servers.postgres.pid))


@contextmanager
def escalation(
    servers: Servers,
    database: asyncpg.Connection,
    environment: Mapping[str, str],
    say: Callable[[str], None],
) -> Iterator[Ours]:
    """None runs yet; all are ended at the end."""
    ours = Ours(servers, database, environment, say)
    try:
        yield ours
    finally:
        stop_all(tuple(ours.replicas))


async def _scraped(replica: ServiceProcess) -> None:
    async with HttpClient(replica.address.url, connections=1, timeout_seconds=60) as client:
        await client.request("GET", "/metrics")
