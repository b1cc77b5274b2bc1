"""What may a test ask for by name? Servers for the session, a database and a vhost for the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import pytest

from tests.support.network import network_banned
from tests.support.servers import POOL, ServerPool, TestPostgres, TestRabbit
from tests.support.smtp import SmtpServer, smtp_server


class DatabaseFrom(Protocol):
    """`database_from("intake", migrate)`: a copy for this test of what `migrate(url)` made once."""

    def __call__(self, template: str, prepare: Callable[[str], None]) -> str:
        """URL of the copy; `template` names what `prepare` made, once for the session."""
        ...


@pytest.fixture(scope="session")
def server_pool(request: pytest.FixtureRequest) -> ServerPool:
    """The pool that tests/conftest.py filled before the first test."""
    return request.config.stash[POOL]


@pytest.fixture(scope="session")
def postgres_server(server_pool: ServerPool) -> TestPostgres:
    """The session's PostgreSQL, to make databases on."""
    return server_pool.postgres()


@pytest.fixture(scope="session")
def postgres(postgres_server: TestPostgres) -> str:
    """URL of the session's PostgreSQL (its database `postgres`)."""
    return postgres_server.url


@pytest.fixture(scope="session")
def rabbitmq_server(server_pool: ServerPool) -> TestRabbit:
    """The session's RabbitMQ, to make virtual hosts on."""
    return server_pool.rabbitmq()


@pytest.fixture(scope="session")
def rabbitmq(rabbitmq_server: TestRabbit) -> str:
    """AMQP URL of the session's RabbitMQ, virtual host `/`: shared, so prefer `amqp_url`."""
    return rabbitmq_server.url


@pytest.fixture
def database_url(postgres_server: TestPostgres, server_pool: ServerPool) -> Iterator[str]:
    """URL of an empty database for this test."""
    name = server_pool.fresh_name()
    yield postgres_server.create(name)
    postgres_server.drop(name)


@pytest.fixture
def database_from(postgres_server: TestPostgres, server_pool: ServerPool) -> Iterator[DatabaseFrom]:
    """See DatabaseFrom; each call makes another database."""
    made: list[str] = []

    def copy(template: str, prepare: Callable[[str], None]) -> str:
        made.append(server_pool.fresh_name())
        return postgres_server.create(made[-1], template=server_pool.template(template, prepare))

    yield copy
    for name in made:
        postgres_server.drop(name)


@pytest.fixture
def amqp_url(rabbitmq_server: TestRabbit, server_pool: ServerPool) -> Iterator[str]:
    """AMQP URL of an empty virtual host for this test."""
    name = server_pool.fresh_name()
    rabbitmq_server.management.add_vhost(name)
    yield rabbitmq_server.url_of(name)
    rabbitmq_server.management.delete_vhost(name)


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    """A real mail server on loopback that keeps what it gets."""
    with smtp_server() as server:
        yield server


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test without servers that reaches for the network fails."""
    node: pytest.Item = request.node
    if node.get_closest_marker("servers"):
        yield
        return
    loopback = "smtp" in request.fixturenames or node.get_closest_marker("loopback") is not None
    with network_banned(loopback_allowed=loopback):
        yield
