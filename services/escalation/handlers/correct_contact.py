"""What does a correction of the register change here? How the customer is reached, and who is accused."""

from __future__ import annotations

from dataclasses import replace

from services.escalation.domain.sheet import ClockSheet, known_sheet
from shared.deciding import Context, Decision, Event
from shared.events.intake import ComplaintAmended
from shared.lettering import contact_corrected


def correct_contact(
    state: ClockSheet | None, event: Event[ComplaintAmended], _context: Context
) -> Decision[ClockSheet]:
    """The sheet with contact, language and persons complained about as they are known now.

    Its clocks stay: what decides them is told when the case is placed anew.
    Raises NotYet('unknown-complaint').
    """
    sheet = known_sheet(state, event.complaint_id)
    data, facts = event.data, event.data.facts
    corrected = replace(
        sheet,
        sealed=None if sheet.history else data.sealed or sheet.sealed,
        language=(facts.language if facts else None) or sheet.language,
        # Whom the desk recused stays out, whatever the register says of the accused.
        accused=sheet.accused.union(facts.accused_refs or ()) if facts else sheet.accused,
    )
    errands = contact_corrected(event.complaint_id, data.changed, data.at)
    return Decision(corrected if corrected != sheet else sheet, notices=errands)
