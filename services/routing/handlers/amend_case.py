"""What does a correction of the register change here? The sealed contact, and when that was."""

from __future__ import annotations

from dataclasses import replace

from services.routing.domain.arrival import require_registered
from services.routing.domain.case import Case
from shared.deciding import Context, Decision, Event
from shared.events.intake import ComplaintAmended
from shared.lifecycle import Action, may, step


def amend_case(state: Case | None, event: Event[ComplaintAmended], _context: Context) -> Decision[Case]:
    """The case with the newest sealed contact; one that has ended stays as it was."""
    case = require_registered(state, event)
    if not may(case.status, Action.AMEND):
        return Decision(case)
    amended = replace(
        case,
        status=step(case.status, Action.AMEND),
        sealed=event.data.sealed or case.sealed,
        amended_at=event.data.at,
    )
    return Decision(amended if amended != case else case)
