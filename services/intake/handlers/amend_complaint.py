"""How are the facts of a complaint corrected or completed?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from services.intake.domain.complaint import Complaint, Entry, note
from services.intake.handlers.scope import require_complaint
from shared.deciding import Actor, Context, Decision
from shared.errors import Conflict, Forbidden
from shared.events.intake import AmendedFacts, ComplaintAmended, Flags, Money, Product
from shared.lifecycle import Action, step
from shared.participation import represents
from shared.policy.model import Rulebook


@dataclass(frozen=True, slots=True)
class SealedChange:
    """A new personal part in place of the one it was made from; `fields` names what differs."""

    before: str | None
    after: str
    reachable: bool
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AmendComplaint:
    """Correct or complete it (INT-06); None leaves a field as it is."""

    complaint_id: UUID
    actor: Actor
    language: str | None = None
    customer_ref: str | None = None
    customer_grade: str | None = None
    flags: Flags | None = None
    product: Product | None = None
    order_ref: str | None = None
    claimed: Money | None = None
    accused_refs: tuple[str, ...] | None = None
    personal: SealedChange | None = None


_MAY_CLEAR = frozenset({"manager", "director", "admin"})
_OPEN_FIELDS = (
    "language",
    "customer_ref",
    "customer_grade",
    "flags",
    "product",
    "order_ref",
    "claimed",
    "accused_refs",
)


def amend_complaint(
    state: Complaint | None, command: AmendComplaint, context: Context
) -> Decision[Complaint]:
    """The corrected complaint, told with the names of what changed; nothing new: unchanged.

    Raises Conflict('amended-meanwhile'), Conflict('status-forbids'), Forbidden('role-missing', 'recused').
    Source: INT-06, INT-21, RCS-01.
    """
    complaint = require_complaint(state, command.complaint_id, command.actor)
    _require_may_clear(complaint, command, context.rules)
    changes = _differing(complaint, command)
    names = (*changes, *_personal(complaint, command.personal, changes))
    if not names:
        return Decision(complaint)
    status = step(complaint.status, Action.AMEND)
    by = command.actor.person
    amended = replace(complaint, status=status, **changes)
    entry = Entry(context.now, "complaint.amended", by, {"changed": ", ".join(names)})
    told = ComplaintAmended(
        complaint_no=complaint.complaint_no,
        at=context.now,
        by=by,
        changed=names,
        facts=_told_facts(changes),
        sealed=changes.get("sealed"),
    )
    return Decision(note(amended, entry), tells=(told,))


def _require_may_clear(complaint: Complaint, command: AmendComplaint, rules: Rulebook) -> None:
    """Nothing, unless somebody is no longer complained about and the actor may not say so."""
    if command.accused_refs is None or set(complaint.accused_refs) <= set(command.accused_refs):
        return
    if command.actor.roles.isdisjoint(_MAY_CLEAR):
        raise Forbidden(
            "role-missing",
            "that somebody is not complained about is for a manager or director to say",
            field="accused_refs",
            remedy="Send accused_refs with everybody who is in it now, or ask a manager.",
        )
    if represents(command.actor.person, complaint.recused, rules):
        raise Forbidden(
            "recused",
            "who stands in for a person complained about does not clear them",
            field="accused_refs",
            remedy="Another manager or director has to decide.",
        )


def _differing(complaint: Complaint, command: AmendComplaint) -> dict[str, Any]:
    wanted = {name: getattr(command, name) for name in _OPEN_FIELDS}
    return {
        name: value
        for name, value in wanted.items()
        if value is not None and value != getattr(complaint, name)
    }


def _told_facts(changes: dict[str, Any]) -> AmendedFacts | None:
    told = {name: value for name, value in changes.items() if name in _OPEN_FIELDS}
    return AmendedFacts(**told) if told else None


def _personal(complaint: Complaint, change: SealedChange | None, changes: dict[str, Any]) -> tuple[str, ...]:
    """Names of the personal fields that change; puts the new sealed part among the changes."""
    if change is None or not change.fields:
        return ()
    if change.before != complaint.sealed:
        raise Conflict(
            "amended-meanwhile",
            "somebody else changed the personal data while you did",
            field="customer",
            remedy="Read the complaint again, then repeat the change.",
        )
    changes["sealed"], changes["reachable"] = change.after, change.reachable
    return change.fields
