"""Who answers an alarm? The first human who says so; from then on nobody else is called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.escalation.domain.answering import alarm_of, answered
from services.escalation.domain.sheet import ClockSheet
from services.escalation.domain.turn import Turn
from shared.deciding import Actor, Context, Decision


@dataclass(frozen=True, slots=True)
class AcknowledgeEscalation:
    """Somebody has taken notice and looks after it."""

    complaint_id: UUID
    escalation_id: UUID
    actor: Actor


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Who answered first, and when; nobody if the alarm ended by itself before."""

    by: str | None
    at: datetime | None
    is_first: bool


def acknowledge_escalation(
    state: ClockSheet | None, command: AcknowledgeEscalation, context: Context
) -> Decision[ClockSheet]:
    """Stops the ladder. A second acknowledgement changes nothing and answers who was first.

    Raises NotFound('unknown-escalation'), Forbidden('out-of-scope'), Forbidden('recused').
    """
    sheet, escalation = alarm_of(state, command.escalation_id, command.actor)
    if not escalation.is_open:
        answer = Acknowledgement(escalation.acknowledged_by, escalation.acknowledged_at, is_first=False)
        return Decision(sheet, answer=answer)
    person = command.actor.person
    turn = answered(Turn(sheet), escalation, person, context.now)
    return turn.decision(Acknowledgement(person, context.now, is_first=True))
