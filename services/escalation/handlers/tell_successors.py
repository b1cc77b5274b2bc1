"""What of alarms whose every reader has left the organisation? Whoever is in their place now is told."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from services.escalation.domain.alarming import is_forsaken, tell_instead
from services.escalation.domain.sheet import ClockSheet
from services.escalation.domain.turn import Turn
from shared.deciding import Context, Decision


@dataclass(frozen=True, slots=True)
class TellSuccessors:
    """The organisation is another one; see whether somebody is left who can answer."""

    complaint_id: UUID


def tell_successors(
    state: ClockSheet | None, _command: TellSuccessors, context: Context
) -> Decision[ClockSheet]:
    """Each open alarm told to the successors on its own level, or to the next level that has anybody.

    An alarm that somebody can still answer stays as it is. Source: issue 17, fault 5; docs/decisions/0060.
    """
    if state is None:
        return Decision(None)
    turn = Turn(state)
    for escalation in state.escalations:
        if is_forsaken(escalation, context.rules):
            turn = tell_instead(turn, escalation, rules=context.rules, now=context.now)
    return turn.decision()
