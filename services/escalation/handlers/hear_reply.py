"""What if the customer refuses once more? Clocks follow, and from a round of policy on it is a dispute."""

from __future__ import annotations

from services.escalation.domain.disputing import dispute
from services.escalation.domain.following import follow
from services.escalation.domain.news import names_of
from services.escalation.domain.sheet import ClockSheet, known_sheet
from services.escalation.domain.turn import Turn
from shared.deciding import Context, Decision, Event
from shared.events.intake import CustomerReplied


def hear_reply(
    state: ClockSheet | None, event: Event[CustomerReplied], context: Context
) -> Decision[ClockSheet]:
    """Meets, cancels and starts what policy ties to the reply. Raises NotYet('unknown-complaint')."""
    sheet, data = known_sheet(state, event.complaint_id), event.data
    turn = follow(
        Turn(sheet), names_of(data), data.at, rules=context.rules, now=context.now, round_=data.round
    )
    if not data.accepts:
        turn = dispute(turn, data.round, rules=context.rules, now=context.now)
    return turn.decision()
