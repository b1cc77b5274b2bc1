"""Injected: routing, escalation and surveys get the events of every complaint in shuffled order: while they
are down three events a complaint pile up, the rig opens all bundles and puts the single events back shuffled.

Must hold: an event that comes too early waits on the retry ladder until those before it are handled;
nothing is parked.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import aio_pika
import orjson
from aio_pika.abc import AbstractExchange, AbstractIncomingMessage

from shared.events.base import CONTENT_TYPE, unbundled
from shared.messaging.provision import connect
from shared.messaging.topology import REQUEUE_EXCHANGE, work_queue
from tests.faults.load import Load
from tests.faults.rig import Rig
from tests.faults.snapshot import Accepted

SECONDS = 5.0
_HEARERS = ("routing", "escalation", "surveys")
_AT_ONCE = 100
_UNSENT = "SELECT count(*) FROM outbox"


async def run(rig: Rig, load: Load) -> None:
    """Pile up, shuffle, start."""
    await rig.stop(*_HEARERS)
    async with load.running():
        await load.reached(1)
        gate = asyncio.Semaphore(16)
        await asyncio.gather(*(_go_on(load, gate, one) for one in load.accepted))

    async def all_sent() -> bool:
        return not await rig.value("intake", _UNSENT)

    await rig.until("intake has sent everything", all_sent, seconds=60)
    for service in _HEARERS:
        count = await _shuffle(rig, service)
        rig.note(f"{count} events of {service} were shuffled")
    await rig.start(*_HEARERS)


async def _go_on(load: Load, gate: asyncio.Semaphore, one: Accepted) -> None:
    """Two more events of the complaint."""
    place = f"/complaints/{one.complaint_id}"
    async with gate:
        await load.insist(f"{place}/acknowledge", {}, f"{one.mark}-acknowledge")
        await load.insist(f"{place}/amend", {"product": {"name": "Sensor"}}, f"{one.mark}-amend")


async def _shuffle(rig: Rig, service: str) -> int:
    connection = await connect(rig.broker.url, name="kesu-rig-shuffler")
    async with connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        requeue = await channel.get_exchange(REQUEUE_EXCHANGE, ensure=False)
        queue = await channel.declare_queue(work_queue(service), passive=True)
        held: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        consumer = await queue.consume(held.put)
        messages = []
        with suppress(TimeoutError):
            while True:
                messages.append(await asyncio.wait_for(held.get(), 3))
        await queue.cancel(consumer)
        events = [body for one in messages for body in unbundled(one.body)]
        rig.random.shuffle(events)
        for first in range(0, len(events), _AT_ONCE):
            await asyncio.gather(
                *(_again(requeue, body, service) for body in events[first : first + _AT_ONCE])
            )
        for one in messages[-1:]:
            await one.ack(multiple=True)
    return len(events)


async def _again(requeue: AbstractExchange, body: bytes, service: str) -> None:
    event = orjson.loads(body)
    single = aio_pika.Message(
        body,
        message_id=event["id"],
        type=event["type"],
        content_type=CONTENT_TYPE,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )
    await requeue.publish(single, routing_key=work_queue(service), mandatory=True)
