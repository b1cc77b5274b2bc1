"""What does time do? It warns, breaks promises and climbs ladders, in the order in which it was due."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from services.escalation.domain import clock as clocks
from services.escalation.domain import telling
from services.escalation.domain.alarm import Escalation
from services.escalation.domain.alarming import climb, raise_alarm
from services.escalation.domain.clock import Clock, WarningPoint
from services.escalation.domain.following import miss, release
from services.escalation.domain.sheet import ClockSheet, with_clock
from services.escalation.domain.turn import Turn
from shared.deciding import Context, Decision, Due

Firing = tuple[datetime, int, Callable[[Turn], Turn]]
"""When it was due, what goes first at the same moment (ends of pauses, warnings, breaches, climbs), and
what it does."""


def fire_due(
    state: ClockSheet | None,
    message: Due,  # noqa: ARG001 - every handler has this shape
    context: Context,
) -> Decision[ClockSheet]:
    """Fires everything that is due by now, overdue things too, once and in the order of their dates.

    A later step can make another one due (an alarm with no time to answer), so it looks again each time.
    """
    if state is None:
        return Decision(None)
    turn = Turn(state)
    while (firing := _first(turn.sheet, context)) is not None:
        turn = firing[2](turn)
    return turn.decision()


def _first(sheet: ClockSheet, context: Context) -> Firing | None:
    due = (firing for firing in _firings(sheet, context) if firing[0] <= context.now)
    return min(due, key=lambda firing: firing[:2], default=None)


def _firings(sheet: ClockSheet, context: Context) -> Iterator[Firing]:
    for clock in sheet.running:
        for point in clock.warnings:
            if not point.fired:
                yield point.at, 0, _warning(clock, point, context)
        yield clock.due_at, 1, _breach(clock, context)
    if sheet.cap_at is not None:
        yield sheet.cap_at, -1, _cap(sheet.cap_at, context)
    for escalation in sheet.escalations:
        if escalation.next_climb is not None:
            yield escalation.next_climb, 2, _climb(escalation, context)


def _warning(clock: Clock, point: WarningPoint, context: Context) -> Callable[[Turn], Turn]:
    def fire(turn: Turn) -> Turn:
        warned = clocks.warned(clock, point.percent)
        sheet = with_clock(turn.sheet, warned)
        return turn.then(sheet, telling.warned(sheet, warned, point, context.now))

    return fire


def _breach(clock: Clock, context: Context) -> Callable[[Turn], Turn]:
    def fire(turn: Turn) -> Turn:
        turn = miss(turn, clock, context.now)
        # Nobody is woken up about the past of an imported complaint; an action against its cause is of today.
        if turn.sheet.history and not clock.is_of_action:
            return turn
        return raise_alarm(turn, clock, rules=context.rules, now=context.now)

    return fire


def _cap(at: datetime, context: Context) -> Callable[[Turn], Turn]:
    def fire(turn: Turn) -> Turn:
        return release(turn, at, rules=context.rules)

    return fire


def _climb(escalation: Escalation, context: Context) -> Callable[[Turn], Turn]:
    def fire(turn: Turn) -> Turn:
        return climb(turn, escalation, rules=context.rules, now=context.now)

    return fire
