"""Injected: SIGSTOP of the routing replica that leads the relay, for 60 s under load; a second one stands by.

Must hold: the standby consumes and publishes within the pause; the frozen leader comes back as a stale one
and does no harm.
"""

from __future__ import annotations

import asyncio

from shared.clock import monotonic
from tests.faults.load import Load
from tests.faults.rig import Rig

SECONDS = 75.0
_PAUSE_SECONDS = 60
_TAKEOVER_SECONDS = 50
_CASES = "SELECT count(*) FROM cases"
_UNSENT = "SELECT count(*) FROM outbox WHERE created_at < now() - interval '45 seconds'"


async def run(rig: Rig, load: Load) -> None:
    """Freeze the leader and watch the standby."""
    standby = await rig.standby("routing")
    async with load.running():
        await load.reached(0.05)
        leads = bool(await rig.metric(standby, "kesu_relay_leader"))
        frozen = standby if leads else rig.services["routing"]
        rig.note(f"SIGSTOP the leading routing for {_PAUSE_SECONDS} s")
        begun = monotonic()
        frozen.suspend()
        await asyncio.sleep(1)
        before = await rig.value("routing", _CASES)

        async def consumes() -> bool:
            return bool(await rig.value("routing", _CASES) > before)

        async def publishes() -> bool:
            return await rig.value("routing", _CASES) > before and not await rig.value("routing", _UNSENT)

        await rig.until("the standby consumes", consumes, seconds=_TAKEOVER_SECONDS)
        await asyncio.sleep(max(0.0, begun + _TAKEOVER_SECONDS - monotonic()))
        await rig.until("the standby publishes", publishes, seconds=5)
        await asyncio.sleep(max(0.0, begun + _PAUSE_SECONDS - monotonic()))
        frozen.resume()
        rig.note("SIGCONT the stale leader")
