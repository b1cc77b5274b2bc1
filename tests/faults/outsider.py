"""Does somebody else hear it all? A queue that is not ours, bound to the events of one kind while the suite works.

Of the other kinds nobody hears, so that the relays go both ways.
"""

from __future__ import annotations

from uuid import UUID

import orjson

from shared.messaging.provision import connect
from shared.messaging.topology import EVENTS_EXCHANGE

HEARS = "complaint."
_QUEUE = "ext.rig.complaints"


class Outsider:
    """Remembers what its queue was given; every event must come as a message of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._heard: set[UUID] = set()

    async def listen(self) -> None:
        """Declare the queue and bind it; may be said more than once."""
        connection = await connect(self._url, name="kesu-rig-outsider")
        async with connection:
            channel = await connection.channel()
            queue = await channel.declare_queue(_QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
            await queue.bind(EVENTS_EXCHANGE, routing_key=f"{HEARS}#")

    async def heard(self) -> frozenset[UUID]:
        """The ids of all events that ever came."""
        connection = await connect(self._url, name="kesu-rig-outsider")
        async with connection:
            channel = await connection.channel()
            queue = await channel.get_queue(_QUEUE, ensure=False)
            while (message := await queue.get(fail=False)) is not None:
                self._heard.add(UUID(orjson.loads(message.body)["id"]))
                await message.ack()
        return frozenset(self._heard)
