"""Which servers do both contestants stand on? One PostgreSQL and one RabbitMQ, durable, only for this."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from shared.errors import Unavailable
from shared.local.databases import run_sql
from shared.local.management import Management
from shared.local.postgres import PostgresServer, local_postgres
from shared.local.rabbitmq import RunnableBroker, private_rabbitmq


@dataclass(frozen=True, slots=True)
class Servers:
    """Both, running; every run gets an empty virtual host."""

    postgres: PostgresServer
    rabbitmq: RunnableBroker
    place: Path
    """Directory of this benchmark."""
    _vhosts: Iterator[int] = field(default_factory=count)

    @contextmanager
    def fresh_vhost(self) -> Iterator[str]:
        """AMQP URL of a virtual host without anything in it, dropped at the end."""
        management = Management(self.rabbitmq.management_url or "")
        name = f"bench-{next(self._vhosts)}"
        management.delete_vhost(name) if name in _names(management) else None
        management.add_vhost(name)
        try:
            yield self.rabbitmq.url + name
        finally:
            management.delete_vhost(name)

    def settle(self) -> None:
        """Write out what earlier runs left in memory, so that the next does not pay for it."""
        run_sql(self.postgres.url, "CHECKPOINT")


@contextmanager
def running_servers(place: Path, *, say: Callable[[str], None]) -> Iterator[Servers]:
    """Servers of our own, so that nobody else's work is measured. Raises Unavailable."""
    with (
        private_rabbitmq(place / "rabbitmq", say=say) as rabbitmq,
        local_postgres(place / "postgres") as postgres,
    ):
        assert isinstance(postgres, PostgresServer)
        _note_commit_times(postgres)
        _must_be_durable(postgres.url)
        yield Servers(postgres, rabbitmq, place)


def _note_commit_times(postgres: PostgresServer) -> None:
    """PostgreSQL notes when each transaction committed: the exact end of a journey, for both alike."""
    if run_sql(postgres.url, "SHOW track_commit_timestamp") == "on":
        return
    run_sql(postgres.url, "ALTER SYSTEM SET track_commit_timestamp = on")
    postgres.stop()
    postgres.start()


def _must_be_durable(url: str) -> None:
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        if run_sql(url, f"SHOW {name}") != "on":
            raise Unavailable(f"PostgreSQL runs with {name} off; that would not be a fair measure.")


def _names(management: Management) -> set[str]:
    return {vhost["name"] for vhost in management.call("GET", "/api/vhosts")}
