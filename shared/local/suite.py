"""How does the whole suite run on one machine? Servers, tables, topology, secrets and the four services.

`kesu up`, the demonstration, the fault rig and the benchmark all stand on this.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.access.tokens import Tokens
from shared.clock import SystemClock
from shared.local.addresses import addresses
from shared.local.beside import side_by_side
from shared.local.postgres import Postgres, local_postgres
from shared.local.processes import ServiceProcess, local_services
from shared.local.rabbitmq import Broker, local_rabbitmq
from shared.local.settings import ROOT, LocalSettings
from shared.sealed.sealer import new_key

ORGANISATION = ROOT / "deploy" / "organisation" / "organisation.yaml"


@dataclass(frozen=True, slots=True)
class LocalSuite:
    """A running suite: its servers, its services by name, and what a client needs to reach them."""

    postgres: Postgres
    rabbitmq: Broker
    services: Mapping[str, ServiceProcess]
    environment: Mapping[str, str]
    urls: Mapping[str, str]
    """Base URL of each service."""

    def token(self, person: str = "kesu", *roles: str) -> str:
        """A bearer token for all sites; admin without roles named."""
        tokens = Tokens(self.environment["KESU_SECRET"], SystemClock())
        return tokens.issue(person, roles=roles or ("admin",))


@contextlib.contextmanager
def local_servers(
    settings: LocalSettings, *, say: Callable[[str], None], management: bool = True
) -> Iterator[tuple[Postgres, Broker]]:
    """PostgreSQL and RabbitMQ, running and prepared: databases migrated, topology applied.

    The broker takes longest; the databases are made ready meanwhile. Raises Unavailable with a remedy.
    """
    rabbitmq = local_rabbitmq(
        settings.var / "rabbitmq", url=settings.amqp_url, management=management, say=say
    )
    database = local_postgres(settings.var / "postgres", url=settings.database_url)
    with side_by_side(rabbitmq, database) as (broker_ready, postgres_ready):
        from shared.local.preparing import apply_topology, migrate_all  # noqa: PLC0415 - slow: see there

        postgres = postgres_ready()
        migrate_all(postgres.url)
        broker = broker_ready()
        apply_topology(broker.url)
        yield postgres, broker


@contextlib.contextmanager
def local_suite(
    settings: LocalSettings,
    *,
    organisation: Path = ORGANISATION,
    extra: Mapping[str, str] | None = None,
    management: bool = True,
    say: Callable[[str], None] = print,
) -> Iterator[LocalSuite]:
    """Everything, ready; ended politely at the end. `extra` is added to the services' environment."""
    with local_servers(settings, say=say, management=management) as (postgres, broker):
        environment = {
            **secrets_of(settings.var),
            "KESU_DATABASE_URL": postgres.url,
            "KESU_AMQP_URL": broker.url,
            "KESU_ORGANISATION": str(organisation),
            **{f"KESU_{a.name.upper()}_PUBLIC_URL": a.url for a in addresses(settings)},
            **(extra or {}),
        }
        with local_services(environment, settings=settings) as services:
            urls = {name: service.address.url for name, service in services.items()}
            yield LocalSuite(postgres, broker, services, environment, urls)


def secrets_of(var: Path) -> dict[str, str]:
    """This machine's own secrets, made once and kept readable for nobody else."""
    file = var / "secrets.json"
    if not file.exists():
        var.mkdir(parents=True, exist_ok=True)
        made = {"KESU_SECRET": secrets.token_urlsafe(48), "KESU_SEAL_KEYS": f"k1:{new_key()}"}
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            json.dump(made, handle)
    kept: dict[str, str] = json.loads(file.read_text())
    return kept
