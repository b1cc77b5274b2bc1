"""What happens when the customer takes a complaint back?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.intake.domain.complaint import Complaint, Entry, note
from services.intake.handlers.scope import require_complaint
from services.intake.handlers.tell_merged import telling_merged
from shared.deciding import Actor, Context, Decision
from shared.events.intake import ComplaintWithdrawn
from shared.lifecycle import Action, Status, step


@dataclass(frozen=True, slots=True)
class WithdrawComplaint:
    """The customer takes it back; whoever heard so enters it."""

    complaint_id: UUID
    actor: Actor
    reason_code: str = "customer-wish"


def withdraw_complaint(
    state: Complaint | None, command: WithdrawComplaint, context: Context
) -> Decision[Complaint]:
    """The complaint withdrawn; withdrawn already: unchanged. Raises Conflict('status-forbids')."""
    complaint = require_complaint(state, command.complaint_id, command.actor)
    if complaint.status is Status.WITHDRAWN:
        return Decision(complaint)
    status = step(complaint.status, Action.WITHDRAW)
    by, reason = command.actor.person, command.reason_code
    entry = Entry(context.now, "complaint.withdrawn", by, {"reason_code": reason})
    withdrawn = replace(complaint, status=status, outcome="withdrawn", status_before_pause=None)
    told = ComplaintWithdrawn(complaint_no=complaint.complaint_no, at=context.now, by=by, reason_code=reason)
    others = telling_merged(complaint, context.now.isoformat())
    return Decision(note(withdrawn, entry), tells=(told,), notices=others)
