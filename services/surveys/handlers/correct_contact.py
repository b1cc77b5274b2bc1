"""The customer's data were corrected: where does the survey go from now on?"""

from __future__ import annotations

from dataclasses import replace

from services.surveys.domain.invitation import Invitation
from services.surveys.handlers.known import known
from shared.deciding import Context, Decision, Event
from shared.events.intake import ComplaintAmended


def correct_contact(
    state: Invitation | None, event: Event[ComplaintAmended], _context: Context
) -> Decision[Invitation]:
    """The new sealed contact in place of the old: no letter may go to a wrong address."""
    state = known(state, event)
    sealed = event.data.sealed
    if sealed is None or sealed == state.sealed:
        return Decision(state)
    return Decision(replace(state, sealed=sealed))
