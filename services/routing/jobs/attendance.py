"""Who is away by their own word? Written through a shell of its own, read by every process each second.

A switch is in force in this process as soon as it is committed, in every other within the second; what
waits at the triage desk is then tried again (jobs/stranded.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog
from fastapi import Request

from services.routing.domain.presence import Presence
from services.routing.handlers.switch_presence import SwitchPresence, admit_switch, switch_presence
from services.routing.store.presences import PRESENCES
from services.routing.store.queries import CaseQueries
from shared.database.transaction import FAILURES
from shared.deciding import Decision
from shared.host.desk import Desk
from shared.messaging.batch import Plan
from shared.messaging.shell import Shell
from shared.notify.table import write_notices
from shared.observability.tracing import trace_of
from shared.outbox.writing import Idempotency
from shared.policy.attendance import Attendance

log = structlog.get_logger("kesu.routing")
_LOOK_SECONDS = 1.0
_PLAN: Plan[Presence] = Plan(
    "routing", {}, {SwitchPresence: switch_presence}, frozenset(), admit=admit_switch
)


async def switch(
    desk: Desk[CaseQueries],
    command: SwitchPresence,
    *,
    request: Request | None = None,
    idempotency: Idempotency | None = None,
) -> Decision[Presence]:
    """Have the command decided and committed; it is in force when this returns.

    Raises what `switch_presence` raises, and Unavailable while the database is away.
    """
    # Few people come and go: a shell for each is cheaper than one that is always there.
    shell: Shell[Presence] = Shell(
        plan=_PLAN,
        store=PRESENCES,
        database=desk.queries.database,
        rules=desk.rules,
        clock=desk.clock,
        write_notices=write_notices,
        on_commit=lambda _: None,
        on_work=lambda _: None,
    )
    running = asyncio.create_task(shell.run(), name="presence")
    try:
        trace = trace_of(request.headers.get("traceparent")) if request is not None else None
        decision = await shell.command(command, trace=trace, idempotency=idempotency)
    finally:
        shell.stop()
        await running
    await look(desk)
    return decision


async def look(desk: Desk[CaseQueries]) -> None:
    """Give the rulebook the switches that count now; the same ones again: nothing is done."""
    found = attendance_of(await desk.queries.presences(desk.clock.now()))
    # Another object would make every process call the roll anew.
    if found != desk.rules().attendance:
        desk.carry(found)


def attendance_of(presences: Sequence[Presence]) -> Attendance:
    """The switches as decisions ask for them."""
    return Attendance({one.person: one.switch for one in presences})


async def keep(_settings: object, desk: Desk[CaseQueries]) -> None:
    """Look again and again; while the database is away what was known holds."""
    while True:
        try:
            await look(desk)
        except FAILURES as error:
            log.warning("attendance.not_read", error=type(error).__name__)
        await asyncio.sleep(_LOOK_SECONDS)
