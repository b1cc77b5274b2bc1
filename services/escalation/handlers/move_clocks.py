"""What does any news about a complaint do to its clocks? Some are met, some cancelled, some begin."""

from __future__ import annotations

from services.escalation.domain.following import follow
from services.escalation.domain.news import moment_of, names_of
from services.escalation.domain.sheet import ClockSheet, known_sheet
from services.escalation.domain.turn import Turn
from shared.deciding import Context, Decision, Event
from shared.events.base import EventData


def move_clocks(state: ClockSheet | None, event: Event[EventData], context: Context) -> Decision[ClockSheet]:
    """Meets, cancels and starts what policy ties to this event. Raises NotYet('unknown-complaint')."""
    sheet = known_sheet(state, event.complaint_id)
    names, at = names_of(event.data), moment_of(event)
    turn = follow(Turn(sheet), names, at, rules=context.rules, now=context.now)
    return turn.decision()
