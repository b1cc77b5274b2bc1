"""Injected: messages that nobody can digest, in the middle of batches of good ones, into all four queues:
broken JSON, wrong data, an unknown type, an event too old to be told from a copy, a site that does not
exist, and a text that PostgreSQL itself refuses.

Must hold: each is parked with its reason, and all others are handled. Afterwards they are dropped.
"""

from __future__ import annotations

import aio_pika

from shared.events.base import CONTENT_TYPE
from shared.ids import new_id
from shared.messaging import parking
from shared.messaging.provision import connect
from shared.messaging.topology import REQUEUE_EXCHANGE, SERVICES, work_queue
from tests.faults.ledger import Finding
from tests.faults.load import Load
from tests.faults.poisons import Poison, poisons
from tests.faults.rig import Rig
from tests.faults.snapshot import Injected

SECONDS = 15.0
_BURSTS = 4
_MOST = 10_000


async def run(rig: Rig, load: Load) -> None:
    """Bursts of poison under load."""
    given: dict[str, Poison] = {}
    async with load.running():
        for burst in range(_BURSTS):
            await load.reached(0.1 + burst * 0.2)
            batch = {f"rig-{new_id()}": one for service in SERVICES for one in poisons(service)}
            given |= batch
            rig.injected = Injected(
                rig.injected.messages | batch.keys(),
                rig.injected.subjects | {one.subject for one in batch.values()},
            )
            await _publish(rig, batch)
            rig.note(f"{len(batch)} messages of poison")
    await rig.until("all poison is parked", lambda: _all_parked(rig, given), seconds=90)
    await _check(rig, given)


async def _publish(rig: Rig, batch: dict[str, Poison]) -> None:
    connection = await connect(rig.broker.url, name="kesu-rig-poisoner")
    async with connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        requeue = await channel.get_exchange(REQUEUE_EXCHANGE, ensure=False)
        for identifier, poison in batch.items():
            message = aio_pika.Message(
                poison.body,
                message_id=identifier,
                content_type=CONTENT_TYPE,
                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            )
            await requeue.publish(message, routing_key=work_queue(poison.service), mandatory=True)


async def _all_parked(rig: Rig, given: dict[str, Poison]) -> bool:
    parked = [one for service in SERVICES for one in await parking.listed(rig.broker.url, service, _MOST)]
    return given.keys() <= {one.message_id for one in parked}


async def _check(rig: Rig, given: dict[str, Poison]) -> None:
    for service in SERVICES:
        for one in await parking.listed(rig.broker.url, service, _MOST):
            poison = given.get(one.message_id)
            if poison is not None and (one.code, service) != (poison.code, poison.service):
                what = f"{service} parked {poison.body[:60]!r} for {one.code}, not {poison.code}"
                rig.findings.append(Finding("odd", what))
