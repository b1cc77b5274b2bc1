"""What becomes of letters to customers? Where they go, what follows them, and who hears of failures."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import structlog

from shared.host.plan import ServicePlan
from shared.lettering import CONTACT_CORRECTED, ReportLetter
from shared.messaging.batch import Work
from shared.notify.contacts import Contacts
from shared.notify.errands import Correspondence, contact_corrected
from shared.notify.table import Waiting
from shared.observability.tracing import new_trace

if TYPE_CHECKING:
    from shared.host.process import Process

log = structlog.get_logger("kesu.process")


def correspondence_of(plan: ServicePlan, process: Process) -> Correspondence:
    """For the dispatcher of this process, whose shell and desk are asked for when they are needed."""
    contacts = Contacts(process.database, plan.store.table.name)

    async def give(command: object) -> object:
        return await process.shell.command(command)

    async def own(name: str, waiting: Waiting) -> None:
        await plan.errands[name](process.desk, waiting)

    def lost(waiting: Waiting, at: datetime, reason: str) -> None:
        if process.started:
            letter = ReportLetter(waiting.complaint_id, waiting.template, "undeliverable", at, reason)
            process.shell.hand_over(Work(letter, new_trace()), log_failure)

    errands = {name: partial(own, name) for name in plan.errands}
    common = contact_corrected(contacts, process.sealer, process.clock, give)
    return Correspondence(contacts, {CONTACT_CORRECTED: common, **errands}, lost)


def log_failure(work: Work) -> None:
    """Say that nobody could be told of what was not delivered."""
    if work.error is not None:
        log.error("undelivered.unanswered", complaint=str(work.complaint_id), exc_info=work.error)
