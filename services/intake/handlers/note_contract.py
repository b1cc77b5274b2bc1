"""By when did the contract let the customer object? Noted, flagged, and never a silent refusal (SLA-19)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.intake.domain.complaint import Complaint, Entry, Objection, note
from services.intake.domain.objecting import is_late
from services.intake.handlers.scope import require_complaint
from shared.deciding import Actor, Context, Decision
from shared.events.intake import ComplaintAmended
from shared.lifecycle import Action, step


@dataclass(frozen=True, slots=True)
class NoteContract:
    """The clause and until when it let the customer object; noted anew, the newest counts."""

    complaint_id: UUID
    actor: Actor
    until: datetime
    clause: str


def note_contract(state: Complaint | None, command: NoteContract, context: Context) -> Decision[Complaint]:
    """The complaint with the limit and whether it was kept; the same again: unchanged.

    It goes on as it did, in time or not. Raises Conflict('status-forbids') once it has ended.
    """
    complaint = require_complaint(state, command.complaint_id, command.actor)
    limit = Objection(command.until, command.clause)
    if complaint.objection == limit:
        return Decision(complaint)
    status = step(complaint.status, Action.AMEND)
    noted = replace(complaint, status=status, objection=limit)
    by = command.actor.person
    raised = "late" if is_late(noted) else "in-time"
    facts = {"clause": command.clause, "until": command.until.isoformat(), "raised": raised}
    told = ComplaintAmended(
        complaint_no=complaint.complaint_no, at=context.now, by=by, changed=("objection_until",)
    )
    return Decision(note(noted, Entry(context.now, "complaint.amended", by, facts)), tells=(told,))
