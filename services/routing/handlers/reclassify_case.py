"""What if it turns out to be something else?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.authority import HANDLING, permitted
from services.routing.domain.case import Case, Placement
from services.routing.domain.placing import Matter, place
from services.routing.handlers.assign_team import tell_assigned
from shared.deciding import Actor, Context, Decision
from shared.errors import Rejected
from shared.events.base import EventData
from shared.events.intake import Kind
from shared.events.routing import Classification, ComplaintReclassified
from shared.lifecycle import Action, may, step
from shared.policy.model import Facts


@dataclass(frozen=True, slots=True)
class ReclassifyCase:
    """It is of this kind, category and type (edge case 4)."""

    complaint_id: UUID
    actor: Actor
    kind: Kind
    category: str
    type: str


def reclassify_case(state: Case | None, command: ReclassifyCase, context: Context) -> Decision[Case]:
    """The case under its new name, and in other hands if the matrix places such a one elsewhere.

    Raises Rejected('nothing-changed').
    """
    case = permitted(state, command.actor, HANDLING)
    status = step(case.status, Action.RECLASSIFY)
    facts = replace(case.facts, kind=command.kind, category=command.category, type=command.type)
    if facts == case.facts:
        raise Rejected("nothing-changed", "it is classified so already", field="type")
    told: tuple[EventData, ...] = (_told(case.facts, facts, case, command, context),)
    changed = replace(case, status=status, facts=facts)
    placement = place(Matter(case.complaint_id, facts, case.recused), context.rules, context.now)
    if may(status, Action.ASSIGN) and _differs(placement, case.placement):
        changed = replace(
            changed,
            status=step(status, Action.ASSIGN),
            placement=_kept_in_hand(placement, case.placement),
            former=(*case.former, case.placement),
        )
        told = (*told, tell_assigned(changed))
    return Decision(changed, told)


def _differs(new: Placement, old: Placement) -> bool:
    return (new.department, new.assistants, new.severity, new.priority) != (
        old.department,
        old.assistants,
        old.severity,
        old.priority,
    )


def _kept_in_hand(new: Placement, old: Placement) -> Placement:
    # Whoever works on it goes on if it stays in the department.
    same = new.department == old.department and old.assignee is not None
    return replace(new, assignee=old.assignee) if same else new


def _told(
    old: Facts, new: Facts, case: Case, command: ReclassifyCase, context: Context
) -> ComplaintReclassified:
    return ComplaintReclassified.model_validate(
        {
            "complaint_no": case.complaint_no,
            "at": context.now,
            "by": command.actor.person,
            "from": _named(old),
            "to": _named(new),
        }
    )


def _named(facts: Facts) -> Classification:
    return Classification.model_validate({"kind": facts.kind, "category": facts.category, "type": facts.type})
