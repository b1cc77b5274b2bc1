"""What follows from the customer's answer to the company's answer?"""

from __future__ import annotations

from dataclasses import replace

from services.routing.domain.arrival import require_registered
from services.routing.domain.case import Case
from services.routing.domain.rounds import raised, rung_of
from services.routing.handlers.notices import tell_up
from services.routing.handlers.propose_resolution import offer
from shared.deciding import Context, Decision, Event
from shared.errors import Rejected
from shared.events.base import EventData
from shared.events.intake import CustomerReplied
from shared.events.routing import ComplaintResumed
from shared.lifecycle import Action, Status, step


def hear_customer(state: Case | None, event: Event[CustomerReplied], context: Context) -> Decision[Case]:
    """Agreed, or refused and in the next round (INF-02); a pause ends with it.

    A refusal brings the next prepared option, if there is one (DSP-21), and from the round that
    policy names on it is told up the ladder, one rung a round (C-12).
    A reply to another round, or to no answer, changes nothing: consent is to what was answered.
    """
    case = require_registered(state, event)
    reply = event.data
    standing = case.pause.before if case.pause is not None else case.status
    if standing is not Status.ANSWERED or reply.round != case.round:
        return Decision(case)
    resumed: tuple[EventData, ...] = ()
    if case.pause is not None:
        resumed = (ComplaintResumed(complaint_no=case.complaint_no, at=reply.at, by="customer"),)
    if reply.accepts:
        agreed = replace(
            case,
            status=step(standing, Action.AGREE),
            agreed_round=case.round,
            agreed_at=reply.at,
            pause=None,
        )
        return Decision(agreed, resumed)
    refused = replace(
        case,
        status=step(standing, Action.REFUSE),
        round=case.round + 1,
        refusals=case.refusals + 1,
        pause=None,
    )
    return _next_round(refused, resumed, context)


def _next_round(refused: Case, resumed: tuple[EventData, ...], context: Context) -> Decision[Case]:
    rung = rung_of(refused, context.rules, context.now)
    told_up = tell_up(refused, rung.to, context) if rung is not None else ()
    case = raised(refused, rung)
    if not case.options:
        return Decision(case, resumed, told_up)
    best, by = case.options[0], refused.proposals[-1].by
    if by in case.recused:
        # Whoever is complained about offers nothing more: the handler proposes (RCS-01).
        return Decision(replace(case, options=()), resumed, told_up)
    going_on = replace(case, status=step(case.status, Action.PROPOSE), options=case.options[1:])
    try:
        offered = offer(going_on, best, by, context)
    except Rejected:
        # Policy has changed since it was prepared: the handler proposes something else.
        return Decision(replace(case, options=()), resumed, told_up)
    return Decision(offered.state, (*resumed, *offered.tells), (*told_up, *offered.notices))
