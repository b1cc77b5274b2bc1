"""Who answers an alarm, and from when on is nobody else called?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.escalation.domain.alarm import Escalation
from services.escalation.domain.involvement import involvement_of
from services.escalation.domain.sheet import ClockSheet, with_escalation
from services.escalation.domain.turn import Turn
from shared.deciding import Actor
from shared.errors import NotFound
from shared.events.escalation import EscalationAcknowledged
from shared.participation import require_part


def alarm_of(state: ClockSheet | None, escalation_id: UUID, actor: Actor) -> tuple[ClockSheet, Escalation]:
    """The sheet and its alarm, if this actor may answer it.

    Raises NotFound('unknown-escalation'), Forbidden('out-of-scope'), Forbidden('recused'): a person
    complained about decides nothing in the case (RCS-01).
    """
    escalation = state.escalation(escalation_id) if state is not None else None
    if state is None or escalation is None:
        raise NotFound("unknown-escalation", "there is no such escalation", field="escalation_id")
    require_part(involvement_of(state), actor)
    return state, escalation


def answered(turn: Turn, escalation: Escalation, person: str, now: datetime) -> Turn:
    """The turn with the ladder stopped by this person; unchanged if it stands already."""
    if not escalation.is_open:
        return turn
    done = replace(escalation, acknowledged_by=person, acknowledged_at=now, climbs_at=None)
    event = EscalationAcknowledged(
        complaint_no=turn.sheet.complaint_no,
        escalation_id=str(done.id),
        level=done.level,
        by=person,
        at=now,
    )
    return turn.then(with_escalation(turn.sheet, done), event)
