"""How does the service audit itself, over and over? In a process of its own, which shares nothing with it.

A log of millions of events would take memory and time from the timers; and an auditor that dies does so
alone (docs/decisions/0046).
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import structlog

from services.escalation.settings import Settings
from services.escalation.store.auditing import newest_findings
from shared.database.transaction import FAILURES, Database

log = structlog.get_logger("kesu.audit")
_PROGRAM = ("-m", "services.escalation.jobs.audit", "--gently")
_AGREES, _DIFFERS = 0, 1
OnFindings = Callable[[Mapping[str, int]], None]
"""Gets the number of differences of each kind."""


def again(on_findings: OnFindings) -> Callable[[Settings, Database], Coroutine[Any, Any, None]]:
    """A job that audits every `audit_minutes`; what fails is logged and tried at the next turn."""

    async def audit(settings: Settings, database: Database) -> None:
        while settings.audit_minutes:
            await asyncio.sleep(settings.audit_minutes * 60)
            try:
                status = await _audit()
                if status in (_AGREES, _DIFFERS):
                    _tell(await newest_findings(database), on_findings)
                else:
                    log.warning("audit.failed", status=status)
            except FAILURES as error:
                log.warning("audit.failed", error=type(error).__name__)

    return audit


def _tell(findings: Mapping[str, int], on_findings: OnFindings) -> None:
    on_findings(findings)
    found = {kind: number for kind, number in findings.items() if number}
    if found:
        log.error("audit.differs", missed=sum(found.values()), kinds=found)


async def _audit() -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable, *_PROGRAM, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        return await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
