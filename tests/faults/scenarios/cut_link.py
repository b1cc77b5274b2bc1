"""Injected: the link to the broker breaks at once, again and again, and twice stays away for some seconds.

Must hold: deliveries whose handler was under way are handled once, publishes in flight are sent again.
"""

from __future__ import annotations

import asyncio

from tests.faults.link import through_proxy
from tests.faults.load import Load
from tests.faults.rig import Rig

SECONDS = 25.0
_CUTS = 6


async def run(rig: Rig, load: Load) -> None:
    """Cut under load at moments that the seed says."""
    async with through_proxy(rig) as proxy, load.running():
        await load.reached(0.05)
        for number in range(_CUTS):
            away = number % 3 == 2
            rig.note(f"the link is cut{' for 4 s' if away else ''}")
            if away:
                proxy.refuse()
            proxy.cut()
            if away:
                await asyncio.sleep(4)
                proxy.let_pass()
            await asyncio.sleep(rig.random.uniform(1.0, 4.0))
        await rig.all_ready()
        await load.reached(1)
        await rig.settle()
