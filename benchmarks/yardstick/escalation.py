"""The third hop: by when is an answer due? One transaction per message."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import orjson
from aio_pika.abc import AbstractIncomingMessage
from starlette.applications import Starlette
from starlette.routing import Route

from benchmarks.yardstick.events import ready
from benchmarks.yardstick.settings import YardstickSettings
from benchmarks.yardstick.wiring import CONNECTIONS, consuming

_LIMIT = timedelta(days=3)


def app(settings: YardstickSettings) -> Starlette:
    """The process."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        url = settings.database_of("escalation")
        async with asyncpg.create_pool(url, min_size=CONNECTIONS, max_size=CONNECTIONS) as pool:

            async def arm(message: AbstractIncomingMessage) -> None:
                event = orjson.loads(message.body)
                due_at = datetime.fromisoformat(event["time"]) + _LIMIT
                async with pool.acquire() as connection, connection.transaction():
                    is_new = await connection.fetchval(
                        "INSERT INTO inbox (event_id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING true",
                        UUID(event["id"]),
                    )
                    if is_new:
                        await connection.execute(
                            "INSERT INTO clocks (complaint_id, due_at) VALUES ($1, $2)",
                            UUID(event["subject"]), due_at,
                        )  # fmt: skip

            async with consuming(settings, "escalation", arm):
                yield

    return Starlette(routes=[Route("/readyz", ready)], lifespan=lifespan)
