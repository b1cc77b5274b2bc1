"""Injected: kill -9 at random, ten times, also of services that are just starting.

Must hold: as for killing in turn; two may be down at once, one may die twice before it was ready.
"""

from __future__ import annotations

import asyncio

from shared.local.addresses import NAMES
from tests.faults.load import Load
from tests.faults.rig import Rig

SECONDS = 30.0
_KILLS = 10


async def run(rig: Rig, load: Load) -> None:
    """Kill whichever the seed says, at moments that it says."""
    async with load.running():
        await load.reached(0.03)
        for _ in range(_KILLS):
            victims = rig.random.sample(NAMES, rig.random.choice((1, 1, 1, 2)))
            for name in victims:
                await rig.crash(name)
            await asyncio.sleep(rig.random.uniform(0.1, 1.5))
            await rig.start(*victims, ready=False)
            await asyncio.sleep(rig.random.uniform(0.5, 4.0))
        await rig.all_ready()
