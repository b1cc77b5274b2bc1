"""How is a complaint that had ended taken up again?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.intake.domain.complaint import Complaint, Entry, note
from services.intake.handlers.scope import require_complaint
from shared.deciding import Actor, Context, Decision
from shared.events.intake import ComplaintReopened
from shared.lifecycle import Action, Status, step


@dataclass(frozen=True, slots=True)
class ReopenComplaint:
    """Take it up again, e.g. because the remedy did not last (INF-04)."""

    complaint_id: UUID
    actor: Actor
    reason_code: str


def reopen_complaint(
    state: Complaint | None, command: ReopenComplaint, context: Context
) -> Decision[Complaint]:
    """The complaint reopened; reopened already and not yet assigned: unchanged.

    Raises Conflict('status-forbids') unless it was closed, declined, withdrawn or merged.
    """
    complaint = require_complaint(state, command.complaint_id, command.actor)
    if complaint.status is Status.REOPENED:
        return Decision(complaint)
    status = step(complaint.status, Action.REOPEN)
    by, reason = command.actor.person, command.reason_code
    entry = Entry(context.now, "complaint.reopened", by, {"reason_code": reason})
    # The reply belonged to the handling that is over; the next round asks the customer anew.
    # So did an end elsewhere: what is closed from now on was closed here.
    reopened = replace(
        complaint,
        status=status,
        outcome=None,
        reply=None,
        promised_at=None,
        closed_at=None,
        merged_into=None,
    )
    told = ComplaintReopened(complaint_no=complaint.complaint_no, at=context.now, by=by, reason_code=reason)
    return Decision(note(reopened, entry), tells=(told,))
