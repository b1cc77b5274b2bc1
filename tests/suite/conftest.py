"""What may a suite test ask for? The four services as processes, on the session's servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from shared.access.tokens import Tokens
from shared.clock import SystemClock
from shared.database.migrate import SERVICES, prepare
from shared.local.addresses import ServiceAddress
from shared.local.http_client import HttpClient
from shared.local.ports import free_ports
from shared.local.processes import ServiceProcess, stop_all
from shared.messaging import provision
from shared.sealed.sealer import new_key
from tests.support.servers import ServerPool, TestPostgres, TestRabbit
from tests.support.smtp import SmtpServer, smtp_server

ORGANISATIONS = Path(__file__).parents[2] / "deploy" / "organisation"
SECRET = "a secret for tests only, with enough characters in it"


@dataclass
class Suite:
    """A running suite and how to talk to it."""

    environment: dict[str, str]
    databases: dict[str, str]
    services: dict[str, ServiceProcess]
    smtp: SmtpServer
    logs: Path
    _clients: dict[Any, HttpClient] = field(default_factory=dict)

    def token(self, *roles: str, person: str = "wang.lei", sites: tuple[str, ...] = ("*",)) -> str:
        tokens = Tokens(SECRET, SystemClock())
        return tokens.issue(person, roles=roles or ("admin",), sites=sites)

    def client(
        self, service: str, *roles: str, person: str = "wang.lei", sites: tuple[str, ...] = ("*",)
    ) -> HttpClient:
        who = (service, roles, person, sites)
        if who not in self._clients:
            token = self.token(*roles, person=person, sites=sites)
            self._clients[who] = HttpClient(self.services[service].address.url, token=token)
        return self._clients[who]

    async def close_clients(self) -> None:
        """Hang up in the loop of the test that asked."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        await asyncio.sleep(0)

    @property
    def amqp_url(self) -> str:
        return self.environment["KESU_AMQP_URL"]

    def log_text(self) -> str:
        return "".join(path.read_text() for path in sorted(self.logs.glob("*.log")))


@contextmanager
def running_suite(
    postgres: TestPostgres,
    rabbitmq: TestRabbit,
    pool: ServerPool,
    folder: Path,
    organisation: str,
    profiles: str = "",
) -> Iterator[Suite]:
    prefix = pool.fresh_name()
    rabbitmq.management.add_vhost(prefix)
    urls = {service: postgres.create(f"{prefix}_{service}") for service in SERVICES}
    environment = {
        "KESU_AMQP_URL": rabbitmq.url_of(prefix),
        "KESU_SECRET": SECRET,
        "KESU_SEAL_KEYS": f"k1:{new_key()}",
        "KESU_ORGANISATION": str(ORGANISATIONS / organisation),
        "KESU_PROFILES": profiles,
    }
    asyncio.run(_prepare(urls, environment["KESU_AMQP_URL"]))
    ports = free_ports(len(SERVICES))
    with smtp_server() as smtp:
        environment |= {"KESU_SMTP_URL": smtp.url, "KESU_MAIL_FROM": "kesu@test.example"}
        addresses = [ServiceAddress(name, port) for name, port in zip(SERVICES, ports, strict=True)]
        environment |= {f"KESU_{one.name.upper()}_PUBLIC_URL": one.url for one in addresses}
        services = {
            one.name: ServiceProcess(
                one, logs=folder, environment={**environment, "KESU_DATABASE_URL": urls[one.name]}
            )
            for one in addresses
        }
        suite = Suite(environment, urls, services, smtp, folder)
        try:
            for service in services.values():
                service.start()
            for service in services.values():
                service.wait_ready(seconds=90)
            yield suite
        finally:
            stop_all(tuple(services.values()))
            rabbitmq.management.delete_vhost(prefix)
            for name in SERVICES:
                postgres.drop(f"{prefix}_{name}")


async def _prepare(urls: dict[str, str], amqp_url: str) -> None:
    for service, url in urls.items():
        await prepare(url, service)
    await provision.apply(amqp_url)


@pytest.fixture(scope="module")
def fast_suite(
    postgres_server: TestPostgres, rabbitmq_server: TestRabbit, server_pool: ServerPool, tmp_path_factory: Any
) -> Iterator[Suite]:
    """The suite with the accelerated policy of the demonstration."""
    folder = tmp_path_factory.mktemp("logs")
    with running_suite(postgres_server, rabbitmq_server, server_pool, folder, "demo.yaml") as suite:
        yield suite


@pytest.fixture(scope="module")
def real_suite(
    postgres_server: TestPostgres, rabbitmq_server: TestRabbit, server_pool: ServerPool, tmp_path_factory: Any
) -> Iterator[Suite]:
    """The suite with policies of real working days."""
    folder = tmp_path_factory.mktemp("logs")
    with running_suite(postgres_server, rabbitmq_server, server_pool, folder, "organisation.yaml") as suite:
        yield suite


@pytest.fixture(autouse=True)
async def _no_open_clients(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    suites = [
        request.getfixturevalue(n)
        for n in ("fast_suite", "real_suite", "city_suite")
        if n in request.fixturenames
    ]
    yield
    for suite in suites:
        await suite.close_clients()
