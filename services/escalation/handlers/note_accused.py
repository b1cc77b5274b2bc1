"""Whom does the register say that the complaint is about now? They are told nothing from now on (RCS-01)."""

from __future__ import annotations

from services.escalation.domain.sheet import ClockSheet, known_sheet
from shared.changing import changed
from shared.deciding import Context, Decision, Event
from shared.events.intake import ComplaintAmended


def note_accused(
    state: ClockSheet | None, event: Event[ComplaintAmended], _context: Context
) -> Decision[ClockSheet]:
    """The sheet with those whom the correction names; whom routing recused stay so until it tells anew.

    Raises NotYet('unknown-complaint').
    """
    sheet = known_sheet(state, event.complaint_id)
    facts = event.data.facts
    if facts is None or facts.accused_refs is None or frozenset(facts.accused_refs) == sheet.accused:
        return Decision(sheet)
    return Decision(changed(sheet, accused=frozenset(facts.accused_refs)))
