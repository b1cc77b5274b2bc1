"""Injected: 10,000 rows of history are imported as fast as the register takes them, while complaints go on
coming in and promises to customers go on falling due. Another system listens to `complaint.#` and `clock.#`.

Must hold: the living do not wait for history. From the entry in the register to `clock.started` at that
system the median stays under a second, also just after the import; a breach fires within a second of its due date
and is told within the same (19 of 20: the load is on the same cores); every event of one complaint and producer reaches it in the order of `sequence`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from statistics import median
from typing import Any

import asyncpg

from shared.cli.simulate import simulate
from shared.clock import SystemClock, monotonic
from shared.local.http_client import HttpClient
from shared.settings import database_of
from tests.faults.ledger import Finding
from tests.faults.listening import Listener
from tests.faults.load import Load
from tests.faults.rig import Rig

SECONDS = 75.0
_ROWS = 10_000
_AT_ONCE = 200
_SEED = 9000
_MEDIAN_SECONDS = 1.0
_LAG_SECONDS = 1.0
_MOST_OF_THEM = 0.95
_CREATED, _BUSY = 200, 503
_DUE = """
UPDATE sheets AS s
   SET wake_at = due, earliest_due = due, state = jsonb_set(state, '{clocks,0,due_at}', to_jsonb(due))
  FROM (SELECT complaint_id, now() + interval '2 seconds' AS due FROM sheets
         WHERE state #>> '{clocks,0,state}' = 'running' AND state->>'history' IS DISTINCT FROM 'true'
         ORDER BY complaint_id LIMIT 5 FOR UPDATE SKIP LOCKED) AS picked
 WHERE s.complaint_id = picked.complaint_id
"""
"""A few of the living fall due in two seconds."""


async def run(rig: Rig, load: Load) -> None:
    """Import while the load runs; what another system heard of it is the measure."""
    listener = Listener(rig.broker.url, "ext.rig.order", ("complaint.#", "clock.#"))
    async with listener.listening(), load.running():
        await load.reached(0.1)
        listener.mark("before")
        falling_due = asyncio.create_task(_falling_due(rig))
        seconds = await _import(rig, load)
        rig.note(f"{_ROWS} rows in {seconds:.0f} s, {_ROWS / seconds:.0f} a second")
        listener.mark("just after")
        await load.reached(1, seconds=300)
        falling_due.cancel()
        with suppress(asyncio.CancelledError):
            await falling_due
        await asyncio.sleep(5)
    _judge(rig, load, listener)


async def _falling_due(rig: Rig) -> None:
    database = await asyncpg.connect(database_of(rig.postgres.url, "escalation"))
    try:
        while True:
            await database.execute(_DUE)
            await asyncio.sleep(2)
    finally:
        await database.close()


async def _import(rig: Rig, load: Load) -> float:
    """As `kesu import` does: one request after the other, again when the register asks for patience."""
    begun = monotonic()
    url = rig.services["intake"].address.url
    async with HttpClient(url, token=load.token, connections=1, timeout_seconds=60) as client:
        rows = _rows(simulate(_SEED, _ROWS))
        for start in range(0, len(rows), _AT_ONCE):
            body = {"source": "rig", "history": True, "rows": rows[start : start + _AT_ONCE]}
            reply = await client.request("POST", "/imports", body)
            while reply.status == _BUSY:
                await asyncio.sleep(1)
                reply = await client.request("POST", "/imports", body)
            if reply.status != _CREATED or reply.json()["rejected"]:
                rig.findings.append(Finding("odd", f"rows from {start} on: {reply.body[:300]!r}"))
                break
    return monotonic() - begun


def _rows(bodies: Any) -> Sequence[Mapping[str, Any]]:
    """Three of four had ended where they come from; the others are open, and overdue long since."""
    now = SystemClock().now()
    rows = []
    for number, body in enumerate(bodies):
        received = now - timedelta(days=400, minutes=number)
        row = {**body, "row": number, "ref": f"rig-{number}", "received_at": received.isoformat()}
        row["order_ref"] = f"RIG-IMPORT-{number}"
        if number % 4:
            row["closed_at"] = (received + timedelta(days=3)).isoformat()
        rows.append(row)
    return rows


def _judge(rig: Rig, load: Load, listener: Listener) -> None:
    ours = {one.complaint_id for one in load.accepted}
    for name, delays in listener.delays(ours).items():
        if not delays:
            rig.findings.append(Finding("odd", f"{name}: no clock.started was heard"))
            continue
        middle, longest = median(delays), max(delays)
        rig.note(
            f"{name}: clock.started after {middle:.2f} s (median of {len(delays)}), {longest:.2f} s at most"
        )
        if middle > _MEDIAN_SECONDS:
            rig.findings.append(Finding("stuck", f"{name}: clock.started only after {middle:.2f} s"))
    _judge_breaches(rig, listener.breaches(ours))
    late = listener.out_of_order()
    rig.note(f"{listener.count} events heard, those of {len(late)} complaints out of order")
    rig.findings += [Finding("odd", f"heard {kinds}", who) for who, kinds in late[:20]]


def _judge_breaches(rig: Rig, breaches: Sequence[tuple[float, float]]) -> None:
    if not breaches:
        rig.findings.append(Finding("odd", "no breach was heard"))
        return
    fired = max(one[0] for one in breaches)
    told = sorted(one[1] for one in breaches)
    most = told[int(len(told) * _MOST_OF_THEM)]
    rig.note(
        f"{len(told)} breaches, fired {fired:.2f} s late at most, told {most:.2f} s (most), {told[-1]:.2f} s"
    )
    if fired > _LAG_SECONDS:
        rig.findings.append(Finding("stuck", f"a breach fired {fired:.2f} s late"))
    if most > _LAG_SECONDS:
        rig.findings.append(Finding("stuck", f"one of twenty breaches was told over {most:.2f} s late"))
