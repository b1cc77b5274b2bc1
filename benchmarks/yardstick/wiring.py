"""What does every process of the yardstick need? A pool, a relay that empties its outbox, a consumer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import aio_pika
import asyncpg
from aio_pika.abc import AbstractConnection, AbstractExchange, AbstractIncomingMessage

from benchmarks.yardstick.settings import YardstickSettings
from shared.messaging.topology import EVENTS_EXCHANGE, work_queue

CONNECTIONS = 8
PREFETCH = 50
_WINDOW = 100
_POLL_SECONDS = 1.0

Handler = Callable[[AbstractIncomingMessage], Awaitable[None]]


class Relay:
    """Publishes the outbox in order with pipelined confirms; a row goes when its event is confirmed."""

    def __init__(self, pool: asyncpg.Pool, exchange: AbstractExchange) -> None:
        self._pool = pool
        self._exchange = exchange
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Something was committed."""
        self._woken.set()

    async def run(self) -> None:
        """Publish until cancelled."""
        while True:
            self._woken.clear()
            rows = await self._pool.fetch(
                "SELECT seq, event_id, routing_key, body FROM outbox ORDER BY seq LIMIT $1", _WINDOW
            )
            await asyncio.gather(*(self._send(row) for row in rows))
            if len(rows) < _WINDOW:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), _POLL_SECONDS)

    async def _send(self, row: asyncpg.Record) -> None:
        message = aio_pika.Message(
            row["body"],
            message_id=str(row["event_id"]),
            content_type="application/cloudevents+json",
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        )
        await self._exchange.publish(message, routing_key=row["routing_key"], mandatory=True)
        await self._pool.execute("DELETE FROM outbox WHERE seq = $1", row["seq"])


@dataclass(frozen=True, slots=True)
class Wiring:
    """The parts of a running process."""

    pool: asyncpg.Pool
    relay: Relay


@asynccontextmanager
async def wired(settings: YardstickSettings, role: str) -> AsyncIterator[Wiring]:
    """Database and broker connected and the relay running; publishing has its own connection."""
    async with (
        asyncpg.create_pool(settings.database_of(role), min_size=CONNECTIONS, max_size=CONNECTIONS) as pool,
        await aio_pika.connect_robust(settings.amqp_url, heartbeat=10) as connection,
    ):
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        relay = Relay(pool, await channel.get_exchange(EVENTS_EXCHANGE, ensure=False))
        running = asyncio.create_task(relay.run())
        try:
            yield Wiring(pool, relay)
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running


@asynccontextmanager
async def consuming(
    settings: YardstickSettings, role: str, handler: Handler
) -> AsyncIterator[AbstractConnection]:
    """The handler is called for every message, up to PREFETCH side by side, and acknowledged after it."""

    async def handled(message: AbstractIncomingMessage) -> None:
        async with message.process(requeue=True):
            await handler(message)

    async with await aio_pika.connect_robust(settings.amqp_url, heartbeat=10) as connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=PREFETCH)
        queue = await channel.get_queue(work_queue(role), ensure=False)
        await queue.consume(handled)
        yield connection
