"""Injected: the disk under the outboxes of intake and routing is full: they lie on a small file system of
their own (root), which is filled; who is not root lets PostgreSQL refuse every row of theirs with the
same code 53100.

Must hold: clients get 503 and nothing is half registered; routing holds its events; when there is room
again all goes on by itself.
"""

from __future__ import annotations

import asyncio
import os

from tests.faults.disk import refusing, small_disk
from tests.faults.load import Load
from tests.faults.rig import Rig

SECONDS = 15.0
_FULL_SECONDS = 14
_CASES = "SELECT count(*) FROM cases"


async def run(rig: Rig, load: Load) -> None:
    """Fill the disk under load while routing has a backlog, and free it again."""
    disk = small_disk if os.geteuid() == 0 else refusing
    async with disk(rig, ("intake", "routing")) as (fill, free):
        await rig.stop("routing")
        async with load.running():
            await load.reached(0.3)
            await fill()
            rig.note("the disk is full")
            await rig.start("routing", ready=False)
            before = len(load.accepted)
            await asyncio.sleep(_FULL_SECONDS)
            rig.note(f"{len(load.accepted) - before} were registered while the disk was full")
            rig.note(f"503 came {load.answers['503']} times so far")
            await free()
            rig.note("there is room again")
            await rig.all_ready()
            await load.reached(1)
        await rig.settle()
