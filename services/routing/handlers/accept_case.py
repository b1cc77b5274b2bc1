"""Who takes the case up?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.authority import HANDLING, permitted
from services.routing.domain.case import Case
from services.routing.domain.duties import in_person, taken_in_hand, with_reviews
from shared.deciding import Actor, Context, Decision
from shared.errors import Forbidden
from shared.events.routing import ComplaintAccepted
from shared.lifecycle import Action, step


@dataclass(frozen=True, slots=True)
class AcceptCase:
    """I take it."""

    complaint_id: UUID
    actor: Actor


@dataclass(frozen=True, slots=True)
class ConfirmInPerson:
    """I have it in hand myself, as policy asks for such a complaint."""

    complaint_id: UUID
    actor: Actor


def accept_case(state: Case | None, command: AcceptCase, context: Context) -> Decision[Case]:
    """The case, taken up; whoever of the organisation does so becomes its assignee.

    If that is whom policy asks to handle it in person, it is confirmed by the same step, and the
    reviews that begin with such a case are open (SAF-01).
    """
    case = permitted(state, command.actor, HANDLING)
    person = command.actor.person
    status = step(case.status, Action.ACCEPT)
    placement = case.placement
    if context.rules.person(person) is not None:
        placement = replace(placement, assignee=person)
    taken = replace(case, status=status, accepted_by=person, placement=placement)
    taken = with_reviews(taken, context.rules, context.now)
    taken = taken_in_hand(taken, command.actor, context.rules, context.now)
    confirmation = taken.confirmation
    told = ComplaintAccepted(
        complaint_no=case.complaint_no,
        at=context.now,
        by=person,
        in_person=confirmation.role if confirmation is not None else None,
        opened=tuple(one.kind for one in taken.reviews if one.done_at is None) or None,
    )
    return Decision(taken, (told,))


def confirm_in_person(state: Case | None, command: ConfirmInPerson, context: Context) -> Decision[Case]:
    """The case, confirmed by whom policy names (RTE-10, SAF-01); confirmed already: as it is.

    Raises Forbidden('not-in-person').
    """
    case = permitted(state, command.actor, HANDLING, departments=())
    step(case.status, Action.RECLASSIFY)  # any open case; an ended one refuses
    if case.confirmation is not None:
        return Decision(case)
    confirmed = taken_in_hand(case, command.actor, context.rules, context.now)
    if confirmed is case:
        wanted = ", ".join(one.person for one in in_person(case, context.rules, context.now))
        raise Forbidden(
            "not-in-person",
            "policy does not ask you to handle this in person",
            field="actor",
            remedy=f"It asks: {wanted or 'nobody'}.",
        )
    return Decision(with_reviews(confirmed, context.rules, context.now))
