"""The register was corrected: where does the survey go from now on, and who sees nothing of it?"""

from __future__ import annotations

from dataclasses import replace

from services.surveys.domain.invitation import Invitation
from services.surveys.handlers.known import known
from shared.deciding import Context, Decision, Event
from shared.events.intake import ComplaintAmended
from shared.lettering import contact_corrected


def correct_contact(
    state: Invitation | None, event: Event[ComplaintAmended], _context: Context
) -> Decision[Invitation]:
    """The contact, the language and the customer as they are known now: no letter goes to a wrong address.

    Letters that wait follow; those that are out are looked at. Whom the complaint is about now sees nothing
    of it here either (RCS-02).
    """
    state = known(state, event)
    facts = event.data.facts
    said = facts.accused_refs if facts is not None else None
    corrected = replace(
        state,
        sealed=event.data.sealed or state.sealed,
        language=(facts.language if facts else None) or state.language,
        customer_ref=(facts.customer_ref if facts else None) or state.customer_ref,
        accused=state.accused if said is None else said,
    )
    errands = contact_corrected(event.complaint_id, event.data.changed, event.data.at)
    return Decision(corrected if corrected != state else state, notices=errands)
