"""What follows from the customer's answer to the company's answer?"""

from __future__ import annotations

from dataclasses import replace

from services.routing.domain.arrival import require_registered
from services.routing.domain.case import Case
from shared.deciding import Context, Decision, Event
from shared.events.intake import CustomerReplied
from shared.events.routing import ComplaintResumed
from shared.lifecycle import Action, Status, step


def hear_customer(state: Case | None, event: Event[CustomerReplied], _context: Context) -> Decision[Case]:
    """Agreed, or refused and in the next round (INF-02); a pause for the customer ends with it.

    A reply to another round, or to no answer, changes nothing: consent is to what was answered.
    """
    case = require_registered(state, event)
    reply = event.data
    standing = case.pause.before if case.pause is not None else case.status
    if standing is not Status.ANSWERED or reply.round != case.round:
        return Decision(case)
    tells = (
        (ComplaintResumed(complaint_no=case.complaint_no, at=reply.at, by="customer"),)
        if case.pause is not None
        else ()
    )
    if reply.accepts:
        agreed = replace(case, status=step(standing, Action.AGREE), agreed_round=case.round, pause=None)
        return Decision(agreed, tells)
    refused = replace(
        case,
        status=step(standing, Action.REFUSE),
        round=case.round + 1,
        refusals=case.refusals + 1,
        pause=None,
    )
    return Decision(refused, tells)
