"""How is the log of all events read? `kesu.log` is a stream: reading takes nothing away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

from aio_pika.abc import AbstractIncomingMessage

from shared.events.base import unbundled
from shared.messaging.provision import connect
from shared.messaging.topology import LOG_STREAM

_PREFETCH = 100


async def read_stream(
    url: str, offset: str | datetime | int, *, idle_seconds: float | None
) -> AsyncIterator[bytes]:
    """Event bodies from the offset on: first, last, next, an age (7D), a moment or a number.

    Ends when nothing came for `idle_seconds`; None: goes on for ever.
    """
    connection = await connect(url, name="kesu-events")
    async with connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=_PREFETCH)
        queue = await channel.declare_queue(LOG_STREAM, passive=True)
        arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        await queue.consume(arrived.put, arguments={"x-stream-offset": offset})
        while True:
            try:
                async with asyncio.timeout(idle_seconds):
                    message = await arrived.get()
            except TimeoutError:
                return
            for body in unbundled(message.body):
                yield body
            await message.ack()
