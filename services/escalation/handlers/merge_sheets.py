"""Two complaints are one: which clocks end, and which count from an earlier receipt? (ADR 0055)"""

from __future__ import annotations

from services.escalation.domain.following import follow
from services.escalation.domain.merging import count_from, end_with
from services.escalation.domain.news import names_of
from services.escalation.domain.sheet import ClockSheet, known_sheet
from services.escalation.domain.turn import Turn
from shared.deciding import Context, Decision, Event
from shared.events.intake import ComplaintAbsorbed, ComplaintMerged


def end_sheet(
    state: ClockSheet | None, event: Event[ComplaintMerged], context: Context
) -> Decision[ClockSheet]:
    """Cancels the clocks of a duplicate; heard again, or after a reopening, it finds none.

    Raises NotYet('unknown-complaint').
    """
    sheet = known_sheet(state, event.complaint_id)
    at = event.data.at
    turn = follow(Turn(sheet), names_of(event.data), at, rules=context.rules, now=context.now)
    return end_with(turn, at, context.now).decision()


def absorb_sheet(
    state: ClockSheet | None, event: Event[ComplaintAbsorbed], context: Context
) -> Decision[ClockSheet]:
    """Counts from the duplicate's receipt where policy says so; heard again, it changes nothing.

    Raises NotYet('unknown-complaint').
    """
    sheet = known_sheet(state, event.complaint_id)
    turn = follow(Turn(sheet), names_of(event.data), event.data.at, rules=context.rules, now=context.now)
    return count_from(turn, event.data, rules=context.rules, now=context.now).decision()
