"""What if it turns out later whom a complaint is about? They withdraw, and others take their place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.authority import LEADING, permitted
from services.routing.domain.case import Case, Placement
from services.routing.domain.placing import Matter, choose_assignee
from services.routing.domain.signing import unsigned
from services.routing.handlers.assign_team import tell_assigned
from services.routing.handlers.notices import asking_to_sign
from shared.deciding import Actor, Context, Decision
from shared.errors import Rejected
from shared.lifecycle import Action, Status, step


@dataclass(frozen=True, slots=True)
class RecusePerson:
    """This person is complained about, or too close to it (RCS-01)."""

    complaint_id: UUID
    actor: Actor
    person: str


def recuse_person(state: Case | None, command: RecusePerson, context: Context) -> Decision[Case]:
    """The case without this person: another assignee, and a proposal on the table signed anew.

    Of somebody whom the register accuses already it becomes the desk's own decision, so that no correction
    of the register brings them back, and whatever they still hold is taken from them.
    Raises Rejected('unknown-person'), Conflict('status-forbids') once the case has ended.
    """
    case = permitted(state, command.actor, LEADING)
    step(case.status, Action.RECLASSIFY)  # any open case; an ended one refuses
    if context.rules.person(command.person) is None:
        raise Rejected("unknown-person", f"the organisation knows no {command.person}", field="person")
    without = replace(
        case,
        recused=tuple(dict.fromkeys((*case.recused, command.person))),
        set_aside=tuple(dict.fromkeys((*case.set_aside, command.person))),
    )
    without = replace(without, placement=_placement(without, command, context))
    without = unsigned(without, (command.person,))
    if without == case:
        return Decision(case)
    # Told in any status: the register and the clocks have to close themselves to this person as well.
    decision = Decision(without, (tell_assigned(without),))
    return asking_to_sign(decision, context) if case.status is Status.PROPOSED else decision


def _placement(case: Case, command: RecusePerson, context: Context) -> Placement:
    placement = replace(
        case.placement, informed=tuple(one for one in case.placement.informed if one != command.person)
    )
    if placement.assignee != command.person:
        return placement
    matter = Matter(case.complaint_id, case.facts, case.recused)
    try:
        assignee = choose_assignee(matter, case.department, context.rules, context.now)
    except Rejected:
        assignee = None  # the department as a whole has it
    return replace(placement, assignee=assignee, reason="recused", at=context.now, by=command.actor.person)
