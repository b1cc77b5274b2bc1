"""Who is measured? Kesu as it is shipped, and the yardstick; each started anew on empty databases."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from benchmarks.servers import Servers
from benchmarks.yardstick import provision as yardstick_tables
from benchmarks.yardstick.settings import database_name
from shared.access.tokens import Tokens
from shared.clock import SystemClock
from shared.database.migrate import SERVICES, prepare
from shared.local.addresses import ServiceAddress
from shared.local.databases import database_url, drop_database
from shared.local.ports import free_ports
from shared.local.processes import ServiceProcess, stop_all
from shared.local.suite import ORGANISATION, secrets_of
from shared.messaging import provision

KESU, YARDSTICK = "Kesu", "yardstick"
_COMMITTED = "pg_xact_commit_timestamp(xmin)"


@dataclass(frozen=True, slots=True)
class Running:
    """One contestant, ready for complaints."""

    name: str
    services: Mapping[str, ServiceProcess]
    token: str
    database: str
    """URL of the database where journeys end."""
    arrived: str
    """SQL: id of each complaint whose journey ended, and the commit that ended it."""

    @property
    def url(self) -> str:
        """Where complaints are posted."""
        return self.services["intake"].address.url


Contestant = Callable[[Servers], AbstractContextManager[Running]]


@contextmanager
def kesu(servers: Servers, *, commands: Mapping[str, Sequence[str]] | None = None) -> Iterator[Running]:
    """All four services with the default organisation; `commands` runs some of them differently."""
    for service in SERVICES:
        drop_database(servers.postgres.url, f"kesu_{service}")
        asyncio.run(prepare(servers.postgres.url, service))
    with servers.fresh_vhost() as amqp_url:
        asyncio.run(provision.apply(amqp_url))
        environment = {
            **secrets_of(servers.place),
            "KESU_DATABASE_URL": servers.postgres.url,
            "KESU_AMQP_URL": amqp_url,
            "KESU_ORGANISATION": str(ORGANISATION),
        }
        tokens = Tokens(environment["KESU_SECRET"], SystemClock())
        with _started(servers, KESU, environment, SERVICES, commands or {}) as services:
            yield Running(
                KESU,
                services,
                tokens.issue("bench", roles=("agent",)),
                database_url(servers.postgres.url, "kesu_escalation"),
                # The sheet has a department once both registered and assigned were handled; its last
                # writer is the later of the two.
                f"SELECT complaint_id, {_COMMITTED} FROM sheets WHERE department IS NOT NULL",
            )


@contextmanager
def yardstick(servers: Servers) -> Iterator[Running]:
    """The three hops written by hand."""
    yardstick_tables.make_databases(servers.postgres.url)
    with servers.fresh_vhost() as amqp_url:
        asyncio.run(yardstick_tables.make_queues(amqp_url))
        environment = {"KESU_DATABASE_URL": servers.postgres.url, "KESU_AMQP_URL": amqp_url}
        roles = yardstick_tables.ROLES
        commands = {role: (sys.executable, "-m", "benchmarks.yardstick", role) for role in roles}
        with _started(servers, YARDSTICK, environment, roles, commands) as services:
            yield Running(
                YARDSTICK,
                services,
                "",
                database_url(servers.postgres.url, database_name("escalation")),
                f"SELECT complaint_id, {_COMMITTED} FROM clocks",
            )


@contextmanager
def _started(
    servers: Servers,
    contestant: str,
    environment: Mapping[str, str],
    names: Sequence[str],
    commands: Mapping[str, Sequence[str]],
) -> Iterator[Mapping[str, ServiceProcess]]:
    logs = servers.place / "log" / contestant.lower()
    services = {
        name: ServiceProcess(
            ServiceAddress(name, port), logs=logs, environment=environment, command=commands.get(name)
        )
        for name, port in zip(names, free_ports(len(names)), strict=True)
    }
    try:
        for service in services.values():
            service.start()
        for service in services.values():
            service.wait_ready(seconds=120)
        servers.settle()
        yield services
    finally:
        stop_all(tuple(services.values()))
