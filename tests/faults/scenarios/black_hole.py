"""Injected: the link to the broker swallows every byte of both directions for 45 s; nobody is told.

Must hold: heartbeats and time-outs notice on both sides, intake goes on registering, everything flows
again over new connections without a restart.
"""

from __future__ import annotations

import asyncio

from tests.faults.link import through_proxy
from tests.faults.load import Load
from tests.faults.rig import Rig

SECONDS = 60.0
_HOLE_SECONDS = 45


async def run(rig: Rig, load: Load) -> None:
    """Services behind the proxy, a hole in the middle of the load."""
    async with through_proxy(rig) as proxy, load.running():
        await load.reached(0.1)
        rig.note(f"the link swallows everything for {_HOLE_SECONDS} s")
        proxy.swallow()
        before = len(load.accepted)
        await asyncio.sleep(_HOLE_SECONDS)
        rig.note(f"{len(load.accepted) - before} were registered meanwhile, {proxy.swallowed} bytes vanished")
        proxy.let_pass()
        await rig.all_ready()
        rig.note("all services are ready again")
        await load.reached(1)
        await rig.settle()
