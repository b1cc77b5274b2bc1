"""Who may put a due date off? A manager or director, once (SLA-07, ESC-12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.escalation.domain import telling
from services.escalation.domain.clock import Clock
from services.escalation.domain.sheet import ClockSheet, with_clock, without_alarm
from services.escalation.domain.timing import moved, target_of
from services.escalation.domain.turn import Turn
from shared.deciding import Actor, Context, Decision
from shared.errors import Conflict, Forbidden, NotFound, Rejected

MAY_EXTEND = frozenset({"manager", "director", "admin"})
EXTENDED = "extended:"
"""Marks the former due dates that an extension ended, with its reason code behind."""


@dataclass(frozen=True, slots=True)
class ExtendClock:
    """A later due date for one clock: another target from its start on, or a moment agreed upon."""

    complaint_id: UUID
    clock: str
    reason_code: str
    """A code, not prose: it is told in the open."""
    actor: Actor
    target: str | None = None
    due_at: datetime | None = None


def extend_clock(state: ClockSheet | None, command: ExtendClock, context: Context) -> Decision[ClockSheet]:
    """Moves the due date and keeps the old one as evidence; a case gets at most one extension.

    Raises NotFound('unknown-clock'), Forbidden('out-of-scope' or 'may-not-extend'),
    Conflict('already-extended' or 'clock-ended'), Rejected('extension-unclear' or 'extension-not-later').
    """
    sheet, clock = _extensible(state, command)
    if (command.target is None) == (command.due_at is None):
        raise Rejected(
            "extension-unclear",
            "an extension names either a target or a due date",
            field="target",
            remedy="Send target, such as 5 wd, or due_at.",
        )
    changed = moved(
        clock,
        context.rules.calendar_of(sheet.site),
        context.now,
        EXTENDED + command.reason_code,
        target=str(target_of(command.target)) if command.target else None,
        agreed_at=command.due_at,
    )
    if changed.due_at <= max(clock.due_at, context.now):
        raise Rejected(
            "extension-not-later",
            f"{changed.due_at.isoformat()} is no later than the present due date, or already past",
            field="target" if command.target else "due_at",
        )
    after = without_alarm(with_clock(sheet, changed), changed, context.now)
    told = telling.extended(after, changed, by=command.actor.person, at=context.now)
    return Turn(sheet).then(after, told).decision(changed)


def _extensible(state: ClockSheet | None, command: ExtendClock) -> tuple[ClockSheet, Clock]:
    clock = state.clock_named(command.clock) if state is not None else None
    if state is None or clock is None:
        raise NotFound("unknown-clock", f"there is no clock {command.clock}", field="clock")
    actor = command.actor
    if not actor.may_see_site(state.site):
        raise Forbidden("out-of-scope", f"{state.site} is not among your sites", field="site")
    if actor.roles.isdisjoint(MAY_EXTEND):
        raise Forbidden("may-not-extend", "only a manager or director may extend a limit")
    if not clock.is_open:
        raise Conflict("clock-ended", f"the clock {clock.name} is {clock.state}", field="clock")
    if any(former.reason.startswith(EXTENDED) for one in state.clocks for former in one.former):
        raise Conflict(
            "already-extended",
            "the limit of this complaint was extended before",
            field="clock",
            remedy="A case gets one extension; let the alarm run and decide there.",
        )
    return state, clock
