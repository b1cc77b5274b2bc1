"""The register was corrected: where does the survey go from now on, and who sees nothing of it?"""

from __future__ import annotations

from dataclasses import replace

from services.surveys.domain.invitation import Invitation
from services.surveys.handlers.known import known
from shared.deciding import Context, Decision, Event
from shared.events.intake import ComplaintAmended


def correct_contact(
    state: Invitation | None, event: Event[ComplaintAmended], _context: Context
) -> Decision[Invitation]:
    """The new sealed contact in place of the old: no letter may go to a wrong address.

    Whom the complaint is about now sees nothing of it here either (RCS-02).
    """
    state = known(state, event)
    facts = event.data.facts
    said = facts.accused_refs if facts is not None else None
    accused = state.accused if said is None else said
    sealed = event.data.sealed or state.sealed
    if (sealed, accused) == (state.sealed, state.accused):
        return Decision(state)
    return Decision(replace(state, sealed=sealed, accused=accused))
