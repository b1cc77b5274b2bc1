"""When is a complaint not accepted for handling?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.intake.domain.acceptance import known_reason
from services.intake.domain.complaint import Complaint, Entry, note
from services.intake.domain.objecting import require_late
from services.intake.handlers.notices import to_customer
from services.intake.handlers.scope import require_complaint
from services.intake.handlers.tell_merged import telling_merged
from shared.deciding import Actor, Context, Decision
from shared.events.intake import ComplaintDeclined
from shared.lifecycle import Action, Status, step


@dataclass(frozen=True, slots=True)
class DeclineComplaint:
    """Do not handle it, for one of the reasons that the site's policy names."""

    complaint_id: UUID
    actor: Actor
    reason_code: str


def decline_complaint(
    state: Complaint | None, command: DeclineComplaint, context: Context
) -> Decision[Complaint]:
    """The complaint declined and the customer told; declined for the same reason before: unchanged.

    Raises Rejected('unknown-reason', 'not-late'), Conflict('status-forbids'). Source: INT-22.
    """
    complaint = require_complaint(state, command.complaint_id, command.actor)
    if complaint.status is Status.DECLINED and complaint.outcome == command.reason_code:
        return Decision(complaint)
    reason = known_reason(command.reason_code, complaint.site, context.rules)
    require_late(complaint, reason)
    status = step(complaint.status, Action.DECLINE)
    by = command.actor.person
    entry = Entry(context.now, "complaint.declined", by, {"reason_code": reason})
    declined = replace(complaint, status=status, outcome=reason, status_before_pause=None)
    told = ComplaintDeclined(complaint_no=complaint.complaint_no, at=context.now, by=by, reason_code=reason)
    occasion = context.now.isoformat()
    notices = to_customer(complaint, "complaint-declined", occasion, reason=reason)
    others = telling_merged(complaint, occasion)
    return Decision(note(declined, entry), tells=(told,), notices=(*notices, *others))
