"""By when, where policy lets people agree on it? From then on a clock runs to that date (SLA-15, SLA-16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.escalation.domain.agreeing import LONGEST, agree, require_agreeable
from services.escalation.domain.sheet import ClockSheet
from services.escalation.domain.turn import Turn
from services.escalation.handlers.scope import require_sheet
from shared.deciding import Actor, Context, Decision
from shared.errors import Rejected


@dataclass(frozen=True, slots=True)
class AgreeDate:
    """This promise is due at that moment, by agreement."""

    complaint_id: UUID
    clock: str
    due_at: datetime
    actor: Actor


def agree_date(state: ClockSheet | None, command: AgreeDate, context: Context) -> Decision[ClockSheet]:
    """Starts the clock with the agreed date, or moves it to an earlier one; the former stays as evidence.

    Raises NotFound('unknown-complaint' or 'nothing-to-agree'), Forbidden('out-of-scope', 'recused' or
    'may-not-agree'), Rejected('date-past' or 'date-too-far'), Conflict('already-agreed').
    """
    sheet = require_sheet(state, command.actor)
    found = require_agreeable(sheet, command.clock, command.actor, context.rules)
    if command.due_at <= context.now:
        raise Rejected("date-past", f"{command.due_at.isoformat()} has passed", field="due_at")
    if command.due_at > context.now + LONGEST:
        raise Rejected(
            "date-too-far", f"{command.due_at.isoformat()} is more than ten years away", field="due_at"
        )
    by = command.actor.person
    turn = agree(Turn(sheet), found.rule, command.due_at, by, rules=context.rules, now=context.now)
    return turn.decision(turn.sheet.clock_named(command.clock))
