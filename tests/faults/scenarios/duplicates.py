"""Injected: every event is delivered twice: whatever bundle the log stream shows goes once more to each
queue that hears it.

Must hold: the inbox drops the second copy, whether it comes before or after the first.
"""

from __future__ import annotations

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from shared.events.base import unbundled
from shared.messaging.provision import connect
from shared.messaging.topology import LOG_STREAM, REQUEUE_EXCHANGE, SERVICES, heard_by, work_queue
from tests.faults.load import Load
from tests.faults.rig import Rig

SECONDS = 15.0


async def run(rig: Rig, load: Load) -> None:
    """Listen to the log and repeat all of it."""
    connection = await connect(rig.broker.url, name="kesu-rig-doubler")
    copies = [0]
    async with connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        await channel.set_qos(prefetch_count=200)
        requeue = await channel.get_exchange(REQUEUE_EXCHANGE, ensure=False)
        stream = await channel.declare_queue(LOG_STREAM, passive=True)

        async def repeat(message: AbstractIncomingMessage) -> None:
            for service in SERVICES:
                if message.type in heard_by(service):
                    copy = aio_pika.Message(
                        message.body,
                        message_id=message.message_id,
                        type=message.type,
                        content_type=message.content_type,
                        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                    )
                    await requeue.publish(copy, routing_key=work_queue(service), mandatory=True)
                    copies[0] += len(unbundled(message.body))
            await message.ack()

        await stream.consume(repeat, arguments={"x-stream-offset": "next"})
        rig.note("every event is told twice from now on")
        async with load.running():
            await load.reached(1)
        await rig.settle()
        expected = await _deliveries(rig, load)

        async def all_repeated() -> bool:
            return copies[0] >= expected

        await rig.until(f"all {expected} deliveries were repeated", all_repeated, seconds=120)


async def _deliveries(rig: Rig, load: Load) -> int:
    """At least this many deliveries of events belong to the load: registered goes to three, assigned to two."""
    return len(load.accepted) * 5
