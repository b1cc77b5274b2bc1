"""Which tables and queues has the yardstick? Made anew before every run."""

from __future__ import annotations

import aio_pika

from benchmarks.yardstick.settings import database_name
from shared.local.databases import create_database, drop_database, run_sql
from shared.messaging.topology import EVENTS_EXCHANGE, PARKING_EXCHANGE, queues, work_queue

ROLES = ("intake", "routing", "escalation")
REGISTERED = "complaint.registered.v1"
ASSIGNED = "complaint.assigned.v1"

_OUTBOX = """
CREATE TABLE outbox (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL,
    routing_key text NOT NULL,
    body bytea NOT NULL
) WITH (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0
)
"""
_INBOX = "CREATE TABLE inbox (event_id uuid PRIMARY KEY, handled_at timestamptz NOT NULL DEFAULT now())"
_TABLES = {
    "intake": (
        """CREATE TABLE complaints (id uuid PRIMARY KEY, site text NOT NULL, kind text NOT NULL,
        body jsonb NOT NULL, created_at timestamptz NOT NULL DEFAULT now())""",
        _OUTBOX,
    ),
    "routing": (
        """CREATE TABLE cases (complaint_id uuid PRIMARY KEY, department text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now())""",
        _INBOX,
        _OUTBOX,
    ),
    "escalation": (
        """CREATE TABLE clocks (complaint_id uuid PRIMARY KEY, due_at timestamptz NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now())""",
        "CREATE INDEX clocks_due ON clocks (due_at)",
        _INBOX,
    ),
}
_HEARS = {"routing": REGISTERED, "escalation": ASSIGNED}


def make_databases(server_url: str) -> None:
    """Fresh ones for all three processes."""
    for role in ROLES:
        drop_database(server_url, database_name(role))
        run_sql(create_database(server_url, database_name(role)), *_TABLES[role])


async def make_queues(amqp_url: str) -> None:
    """Kesu's own exchange and queues of the same names and arguments, bound to the one event each hears."""
    arguments = {queue.name: dict(queue.arguments) for queue in queues()}
    connection = await aio_pika.connect(amqp_url)
    async with connection:
        channel = await connection.channel()
        await channel.declare_exchange(EVENTS_EXCHANGE, aio_pika.ExchangeType.TOPIC, durable=True)
        await channel.declare_exchange(PARKING_EXCHANGE, aio_pika.ExchangeType.DIRECT, durable=True)
        for role, type_name in _HEARS.items():
            name = work_queue(role)
            queue = await channel.declare_queue(
                name,
                durable=True,
                arguments=arguments[name],  # type: ignore[arg-type]  # AMQP values
            )
            await queue.bind(EVENTS_EXCHANGE, routing_key=f"{type_name}.*")
