"""Who answers an alarm? The first human who says so; from then on nobody else is called."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.escalation.domain.sheet import ClockSheet, with_escalation
from services.escalation.domain.turn import Turn
from shared.deciding import Actor, Context, Decision
from shared.errors import Forbidden, NotFound
from shared.events.escalation import EscalationAcknowledged


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

    Raises NotFound('unknown-escalation'), Forbidden('out-of-scope').
    """
    escalation = state.escalation(command.escalation_id) if state is not None else None
    if state is None or escalation is None:
        raise NotFound("unknown-escalation", "there is no such escalation", field="escalation_id")
    if not command.actor.may_see_site(state.site):
        raise Forbidden("out-of-scope", f"{state.site} is not among your sites", field="site")
    if not escalation.is_open:
        answer = Acknowledgement(escalation.acknowledged_by, escalation.acknowledged_at, is_first=False)
        return Decision(state, answer=answer)
    person = command.actor.person
    done = replace(escalation, acknowledged_by=person, acknowledged_at=context.now, climbs_at=None)
    event = EscalationAcknowledged(
        complaint_no=state.complaint_no,
        escalation_id=str(done.id),
        level=done.level,
        by=person,
        at=context.now,
    )
    turn = Turn(state).then(with_escalation(state, done), event)
    return turn.decision(Acknowledgement(person, context.now, is_first=True))
