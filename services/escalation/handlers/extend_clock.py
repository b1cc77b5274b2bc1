"""Who may put a due date off? Whom policy names, as often as policy says (SLA-07, ESC-12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.escalation.domain import telling
from services.escalation.domain.clock import Clock
from services.escalation.domain.extending import (
    extended_clock,
    notices_of,
    require_approver,
    require_one_left,
)
from services.escalation.domain.sheet import ClockSheet, with_clock, without_alarm
from services.escalation.domain.turn import Turn
from services.escalation.handlers.scope import require_sheet
from shared.deciding import Actor, Context, Decision
from shared.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class ExtendClock:
    """A later due date for one clock: another target from its start on, or a moment agreed upon.

    Neither: the length that policy gives.
    """

    complaint_id: UUID
    clock: str
    reason_code: str
    """A code, not prose: it is told in the open."""
    actor: Actor
    target: str | None = None
    due_at: datetime | None = None


def extend_clock(state: ClockSheet | None, command: ExtendClock, context: Context) -> Decision[ClockSheet]:
    """Moves the due date, keeps the old one as evidence, and has the customer told.

    Raises NotFound('unknown-complaint' or 'unknown-clock'), Forbidden('out-of-scope', 'recused' or
    'may-not-extend'),
    Conflict('already-extended', 'clock-ended' or 'clock-of-law'),
    Rejected('extension-unclear', 'extension-not-later' or 'extension-too-long').
    """
    sheet, clock = _extensible(state, command, context)
    changed = extended_clock(
        sheet,
        clock,
        command.reason_code,
        target=command.target,
        agreed_at=command.due_at,
        rules=context.rules,
        now=context.now,
    )
    after = without_alarm(with_clock(sheet, changed), changed, context.now)
    told = telling.extended(after, changed, by=command.actor.person, at=context.now)
    notices = notices_of(after, changed, context.rules, context.now)
    return Turn(sheet).then(after, told, notices=notices).decision(changed)


def _extensible(state: ClockSheet | None, command: ExtendClock, context: Context) -> tuple[ClockSheet, Clock]:
    sheet = require_sheet(state, command.actor)
    clock = sheet.clock_named(command.clock)
    if clock is None:
        raise NotFound("unknown-clock", f"there is no clock {command.clock}", field="clock")
    require_approver(sheet, command.actor, context.rules)
    if clock.is_statutory:
        raise Conflict(
            "clock-of-law", f"the limit {clock.name} is set by law; nobody here moves it", field="clock"
        )
    if not clock.is_open:
        raise Conflict("clock-ended", f"the clock {clock.name} is {clock.state}", field="clock")
    require_one_left(sheet, context.rules)
    return sheet, clock
