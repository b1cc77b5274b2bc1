"""Injected: messages that nobody can digest, in the middle of batches of good ones, into all four queues:
broken JSON, wrong data, an unknown type, an event too old to be told from a copy, a site that does not
exist, and a text that PostgreSQL itself refuses. Each comes as a message of its own and, if it is JSON, once
more in the middle of a bundle of copies of good events.

Must hold: each is parked alone with its reason, and all others are handled. Afterwards they are dropped.
"""

from __future__ import annotations

from itertools import zip_longest

import aio_pika
import orjson

from shared.events.base import BATCH_CONTENT_TYPE, CONTENT_TYPE
from shared.ids import new_id
from shared.messaging import parking
from shared.messaging.provision import connect
from shared.messaging.stream import read_pieces
from shared.messaging.topology import REQUEUE_EXCHANGE, SERVICES, heard_by, work_queue
from tests.faults.ledger import Finding
from tests.faults.load import Load
from tests.faults.poisons import Poison, events_of, poisons
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
            singly = {f"rig-{new_id()}": one for service in SERVICES for one in poisons(service)}
            among = {name: one for service in SERVICES for name, one in events_of(poisons(service))}
            batch = singly | among
            given |= batch
            rig.injected = Injected(
                rig.injected.messages | batch.keys(),
                rig.injected.subjects | {one.subject for one in batch.values()},
            )
            good = [piece.body async for piece in read_pieces(rig.broker.url)]
            bodies = {name: (one.service, one.body) for name, one in singly.items()}
            for service in SERVICES:
                bad = [one.body for one in among.values() if one.service == service]
                bodies[f"rig-{new_id()}"] = (service, _bundle(service, bad, good))
            await _publish(rig, bodies)
            rig.note(f"{len(singly)} messages of poison, {len(among)} in bundles")
    await rig.until("all poison is parked", lambda: _all_parked(rig, given), seconds=90)
    await _check(rig, given)


def _bundle(service: str, bad: list[bytes], good: list[bytes]) -> bytes:
    """Each bad event behind a copy of a good one that the service hears, and one more at the end."""
    kinds = heard_by(service)
    known = [body for body in good if orjson.loads(body).get("type") in kinds][-len(bad) - 1 :]
    mixed = [body for pair in zip_longest(known, bad) for body in pair if body is not None]
    return b"[" + b",".join(mixed) + b"]"


async def _publish(rig: Rig, bodies: dict[str, tuple[str, bytes]]) -> None:
    connection = await connect(rig.broker.url, name="kesu-rig-poisoner")
    async with connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        requeue = await channel.get_exchange(REQUEUE_EXCHANGE, ensure=False)
        for identifier, (service, body) in bodies.items():
            message = aio_pika.Message(
                body,
                message_id=identifier,
                content_type=BATCH_CONTENT_TYPE if body[:1] == b"[" else CONTENT_TYPE,
                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            )
            await requeue.publish(message, routing_key=work_queue(service), mandatory=True)


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
