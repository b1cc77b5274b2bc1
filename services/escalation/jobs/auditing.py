"""How does the service audit itself, over and over? In a process of its own, which shares nothing with it.

A log of millions of events would take memory and time from the timers; and an auditor that dies does so
alone (docs/decisions/0046). What is shown is the newest statement, whoever made it: an audit that somebody
runs every night counts as well, and none at all is no clean one.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from typing import Any

import structlog

from services.escalation.settings import Settings
from services.escalation.store.auditing import newest_findings
from shared.clock import monotonic
from shared.database.transaction import FAILURES, Database

log = structlog.get_logger("kesu.audit")
_PROGRAM = ("-m", "services.escalation.jobs.audit", "--gently")
_AGREES, _DIFFERS = 0, 1
_LOOK_SECONDS = 60.0
OnFindings = Callable[[Mapping[str, int], datetime], None]
"""Gets the number of differences of each kind, and when they were found."""


def again(on_findings: OnFindings) -> Callable[[Settings, Database], Coroutine[Any, Any, None]]:
    """A job that shows the newest audit and, if told to, audits every `audit_minutes`.

    What fails is logged and tried at the next turn.
    """

    async def audit(settings: Settings, database: Database) -> None:
        every = settings.audit_minutes * 60
        shown: datetime | None = None
        ran = monotonic()
        while True:
            try:
                shown = await _show(database, on_findings, shown)
            except FAILURES as error:
                log.warning("audit.not_shown", error=type(error).__name__)
            await asyncio.sleep(min(every or _LOOK_SECONDS, _LOOK_SECONDS))
            if every and monotonic() - ran >= every:
                ran = monotonic()
                await _run()

    return audit


async def _show(database: Database, on_findings: OnFindings, shown: datetime | None) -> datetime | None:
    found = await newest_findings(database)
    if found is None or found.made_at == shown:
        return shown
    on_findings(found.by_kind, found.made_at)
    differing = {kind: number for kind, number in found.by_kind.items() if number}
    if differing:
        log.error("audit.differs", missed=sum(differing.values()), kinds=differing)
    return found.made_at


async def _run() -> None:
    try:
        status = await _audit()
    except OSError as error:
        log.warning("audit.failed", error=type(error).__name__)
        return
    if status not in (_AGREES, _DIFFERS):
        log.warning("audit.failed", status=status)


async def _audit() -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable, *_PROGRAM, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        return await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
