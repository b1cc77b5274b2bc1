"""What do fresh servers need before services start? Their databases migrated, their topology applied.

Apart from `suite.py` because Alembic and aio-pika take most of a second to import: time in which the broker
can boot already.
"""

from __future__ import annotations

import asyncio

from shared.database.migrate import SERVICES, prepare
from shared.messaging import provision


def migrate_all(database_url: str) -> None:
    """Make every service's database and bring it to this release. Raises Unavailable."""
    asyncio.run(_migrate(database_url))


def apply_topology(amqp_url: str) -> None:
    """Declare what is missing. Raises Unavailable, Rejected('topology-differs')."""
    asyncio.run(provision.apply(amqp_url))


async def _migrate(database_url: str) -> None:
    for service in SERVICES:
        await prepare(database_url, service)
