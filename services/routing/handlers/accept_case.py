"""Who takes the case up?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.authority import HANDLING, permitted
from services.routing.domain.case import Case
from shared.deciding import Actor, Context, Decision
from shared.events.routing import ComplaintAccepted
from shared.lifecycle import Action, step


@dataclass(frozen=True, slots=True)
class AcceptCase:
    """I take it."""

    complaint_id: UUID
    actor: Actor


def accept_case(state: Case | None, command: AcceptCase, context: Context) -> Decision[Case]:
    """The case, taken up; whoever of the organisation does so becomes its assignee."""
    case = permitted(state, command.actor, HANDLING)
    person = command.actor.person
    status = step(case.status, Action.ACCEPT)
    placement = case.placement
    if context.rules.person(person) is not None:
        placement = replace(placement, assignee=person)
    told = ComplaintAccepted(complaint_no=case.complaint_no, at=context.now, by=person)
    return Decision(replace(case, status=status, accepted_by=person, placement=placement), (told,))
