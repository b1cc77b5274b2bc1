"""What if the register that history comes from corrects its dates, or tells of an end that came later?"""

from __future__ import annotations

from services.escalation.domain.opening import judged_again
from services.escalation.domain.sheet import ClockSheet, known_sheet
from shared.changing import changed
from shared.deciding import Context, Decision, Event
from shared.events.intake import AmendedFacts, ComplaintAmended


def correct_history(
    state: ClockSheet | None, event: Event[ComplaintAmended], context: Context
) -> Decision[ClockSheet]:
    """The clocks judged by the corrected facts; those of a complaint of today stay as they are.

    A corrected due date or end is no extension: nobody asked for it, and nobody is told but subscribers.
    Raises NotYet('unknown-complaint').
    """
    sheet = known_sheet(state, event.complaint_id)
    told = event.data.facts
    if told is None or not sheet.history or sheet.life > 1:
        return Decision(sheet)
    corrected = _corrected(sheet, told)
    if corrected == sheet:
        return Decision(sheet)
    by = event.data.by
    return judged_again(sheet, corrected, by=by, rules=context.rules, now=context.now).decision()


def _corrected(sheet: ClockSheet, told: AmendedFacts) -> ClockSheet:
    facts = changed(
        sheet.facts,
        kind=told.kind or sheet.facts.kind,
        category=told.category or sheet.facts.category,
        type=told.type or sheet.facts.type,
        channel=told.channel or sheet.facts.channel,
    )
    return changed(
        sheet,
        facts=facts,
        received_at=told.received_at or sheet.received_at,
        promised_at=told.promised_at or sheet.promised_at,
        closed_at=told.closed_at or sheet.closed_at,
    )
