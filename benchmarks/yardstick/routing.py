"""The second hop: which department gets the case? One transaction per message."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import orjson
from aio_pika.abc import AbstractIncomingMessage
from starlette.applications import Starlette
from starlette.routing import Route

from benchmarks.yardstick.events import encoded, ready
from benchmarks.yardstick.provision import ASSIGNED
from benchmarks.yardstick.settings import YardstickSettings
from benchmarks.yardstick.wiring import consuming, wired

_DEPARTMENTS = {"product": "quality", "billing": "billing", "delivery": "logistics"}


def app(settings: YardstickSettings) -> Starlette:
    """The process."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with wired(settings, "routing") as wiring:

            async def assign(message: AbstractIncomingMessage) -> None:
                event = orjson.loads(message.body)
                complaint_id, site = UUID(event["subject"]), event["site"]
                department = _DEPARTMENTS.get(event["data"]["category"], "customer-service")
                data = {"department": department, "kind": event["data"]["kind"]}
                event_id, body = encoded(ASSIGNED, complaint_id, site, data)
                async with wiring.pool.acquire() as connection, connection.transaction():
                    is_new = await connection.fetchval(
                        "INSERT INTO inbox (event_id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING true",
                        UUID(event["id"]),
                    )
                    if not is_new:
                        return
                    await connection.execute(
                        "INSERT INTO cases (complaint_id, department) VALUES ($1, $2)",
                        complaint_id,
                        department,
                    )
                    await connection.execute(
                        "INSERT INTO outbox (event_id, routing_key, body) VALUES ($1, $2, $3)",
                        event_id, f"{ASSIGNED}.{site}", body,
                    )  # fmt: skip
                wiring.relay.wake()

            async with consuming(settings, "routing", assign):
                yield

    return Starlette(routes=[Route("/readyz", ready)], lifespan=lifespan)
