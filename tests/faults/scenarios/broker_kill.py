"""Injected: kill -9 of RabbitMQ while routing is down and its queue holds a backlog; a restart after 5 s.

Must hold: intake goes on registering without a broker; confirmed messages survive; every service is
subscribed again without being restarted.
"""

from __future__ import annotations

import asyncio

from tests.faults.load import Load
from tests.faults.rig import Rig

SECONDS = 25.0


async def run(rig: Rig, load: Load) -> None:
    """Backlog, crash, registering meanwhile, restart."""
    async with load.running():
        await load.reached(0.02)
        await rig.stop("routing")
        await load.reached(0.35)
        rig.note("kill -9 RabbitMQ with a backlog")
        await asyncio.to_thread(rig.broker.kill9)
        await load.reached(0.5)
        await asyncio.sleep(5)
        rig.note("start RabbitMQ")
        await asyncio.to_thread(rig.broker.start)
        await rig.start("routing", ready=False)
        await load.reached(0.8)
        rig.note("kill -9 RabbitMQ again")
        await asyncio.to_thread(rig.broker.kill9)
        await asyncio.to_thread(rig.broker.start)
        await rig.all_ready()
        rig.note("all services are ready again")
