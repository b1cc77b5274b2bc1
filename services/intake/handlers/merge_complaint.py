"""What if two complaints are one? The later is merged into the other, and both stay readable.

Two steps, each on one complaint: first the other absorbs it, then it ends as merged. Whoever breaks off in
between has lost nothing: the duplicate is still open, and the same request again finishes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.intake.domain.complaint import Complaint, Entry, Link, note
from services.intake.handlers.notices import to_customer
from services.intake.handlers.scope import require_complaint
from shared.deciding import Actor, Context, Decision
from shared.errors import Conflict, Rejected
from shared.events.intake import AmendedFacts, ComplaintAbsorbed, ComplaintAmended, ComplaintMerged
from shared.lifecycle import Action, Status, step


@dataclass(frozen=True, slots=True)
class AbsorbComplaint:
    """Take a duplicate in."""

    complaint_id: UUID
    actor: Actor
    duplicate: Link
    duplicate_site: str
    reason_code: str
    accused_refs: tuple[str, ...] = ()
    """Who takes no part in the duplicate: it goes on here, so they take none here either."""


@dataclass(frozen=True, slots=True)
class MergeComplaint:
    """End it as a duplicate of the one that has taken it in."""

    complaint_id: UUID
    actor: Actor
    into: Link
    reason_code: str
    accused_refs: tuple[str, ...] = ()
    """Who takes no part in the one that goes on."""


def absorb_complaint(
    state: Complaint | None, command: AbsorbComplaint, context: Context
) -> Decision[Complaint]:
    """The complaint with its duplicate; taken in before: unchanged.

    Raises Rejected('same-complaint', 'another-site'), Conflict('status-forbids').
    """
    complaint = require_complaint(state, command.complaint_id, command.actor)
    duplicate, by = command.duplicate, command.actor.person
    if duplicate.complaint_id == complaint.complaint_id:
        raise Rejected("same-complaint", "a complaint is no duplicate of itself", field="into")
    if command.duplicate_site != complaint.site:
        raise Rejected(
            "another-site",
            f"{complaint.complaint_no} is one of {complaint.site}, the duplicate of {command.duplicate_site}",
            field="into",
            remedy="Only complaints of one site are merged: each site has its own policy and people.",
        )
    if any(known.complaint_id == duplicate.complaint_id for known in complaint.absorbed):
        return Decision(complaint)
    status = step(complaint.status, Action.ABSORB)
    facts = {"duplicate_no": duplicate.complaint_no, "reason_code": command.reason_code}
    taken = replace(complaint, status=status, absorbed=(*complaint.absorbed, duplicate))
    taken, accused = _also_accused(taken, command.accused_refs, by, context)
    told = ComplaintAbsorbed(
        complaint_no=complaint.complaint_no,
        at=context.now,
        by=by,
        reason_code=command.reason_code,
        duplicate_id=duplicate.complaint_id,
        duplicate_no=duplicate.complaint_no,
        received_at=duplicate.received_at,
    )
    absorbed = note(taken, Entry(context.now, "complaint.absorbed", by, facts))
    return Decision(absorbed, tells=(told, *accused))


def merge_complaint(
    state: Complaint | None, command: MergeComplaint, context: Context
) -> Decision[Complaint]:
    """The complaint merged and its customer told where it goes on; merged so before: unchanged.

    Raises Conflict('already-merged', 'status-forbids').
    """
    complaint = require_complaint(state, command.complaint_id, command.actor)
    if is_merged(complaint, command.into.complaint_id):
        return Decision(complaint)
    status = step(complaint.toward_customer, Action.MERGE)
    by, into = command.actor.person, command.into
    facts = {"into_no": into.complaint_no, "reason_code": command.reason_code}
    merged = replace(complaint, status=status, outcome="merged", status_before_pause=None, merged_into=into)
    told = ComplaintMerged(
        complaint_no=complaint.complaint_no,
        at=context.now,
        by=by,
        reason_code=command.reason_code,
        into_id=into.complaint_id,
        into_no=into.complaint_no,
    )
    merged, accused = _also_accused(merged, command.accused_refs, by, context)
    notices = to_customer(complaint, "complaint-merged", context.now.isoformat(), into_no=into.complaint_no)
    ended = note(merged, Entry(context.now, "complaint.merged", by, facts))
    # Before the end: what has ended hears of no correction any more.
    return Decision(ended, tells=(*accused, told), notices=notices)


def _also_accused(
    complaint: Complaint, persons: tuple[str, ...], by: str, context: Context
) -> tuple[Complaint, tuple[ComplaintAmended, ...]]:
    """The complaint with these persons accused too, and what to tell; none is new: nothing."""
    new = tuple(person for person in persons if person not in complaint.recused)
    if not new:
        return complaint, ()
    accused_refs = (*complaint.accused_refs, *new)
    entry = Entry(context.now, "complaint.amended", by, {"changed": "accused_refs"})
    told = ComplaintAmended(
        complaint_no=complaint.complaint_no,
        at=context.now,
        by=by,
        changed=("accused_refs",),
        facts=AmendedFacts(accused_refs=accused_refs),
    )
    return note(replace(complaint, accused_refs=accused_refs), entry), (told,)


def is_merged(complaint: Complaint, into: UUID) -> bool:
    """Whether it was merged into that one. Raises Conflict('already-merged') if into another."""
    known = complaint.merged_into
    if complaint.status is not Status.MERGED or known is None:
        return False
    if known.complaint_id != into:
        raise Conflict(
            "already-merged",
            f"it goes on as part of {known.complaint_no}",
            field="into",
            remedy="Merge that one, or reopen this one first.",
        )
    return True
