"""How is the customer reached after a correction of the register?"""

from __future__ import annotations

from dataclasses import replace

from services.escalation.domain.sheet import ClockSheet, known_sheet
from shared.deciding import Context, Decision, Event
from shared.events.intake import ComplaintAmended
from shared.lettering import contact_corrected


def correct_contact(
    state: ClockSheet | None, event: Event[ComplaintAmended], _context: Context
) -> Decision[ClockSheet]:
    """The sheet with contact and language as they are known now.

    Its clocks stay: what decides them is told when the case is placed anew.
    Raises NotYet('unknown-complaint').
    """
    sheet = known_sheet(state, event.complaint_id)
    data, facts = event.data, event.data.facts
    corrected = replace(
        sheet,
        sealed=None if sheet.history else data.sealed or sheet.sealed,
        language=(facts.language if facts else None) or sheet.language,
    )
    errands = contact_corrected(event.complaint_id, data.changed, data.at)
    return Decision(corrected if corrected != sheet else sheet, notices=errands)
