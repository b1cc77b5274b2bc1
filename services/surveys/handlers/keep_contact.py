"""What must be remembered of a new complaint so that its customer can be asked later?"""

from __future__ import annotations

from services.surveys.domain.invitation import Invitation
from shared.deciding import Context, Decision, Event
from shared.events.intake import ComplaintRegistered


def keep_contact(
    state: Invitation | None, event: Event[ComplaintRegistered], _context: Context
) -> Decision[Invitation]:
    """An invitation that waits for the closing; nobody is asked yet (SUR-01)."""
    if state is not None:
        return Decision(state)
    data = event.data
    return Decision(
        Invitation(
            complaint_id=event.complaint_id,
            complaint_no=data.complaint_no,
            site=event.site,
            kind=data.kind,
            language=data.language,
            customer_ref=data.customer_ref,
            sealed=data.sealed,
            history=data.history,
            accused=data.accused_refs,
        )
    )
