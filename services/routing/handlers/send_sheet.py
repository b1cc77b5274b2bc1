"""When does the report of corrective action go to the customer?"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from services.routing.domain.authority import HANDLING, permitted
from services.routing.domain.case import Case
from services.routing.domain.sheet_sending import BETWEEN, last_sent, own_steps, require_worked_on, sent
from shared.deciding import Actor, Context, Decision, Notice
from shared.errors import Conflict
from shared.events.sheets import SheetSent

TEMPLATE = "sheet-sent"


@dataclass(frozen=True, slots=True)
class SendSheet:
    """The customer gets the sheet to comment on (CAP-02); None: the newest."""

    complaint_id: UUID
    actor: Actor
    sheet: int | None = None


def send_sheet(state: Case | None, command: SendSheet, context: Context) -> Decision[Case]:
    """The case with the sheet sent, and a letter to the customer with a link to it.

    An ended case sends it as well: causes are removed after the end too (INF-12, CAP-07).
    Raises NotFound('unknown-sheet'), Conflict('sheet-accepted'), Conflict('sheet-unchanged'),
    Conflict('no-contact').
    """
    case = permitted(state, command.actor, HANDLING, assisting=True)
    steps = own_steps(case, command.sheet)
    number = steps[0].sheet
    require_worked_on(steps, last_sent(case, number))
    if case.sealed is None or case.history:
        raise Conflict(
            "no-contact",
            "there is no contact of the customer to send it to",
            field="sheet",
            remedy="Complete the customer's contact in the register, or print the sheet.",
        )
    case, sending = sent(case, number, command.actor.person, context.now)
    told = SheetSent(
        complaint_no=case.complaint_no,
        at=context.now,
        by=sending.by,
        sheet=number,
        attempt=sending.attempt,
    )
    letter = Notice(
        key=f"sheet:{case.complaint_id}:{number}.{sending.attempt}",
        to="customer",
        template=TEMPLATE,
        language=case.language,
        values={
            "complaint_no": case.complaint_no,
            "link": f"sheet:{case.complaint_id}{BETWEEN}{number}",
        },
        sealed=case.sealed,
    )
    return Decision(case, (told,), (letter,))
