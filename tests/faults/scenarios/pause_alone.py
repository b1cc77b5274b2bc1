"""Injected: SIGSTOP of intake, which leads its relay and serves the door, for 60 s under load; no replica.

Must hold: clients that gave up ask again with the same key and are registered once; locks of the frozen
process do not outlive the pause; what it does late, with old connections, does no harm.
"""

from __future__ import annotations

import asyncio

from tests.faults.load import Load
from tests.faults.rig import Rig

SECONDS = 10.0
_PAUSE_SECONDS = 60


async def run(rig: Rig, load: Load) -> None:
    """Freeze in the middle of the load."""
    async with load.running():
        await load.reached(0.4)
        rig.note(f"SIGSTOP intake for {_PAUSE_SECONDS} s")
        rig.services["intake"].suspend()
        await asyncio.sleep(_PAUSE_SECONDS)
        rig.services["intake"].resume()
        rig.note("SIGCONT intake")
        await rig.all_ready()
