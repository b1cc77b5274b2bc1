"""What does the register learn from escalation?"""

from __future__ import annotations

from services.intake.domain.complaint import Complaint
from services.intake.domain.projecting import clock_seen, remember
from services.intake.handlers.told import line, require_known
from shared.deciding import Context, Decision, Event
from shared.events import escalation as told


def project_escalation(
    state: Complaint | None, event: Event[told.EscalationEvent], _context: Context
) -> Decision[Complaint]:
    """The complaint with its clocks as they stand and the alarm in its history, in any order."""
    complaint, data = require_known(state, event), event.data
    changes = clock_seen(complaint, data, event.sequence) if isinstance(data, told.ClockEvent) else {}
    return Decision(remember(complaint, line(event, _facts(data)), changes))


def _facts(data: told.EscalationEvent) -> dict[str, str]:
    match data:
        case told.ClockStarted():
            return {"clock": data.clock, "due_at": data.due_at.isoformat(), "target": data.target}
        case told.ClockWarned():
            return {"clock": data.clock, "percent": str(data.percent)}
        case told.ClockMet():
            return {"clock": data.clock, "late": "yes" if data.late else "no"}
        case told.ClockExtended() | told.ClockResumed():
            return {"clock": data.clock, "due_at": data.due_at.isoformat()}
        case told.ClockEvent():
            return {"clock": data.clock}
        case told.EscalationRaised():
            persons = ", ".join(data.to)
            return {"clock": data.clock, "level": str(data.level), "to": persons}
        case told.EscalationAcknowledged():
            return {"level": str(data.level)}
        case told.EscalationDecided():
            return {"clock": data.clock, "decision": data.decision}
        case _:
            return {}
