"""Injected: under load routing's queue is deleted; a binding of escalation and one of surveys are taken away;
intake's queue is deleted while intake is down, and the topology applied anew before it is back.

Must hold: each loss is noticed and told within seconds, mended, and every event that was missed is handled.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from aio_pika.abc import AbstractChannel

from shared.messaging import provision
from shared.messaging.topology import BUNDLES_EXCHANGE, binding_key, work_queue
from tests.faults.load import Load
from tests.faults.rig import Rig

SECONDS = 30.0
_NOTICED_SECONDS, _MENDED_SECONDS = 30.0, 45.0
_LOST = "kesu_topology_lost_total"


async def run(rig: Rig, load: Load) -> None:
    """One loss after the other; what each service counts as lost must rise."""
    async with load.running():
        await load.reached(0.1)
        before = await _counted(rig, "routing")
        async with _channel(rig) as channel:
            await channel.queue_delete(work_queue("routing"))
        rig.note("routing's queue is deleted")
        await _noticed(rig, "routing", before)

        await load.reached(0.35)
        for service, kind in (
            ("escalation", "complaint.assigned.v1"),
            ("surveys", "complaint.registered.v1"),
        ):
            before = await _counted(rig, service)
            async with _channel(rig) as channel:
                queue = await channel.get_queue(work_queue(service), ensure=False)
                await queue.unbind(BUNDLES_EXCHANGE, binding_key(kind))
            rig.note(f"{service} hears no {kind} any more")
            await _noticed(rig, service, before)

        await load.reached(0.8)
    await rig.stop("intake")
    async with _channel(rig) as channel:
        await channel.queue_delete(work_queue("intake"))
    await asyncio.sleep(1)
    rig.note("intake's queue was deleted while it was down")
    await provision.apply(rig.broker.url)
    await rig.start("intake")


async def _noticed(rig: Rig, service: str, before: float) -> None:
    async def more() -> bool:
        return await _counted(rig, service) > before

    await rig.until(f"{service} noticed its loss", more, seconds=_NOTICED_SECONDS)
    ready = partial(asyncio.to_thread, rig.services[service].is_ready)
    await rig.until(f"{service} has mended it and is ready", ready, seconds=_MENDED_SECONDS)


async def _counted(rig: Rig, service: str) -> float:
    return await rig.metric(rig.services[service], _LOST)


@asynccontextmanager
async def _channel(rig: Rig) -> AsyncIterator[AbstractChannel]:
    connection = await provision.connect(rig.broker.url, name="kesu-rig-thief")
    async with connection:
        yield await connection.channel()
