"""What if an alarm cannot be delivered? That is an alarm itself: the next level is told at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.escalation.domain.alarming import climb
from services.escalation.domain.sheet import ClockSheet, with_escalation
from services.escalation.domain.turn import Turn
from shared.deciding import Context, Decision


@dataclass(frozen=True, slots=True)
class ReportUndelivered:
    """Nobody could reach this person about this alarm for too long, or there is no way to."""

    complaint_id: UUID
    escalation_id: UUID
    level: int
    person: str


def report_undelivered(
    state: ClockSheet | None, command: ReportUndelivered, context: Context
) -> Decision[ClockSheet]:
    """Climbs once none of those who were told on the present level can be reached.

    Heard again, or about an alarm that was answered or has climbed since, it changes nothing.
    """
    escalation = state.escalation(command.escalation_id) if state is not None else None
    if state is None or escalation is None or not escalation.is_open or escalation.level != command.level:
        return Decision(state)
    if command.person in escalation.unreached or command.person not in escalation.told:
        return Decision(state)
    known = replace(escalation, unreached=escalation.unreached | {command.person})
    turn = Turn(with_escalation(state, known))
    if not known.unreached.issuperset(known.alerts[-1].to) or known.climbs_at is None:
        return turn.decision()
    return climb(turn, known, rules=context.rules, now=context.now).decision()
