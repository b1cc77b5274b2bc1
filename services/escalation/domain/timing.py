"""When is a clock due, and what do a start, a pause and a new target do to that?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from services.escalation.domain.clock import (
    Clock,
    ClockState,
    Step,
    WarningPoint,
    given_up,
    next_state,
)
from shared.policy.model import ClockRule
from shared.worktime import Calendar, Explanation, Pause, Target, due_and_parts, due_at, explain, part_at

WAITED_FOR = frozenset({"customer", "supplier", "authority"})
"""Waiting for these stops a clock; waiting for ourselves never does."""


@lru_cache(maxsize=1024)
def target_of(written: str) -> Target:
    """The target as a clock keeps it in its text."""
    return Target.parse(written)


@lru_cache(maxsize=1024)
def _written(target: Target) -> str:
    return str(target)


def begun(
    rule: ClockRule,
    target: Target,
    started_at: datetime,
    *,
    calendar: Calendar,
    policy_version: str,
    terms: str = "",
    life: int = 1,
    round_: int = 0,
    warns: bool = True,
) -> Clock:
    """A new running clock. Raises Rejected where the calendar has no working time to offer."""
    points = rule.warn_at_percent if warns else ()
    due, parts = due_and_parts(calendar, started_at, target, points)
    return Clock(
        name=rule.name,
        started_at=started_at,
        target=_written(target),
        due_at=due,
        policy_version=policy_version,
        terms=terms,
        meets_on=rule.meets_on,
        cancels_on=rule.cancels_on,
        life=life,
        round=round_,
        warnings=tuple(WarningPoint(*point) for point in zip(points, parts, strict=True)),
    )


def paused(clock: Clock, pause: Pause, now: datetime) -> Clock:
    """The clock standing still; unchanged if the pause came after its due date or was heard before.

    A breach that the pause had forestalled is taken back: its due date becomes evidence.
    """
    if clock.state not in {ClockState.RUNNING, ClockState.BREACHED} or clock.is_statutory:
        return clock
    if clock.agreed_at is not None:
        return clock
    if pause.start >= clock.due_at or any(known.start == pause.start for known in clock.pauses):
        return clock
    held = replace(pause, start=max(pause.start, clock.started_at), end=None)
    changed = replace(clock, state=next_state(clock.state, Step.PAUSE), pauses=(*clock.pauses, held))
    if clock.breached_at is None:
        return changed
    return replace(changed, former=given_up(clock, now, "paused-before-due"), breached_at=None)


def resumed(clock: Clock, at: datetime, calendar: Calendar) -> Clock:
    """The clock running again, later by the working time that the pause took; else unchanged.

    `calendar` is the one by which it was begun. Without it (terms that are lost) another may give an
    earlier due date: what was promised stays then.
    """
    if clock.state is not ClockState.PAUSED:
        return clock
    last = clock.pauses[-1]
    ended = (*clock.pauses[:-1], replace(last, end=max(at, last.start)))
    state = next_state(clock.state, Step.RESUME)
    running = _timed(replace(clock, state=state, pauses=ended), calendar)
    return running if running.due_at >= clock.due_at else replace(running, due_at=clock.due_at)


def moved(
    clock: Clock,
    calendar: Calendar,
    now: datetime,
    reason: str,
    *,
    target: str | None = None,
    agreed_at: datetime | None = None,
    terms: str | None = None,
) -> Clock:
    """The clock with another target or an agreed due date; the old one is kept as evidence.

    It counts in `calendar`, which is its own unless other `terms` are named.

    Warning points that lie ahead again will be told again. Raises Conflict('clock-forbids').
    """
    state = next_state(clock.state, Step.MOVE)
    changed = replace(
        clock,
        state=state,
        target=target or clock.target,
        terms=clock.terms if terms is None else terms,
        agreed_at=agreed_at,
        former=given_up(clock, now, reason),
        breached_at=None,
    )
    timed = _timed(changed, calendar)
    points = tuple(replace(p, fired=p.fired and p.at <= now) for p in timed.warnings)
    return replace(timed, warnings=points)


def explanation_of(clock: Clock, calendar: Calendar) -> Explanation:
    """Why it is due then; for a clock that stands still, why it was when the pause began.

    One that ended while it stood still has its due date from before that pause as well.
    """
    target, pauses = target_of(clock.target), _closed(clock)
    why = explain(calendar, clock.started_at, target, pauses)
    if why.due_at == clock.due_at or not pauses or clock.is_open:
        return why
    return explain(calendar, clock.started_at, target, pauses[:-1])


def _timed(clock: Clock, calendar: Calendar) -> Clock:
    target, pauses = target_of(clock.target), _closed(clock)
    due = clock.agreed_at or due_at(calendar, clock.started_at, target, pauses)
    points = tuple(replace(point, at=_part_at(clock, calendar, point.percent)) for point in clock.warnings)
    return replace(clock, due_at=due, warnings=points)


def _part_at(clock: Clock, calendar: Calendar, percent: int) -> datetime:
    if clock.agreed_at is not None:
        return clock.started_at + (clock.agreed_at - clock.started_at) * percent / 100
    return part_at(calendar, clock.started_at, target_of(clock.target), percent, _closed(clock))


def _closed(clock: Clock) -> tuple[Pause, ...]:
    if clock.pauses and clock.pauses[-1].end is None:
        return clock.pauses[:-1]
    return clock.pauses
