"""What does telling the customer a date mean? Clocks may be met by it, and agreed dates begin to count."""

from __future__ import annotations

from services.escalation.domain.agreeing import LONGEST, agree_with_customer
from services.escalation.domain.following import follow
from services.escalation.domain.news import names_of
from services.escalation.domain.sheet import ClockSheet, known_sheet
from services.escalation.domain.turn import Turn
from shared.deciding import Context, Decision, Event
from shared.events.intake import ComplaintAcknowledged


def note_acknowledgement(
    state: ClockSheet | None, event: Event[ComplaintAcknowledged], context: Context
) -> Decision[ClockSheet]:
    """Moves the clocks, and starts those whose date the handler agrees upon with the customer (INF-05).

    Raises NotYet('unknown-complaint').
    """
    sheet = known_sheet(state, event.complaint_id)
    data, rules, now = event.data, context.rules, context.now
    turn = follow(Turn(sheet), names_of(data), data.at, rules=rules, now=now)
    promised = data.promised_at
    if promised is None or turn.sheet.history or not data.at < promised <= data.at + LONGEST:
        return turn.decision()
    return agree_with_customer(turn, promised, data.by, rules=rules, now=now).decision()
