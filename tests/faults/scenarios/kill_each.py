"""Injected: kill -9 of each service in turn under load, and a start two seconds later.

Must hold: what was committed is told, what was not acknowledged comes again, nothing is handled twice.
"""

from __future__ import annotations

import asyncio

from shared.local.addresses import NAMES
from tests.faults.load import Load
from tests.faults.rig import Rig

SECONDS = 24.0


async def run(rig: Rig, load: Load) -> None:
    """Kill the four in the order of a complaint's journey."""
    async with load.running():
        for number, name in enumerate(NAMES):
            await load.reached(0.05 + 0.2 * number)
            await rig.crash(name)
            await asyncio.sleep(2)
            await rig.start(name)
