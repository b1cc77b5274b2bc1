"""What if it cannot be carried out at once? The customer is told why, and a date is agreed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.routing.domain.appointing import day_at
from services.routing.domain.authority import HANDLING, permitted
from services.routing.domain.case import Case
from services.routing.domain.terms import Appointment
from shared.deciding import Actor, Context, Decision, Notice
from shared.errors import Rejected
from shared.lifecycle import Action, step

TEMPLATE = "fulfilment-postponed"


@dataclass(frozen=True, slots=True)
class PostponeFulfilment:
    """It is carried out on that day, as agreed with the customer; the reason is told with it."""

    complaint_id: UUID
    actor: Actor
    on: date
    reason_code: str


def postpone_fulfilment(state: Case | None, command: PostponeFulfilment, context: Context) -> Decision[Case]:
    """The case with the date, and a letter to the customer with number, reason and date.

    Each new date is kept beside the old ones. Raises Rejected('date-past').
    Source: DSP-23.
    """
    case = permitted(state, command.actor, HANDLING)
    step(case.status, Action.FULFIL)  # only what was agreed and is not carried out yet
    if command.on < day_at(case, context.now, context.rules):
        raise Rejected(
            "date-past",
            f"{command.on} is over",
            field="on",
            remedy="Agree on a day that is still to come.",
        )
    date_agreed = Appointment(command.on, command.reason_code, command.actor.person, context.now, case.round)
    kept = replace(case, appointments=(*case.appointments, date_agreed))
    return Decision(kept, notices=_letter(kept, date_agreed))


def _letter(case: Case, appointment: Appointment) -> tuple[Notice, ...]:
    if case.history or case.sealed is None:
        return ()
    return (
        Notice(
            key=f"{TEMPLATE}:{case.complaint_id}:{len(case.appointments)}",
            to="customer",
            template=TEMPLATE,
            language=case.language,
            values={
                "complaint_no": case.complaint_no,
                "link": f"case:{case.complaint_id}",
                "due_at": appointment.on.isoformat(),
                "reason": appointment.reason_code,
            },
            sealed=case.sealed,
        ),
    )
