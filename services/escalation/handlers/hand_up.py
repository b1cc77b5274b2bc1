"""What if whoever has the case cannot solve it? It goes up the ladder at once (ESC-01, ESC-09, ESC-13)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from services.escalation.domain.alarming import HANDED_UP, raise_alarm
from services.escalation.domain.clock import Clock
from services.escalation.domain.sheet import ClockSheet
from services.escalation.domain.turn import Turn
from services.escalation.handlers.scope import require_sheet
from shared.deciding import Actor, Context, Decision
from shared.errors import Conflict


@dataclass(frozen=True, slots=True)
class HandUp:
    """A superior is to decide; nobody need wait until a limit is missed."""

    complaint_id: UUID
    actor: Actor


def hand_up(state: ClockSheet | None, command: HandUp, context: Context) -> Decision[ClockSheet]:
    """Raises an alarm about the promise that is due next; while one such is open, it changes nothing.

    Raises NotFound('unknown-complaint'), Forbidden('out-of-scope' or 'recused'),
    Conflict('complaint-ended' or 'nothing-promised').
    """
    sheet = require_sheet(state, command.actor)
    if any(one.cause == HANDED_UP and one.is_open for one in sheet.escalations):
        return Decision(sheet)
    clock = _next_due(sheet)
    turn = raise_alarm(
        Turn(sheet), clock, rules=context.rules, now=context.now, cause=HANDED_UP, by=command.actor.person
    )
    return turn.decision()


def _next_due(sheet: ClockSheet) -> Clock:
    if sheet.ended is not None:
        raise Conflict("complaint-ended", f"it has ended with {sheet.ended}", field="complaint_id")
    waiting = [clock for clock in sheet.clocks if clock.is_open]
    if not waiting:
        raise Conflict(
            "nothing-promised",
            "no promise about it is open",
            field="complaint_id",
            remedy="Agree on a date first, or hand the case over.",
        )
    return min(waiting, key=lambda clock: clock.due_at)
