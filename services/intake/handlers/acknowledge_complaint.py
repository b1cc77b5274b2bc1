"""What was the customer promised, and when?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.intake.domain.acceptance import plausible_promise
from services.intake.domain.complaint import Complaint, Entry, note
from services.intake.handlers.scope import require_complaint
from shared.deciding import Actor, Context, Decision
from shared.events.intake import ComplaintAcknowledged
from shared.lifecycle import Action, step


@dataclass(frozen=True, slots=True)
class AcknowledgeComplaint:
    """The customer was told that it arrived; `promised_at` None: what policy promises."""

    complaint_id: UUID
    actor: Actor
    promised_at: datetime | None = None


def acknowledge_complaint(
    state: Complaint | None, command: AcknowledgeComplaint, context: Context
) -> Decision[Complaint]:
    """The complaint with the date that the customer was told; the same date again: unchanged.

    Raises Conflict('status-forbids') once it has ended, Rejected('promised-out-of-reach').
    Source: INF-05, FRD-11.
    """
    complaint = require_complaint(state, command.complaint_id, command.actor)
    said = plausible_promise(command.promised_at, context.now, field="promised_at")
    promised_at = said or complaint.promise()
    if promised_at is not None and promised_at == complaint.promised_at:
        return Decision(complaint)
    status = step(complaint.status, Action.ACKNOWLEDGE)
    by = command.actor.person
    facts = {"promised_at": promised_at.isoformat()} if promised_at else {}
    acknowledged = replace(complaint, status=status, promised_at=promised_at)
    told = ComplaintAcknowledged(
        complaint_no=complaint.complaint_no, at=context.now, by=by, promised_at=promised_at
    )
    entry = Entry(context.now, "complaint.acknowledged", by, facts)
    return Decision(note(acknowledged, entry), tells=(told,))
