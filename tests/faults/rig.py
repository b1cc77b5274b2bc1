"""What can be broken? Servers and services of one suite, each to be crashed, stopped and brought back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

from shared.clock import monotonic
from shared.errors import KesuError
from shared.local.addresses import NAMES, ServiceAddress, addresses
from shared.local.http_client import HttpClient
from shared.local.ports import free_ports
from shared.local.postgres import PostgresServer
from shared.local.processes import ServiceProcess, stop_all
from shared.local.rabbitmq import RunnableBroker
from shared.local.settings import LocalSettings
from tests.faults import reading
from tests.faults.ledger import Finding
from tests.faults.snapshot import Injected

_READY_SECONDS = 90.0


@dataclass(slots=True)
class Rig:
    """Everything that runs, and what the rig did to it."""

    settings: LocalSettings
    postgres: PostgresServer
    broker: RunnableBroker
    environment: Mapping[str, str]
    random: Random
    say: Callable[[str], None]
    patience: float = 200.0
    """Seconds for everything to come to rest."""
    begun: float = field(default_factory=monotonic)
    timeline: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    """What a scenario itself saw go wrong, besides the audit."""
    injected: Injected = field(default_factory=Injected)
    services: dict[str, ServiceProcess] = field(default_factory=dict)
    others: list[ServiceProcess] = field(default_factory=list)

    async def start_services(self, **changes: str) -> None:
        """The four services, ready; with these changes to their environment."""
        await asyncio.to_thread(stop_all, tuple(self.services.values()))
        environment = {**self.environment, **changes}
        for address in addresses(self.settings):
            logs = self.settings.var / "log"
            self.services[address.name] = ServiceProcess(address, logs=logs, environment=environment)
        await asyncio.gather(*(asyncio.to_thread(one.start) for one in self.services.values()))
        await self.all_ready()

    async def standby(self, name: str) -> ServiceProcess:
        """A second replica of the service on another port, ready."""
        (port,) = free_ports(1)
        logs = self.settings.var / "log" / "standby"
        replica = ServiceProcess(ServiceAddress(name, port), logs=logs, environment=self.environment)
        self.others.append(replica)
        await asyncio.to_thread(replica.start)
        await asyncio.to_thread(replica.wait_ready, seconds=_READY_SECONDS)
        self.note(f"a second {name} stands by")
        return replica

    async def crash(self, name: str) -> None:
        """kill -9."""
        self.note(f"kill -9 {name}")
        await asyncio.to_thread(self.services[name].kill9)

    async def stop(self, *names: str) -> None:
        """End these services politely."""
        self.note(f"stop {', '.join(names)}")
        await asyncio.to_thread(stop_all, tuple(self.services[name] for name in names))

    async def start(self, *names: str, ready: bool = True) -> None:
        """Bring these back; wait until they are ready unless told otherwise."""
        self.note(f"start {', '.join(names)}")
        for name in names:
            await asyncio.to_thread(self.services[name].start)
        for name in names if ready else ():
            await asyncio.to_thread(self.services[name].wait_ready, seconds=_READY_SECONDS)

    async def all_ready(self) -> None:
        """Wait until every service is. Raises Unavailable."""
        for one in self.services.values():
            await asyncio.to_thread(one.wait_ready, seconds=_READY_SECONDS)

    async def heal(self) -> None:
        """Servers and services run again, whatever a scenario left behind; replicas end."""
        for one in (*self.services.values(), *self.others):
            one.resume()
        await asyncio.to_thread(stop_all, tuple(self.others))
        self.others.clear()
        await asyncio.to_thread(self.broker.start)
        await asyncio.to_thread(self.postgres.start)
        for name in NAMES:
            if self.services[name].pid is None:
                self.note(f"{name} was not running at the end")
                await asyncio.to_thread(self.services[name].start)

    async def settle(self) -> list[str]:
        """Wait until nothing moves and all are ready; returns what still does at the deadline."""
        deadline = monotonic() + self.patience
        moving = ["nobody has looked yet"]
        while moving and monotonic() < deadline:
            await asyncio.sleep(0.4)
            moving = await self._moving()
        return moving

    async def _moving(self) -> list[str]:
        unready = [
            f"{name} is not ready"
            for name, one in self.services.items()
            if not await asyncio.to_thread(one.is_ready)
        ]
        if unready:
            return unready
        try:
            return await reading.unsettled(self.postgres.url, self.broker.url)
        except (OSError, KesuError, TimeoutError) as failure:
            return [f"the rig itself cannot look: {failure}"]

    async def until(self, what: str, look: Callable[[], Awaitable[Any]], *, seconds: float) -> bool:
        """Whether the condition came true in time; if not, that is a finding."""
        deadline = monotonic() + seconds
        while not await look():
            if monotonic() > deadline:
                self.findings.append(Finding("stuck", f"not within {seconds:g} s: {what}"))
                self.note(f"not within {seconds:g} s: {what}")
                return False
            await asyncio.sleep(0.25)
        self.note(f"seen: {what}")
        return True

    async def value(self, service: str, query: str) -> Any:
        """One value of a service's database."""
        return await reading.database_row(self.postgres.url, service, query)

    async def metric(self, service: ServiceProcess, name: str) -> float:
        """A figure that a replica exports; 0 if it does not."""
        async with HttpClient(service.address.url, connections=1, timeout_seconds=5) as client:
            text = (await client.request("GET", "/metrics")).body.decode()
        found = [line.rpartition(" ")[2] for line in text.splitlines() if line.startswith(f"{name} ")]
        return float(found[0]) if found else 0.0

    def note(self, what: str) -> None:
        """One line of the scenario's timeline."""
        self.timeline.append(f"{monotonic() - self.begun:7.1f} s  {what}")
        self.say(self.timeline[-1])


def runnable(postgres: object, broker: object) -> tuple[PostgresServer, RunnableBroker]:
    """The same, known to be ours to crash: the rig is never given URLs of others' servers."""
    return cast("PostgresServer", postgres), cast("RunnableBroker", broker)
