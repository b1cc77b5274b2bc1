"""Injected: 2,000 clocks fall due at one instant while two escalations run, and one is killed (-9) in the
middle; then 2,000 more, and the other one is killed.

Must hold: each of them fires, none of them twice: the log tells one breach of each.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import suppress
from uuid import UUID

import asyncpg

from shared.cli.simulate import simulate
from shared.local.processes import ServiceProcess
from shared.settings import database_of
from tests.faults.ledger import Finding
from tests.faults.load import Load
from tests.faults.reading import Stream
from tests.faults.rig import Rig

SECONDS = 10.0
_VOLLEY = 2000
_MORE = 4400  # praise has no clock, so some more than two volleys
_LEAD_SECONDS = 4
_KILL_AFTER = 0.2
_SEED = 4000
_PICK = """
UPDATE sheets AS s
   SET wake_at = due, earliest_due = due, state = jsonb_set(state, '{clocks,0,due_at}', to_jsonb(due))
  FROM (SELECT complaint_id, now() + $2::float8 * interval '1 second' AS due FROM sheets
         WHERE state #>> '{clocks,0,state}' = 'running' AND NOT complaint_id = ANY($3::uuid[])
         ORDER BY complaint_id LIMIT $1 FOR UPDATE) AS picked
 WHERE s.complaint_id = picked.complaint_id
RETURNING s.complaint_id
"""
_FIRED = "SELECT count(*) FROM sheets WHERE complaint_id = ANY($1) AND cardinality(escalation_ids) > 0"


async def run(rig: Rig, load: Load) -> None:
    """Two volleys, one victim each."""
    await _register(rig, load)
    standby = await rig.standby("escalation")
    await rig.settle()
    used: list[UUID] = []
    for victim in (rig.services["escalation"], standby):
        picked = await _due_together(rig, used)
        used += picked
        await _killed_in_the_middle(rig, victim, picked)
    await rig.settle()
    await _must_be_told_once(rig, used)


async def _register(rig: Rig, load: Load) -> None:
    """The scenario's own complaints, and as many more as the volleys need."""
    missing = max(0, _MORE - load.asked)
    more = load.beside(tuple(simulate(_SEED, missing)), name="timers", seconds=missing / 150)
    async with load.running(), more.running():
        await load.reached(1)
        await more.reached(1, seconds=240)


async def _due_together(rig: Rig, used: list[UUID]) -> list[UUID]:
    database = await asyncpg.connect(database_of(rig.postgres.url, "escalation"))
    try:
        rows = await database.fetch(_PICK, _VOLLEY, float(_LEAD_SECONDS), used)
    finally:
        await database.close()
    picked = [row[0] for row in rows]
    rig.note(f"{len(picked)} clocks fall due in {_LEAD_SECONDS} s")
    if len(picked) < _VOLLEY:
        rig.findings.append(Finding("odd", f"only {len(picked)} clocks were there to fall due"))
    return picked


async def _killed_in_the_middle(rig: Rig, victim: ServiceProcess, picked: list[UUID]) -> None:
    database = await asyncpg.connect(database_of(rig.postgres.url, "escalation"))

    async def fired() -> int:
        return int(await database.fetchval(_FIRED, picked))

    async def all_fired() -> bool:
        return await fired() == len(picked)

    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(30):
                while await fired() < _KILL_AFTER * len(picked):
                    await asyncio.sleep(0.02)
        await asyncio.to_thread(victim.kill9)
        rig.note(f"kill -9 an escalation when {await fired()} of {len(picked)} had fired")
        await rig.until("all of them fired", all_fired, seconds=60)
    finally:
        await database.close()
    await asyncio.to_thread(victim.start)
    await asyncio.to_thread(victim.wait_ready, seconds=90)


async def _must_be_told_once(rig: Rig, used: list[UUID]) -> None:
    told: dict[UUID, set[UUID]] = defaultdict(set)
    for event in await Stream(rig.broker.url).read():
        if event.type == "clock.breached.v1":
            told[event.subject].add(event.id)
    lost = [one for one in used if not told[one]]
    twice = [one for one in used if len(told[one]) > 1]
    rig.note(f"{len(used)} clocks fell due: {len(lost)} lost, {len(twice)} fired twice")
    rig.findings += [Finding("lost", "its clock never fired", one) for one in lost]
    rig.findings += [Finding("doubled", "its clock fired twice", one) for one in twice]
