"""What if it turns out to be something else?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.authority import HANDLING, permitted
from services.routing.domain.case import Case
from services.routing.domain.moving import moved
from services.routing.handlers.assign_team import tell_assigned
from shared.deciding import Actor, Context, Decision
from shared.errors import Rejected
from shared.events.intake import Kind
from shared.events.routing import Classification, ComplaintReclassified
from shared.lifecycle import Action, step
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
    told = _told(case.facts, facts, case, command, context)
    settled, is_placed_anew = moved(
        replace(case, status=status), facts, case.recused, context.rules, context.now
    )
    return Decision(settled, (told, tell_assigned(settled)) if is_placed_anew else (told,))


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
