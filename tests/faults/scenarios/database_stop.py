"""Injected: PostgreSQL is stopped at once (`immediate`, a crash with recovery) and started 6 s later; twice.

Must hold: events are held and not bounced, clients get 503 or an answer later, relays lead again.
"""

from __future__ import annotations

import asyncio

from tests.faults.load import Load
from tests.faults.rig import Rig

SECONDS = 20.0


async def run(rig: Rig, load: Load) -> None:
    """Crash the database under load, longer than a command's patience the second time."""
    async with load.running():
        for share, seconds in ((0.15, 6), (0.55, 12)):
            await load.reached(share)
            rig.note(f"PostgreSQL stops at once, for {seconds} s")
            await asyncio.to_thread(rig.postgres.stop, "immediate")
            await asyncio.sleep(seconds)
            await asyncio.to_thread(rig.postgres.start)
            rig.note("PostgreSQL runs again")
        await rig.all_ready()
