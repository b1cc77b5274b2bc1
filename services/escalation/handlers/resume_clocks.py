"""What happens when the waiting is over? The clocks run again, later by the time that was waited."""

from __future__ import annotations

from dataclasses import replace

from services.escalation.domain.following import follow, release
from services.escalation.domain.news import names_of
from services.escalation.domain.sheet import ClockSheet, known_sheet
from services.escalation.domain.turn import Turn
from shared.deciding import Context, Decision, Event
from shared.events.routing import ComplaintResumed


def resume_clocks(
    state: ClockSheet | None, event: Event[ComplaintResumed], context: Context
) -> Decision[ClockSheet]:
    """Lets every clock that stood still run on. Raises NotYet('unknown-complaint')."""
    sheet = known_sheet(state, event.complaint_id)
    at = event.data.at
    turn = follow(Turn(sheet), names_of(event.data), at, rules=context.rules, now=context.now)
    if turn.sheet.waiting is None:
        return turn.decision()
    turn = turn.on(replace(turn.sheet, waiting=None, holds_until=None))
    return release(turn, at, rules=context.rules).decision()
