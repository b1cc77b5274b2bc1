"""Who gets a complaint that is taken up again?"""

from __future__ import annotations

from dataclasses import replace

from services.routing.domain.arrival import require_registered
from services.routing.domain.case import Case
from services.routing.domain.placing import matter_of, place
from services.routing.handlers.assign_team import tell_assigned
from services.routing.handlers.informing import REOPENED, inform_again
from shared.deciding import Context, Decision, Event
from shared.events.intake import ComplaintReopened
from shared.lifecycle import Action, step


def reopen_case(state: Case | None, event: Event[ComplaintReopened], context: Context) -> Decision[Case]:
    """The case in a new round, placed anew by the policy of today; an open one stays as it is.

    What was imported as history becomes live work by this: its deadlines and notices count again. Whoever
    its row informs hears that it is back, whether or not they heard of it before (SEV-03).
    """
    case = require_registered(state, event)
    if not case.has_ended:
        return Decision(case)
    reopened = replace(
        case,
        status=step(step(case.status, Action.REOPEN), Action.ASSIGN),
        placement=place(matter_of(case), context.rules, context.now),
        former=(*case.former, case.placement),
        round=case.round + 1,
        reopenings=case.reopenings + 1,
        accepted_by=None,
        pause=None,
        options=(),
        confirmation=None,
        mode=None,
        ended_at=None,
        history=False,
    )
    return Decision(reopened, (tell_assigned(reopened),), inform_again(reopened, context.rules, REOPENED))
