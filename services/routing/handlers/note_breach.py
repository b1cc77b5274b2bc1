"""What does a broken promise leave in the case?"""

from __future__ import annotations

from dataclasses import replace

from services.routing.domain.arrival import require_registered
from services.routing.domain.case import Breach, Case
from shared.deciding import Context, Decision, Event
from shared.events.escalation import ClockBreached


def note_breach(state: Case | None, event: Event[ClockBreached], _context: Context) -> Decision[Case]:
    """The case with the breach on record, once per clock and due date."""
    case = require_registered(state, event)
    breach = Breach(event.data.clock, event.data.due_at)
    if breach in case.breaches:
        return Decision(case)
    return Decision(replace(case, breaches=(*case.breaches, breach)))
