"""Which alarm does a notice that cannot be delivered belong to?"""

from __future__ import annotations

from uuid import UUID

from services.escalation.domain.alarming import BETWEEN, TEMPLATES
from services.escalation.handlers.report_undelivered import ReportUndelivered
from shared.notify.table import Waiting


def about_alarm(waiting: Waiting) -> ReportUndelivered | None:
    """The command that says so; None: it is no alarm, and nobody has to be told instead."""
    if waiting.template not in TEMPLATES.values():
        return None
    identifier = waiting.values["link"].partition(":")[2].partition(BETWEEN)[0]
    return ReportUndelivered(
        complaint_id=waiting.complaint_id,
        escalation_id=UUID(identifier),
        level=int(waiting.values["level"]),
        person=waiting.to,
    )
