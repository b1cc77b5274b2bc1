"""Which clocks run from the receipt of a complaint on, and how does history judge them?"""

from __future__ import annotations

from datetime import datetime

from services.escalation.domain import clock as clocks
from services.escalation.domain import telling
from services.escalation.domain.clock import Clock
from services.escalation.domain.following import REGISTERED, drop, follow, run
from services.escalation.domain.promises import own_promise
from services.escalation.domain.sheet import ClockSheet, with_clock
from services.escalation.domain.turn import Turn
from shared.changing import changed
from shared.policy.model import Rulebook

CLOSED = "complaint.closed"
NOT_RECORDED = "not-recorded"
CORRECTED = "corrected"
"""Why a due date was given up, or a clock cancelled: the register that it comes from corrected itself."""


def opened(turn: Turn, *, rules: Rulebook, now: datetime) -> Turn:
    """The turn with the clocks that begin with registration, and the end that history tells of."""
    turn = follow(turn, (REGISTERED,), turn.sheet.received_at, rules=rules, now=now)
    own = own_promise(turn.sheet, rules)
    if own is not None:
        turn = run(turn, own, now)
    return _ended(turn, rules, now)


def judged_again(
    known: ClockSheet, corrected: ClockSheet, *, by: str, rules: Rulebook, now: datetime
) -> Turn:
    """The turn from the sheet that was known to the corrected one, its clocks as if it had come in so.

    Only what became different is told: another due date as an extension with the old one beside it, then
    the outcome. A clock that no longer holds is cancelled and stays as evidence, and so do those of actions.
    """
    moments = {name: at for name, at in corrected.moments.items() if name not in {REGISTERED, CLOSED}}
    marks = tuple(mark for mark in corrected.marks if mark.what != CLOSED)
    empty = changed(corrected, clocks=(), moments=moments, marks=marks, ended=None)
    fresh = opened(Turn(empty), rules=rules, now=now)
    before = {clock.key: clock for clock in known.clocks}
    sheet = changed(fresh.sheet, clocks=known.clocks)
    turn = Turn(sheet)
    for clock in fresh.sheet.clocks:
        turn = _replaced(turn, before.pop(clock.key, None), clock, by, now)
    for old in before.values():
        if not old.is_of_action and old.state is not clocks.ClockState.CANCELLED:
            turn = _given_up(turn, old, now)
    return turn


def _replaced(turn: Turn, old: Clock | None, new: Clock, by: str, now: datetime) -> Turn:
    if old is None:
        turn = turn.then(with_clock(turn.sheet, new), telling.started(turn.sheet, new))
    elif (old.due_at, old.target) != (new.due_at, new.target):
        new = changed(new, former=clocks.given_up(old, now, CORRECTED))
        sheet = with_clock(turn.sheet, new)
        turn = turn.then(sheet, telling.extended(sheet, new, by=by, at=now))
    else:
        new = changed(new, former=old.former)
        turn = turn.on(with_clock(turn.sheet, new))
    known = (old.breached_at, _fate(old)) if old is not None else (None, None)
    is_moved = old is None or old.due_at != new.due_at
    if new.breached_at is not None and (is_moved or known[0] != new.breached_at):
        turn = turn.then(turn.sheet, telling.breached(turn.sheet, new, now))
    if not new.is_open and (is_moved or known[1] != _fate(new)):
        turn = turn.then(turn.sheet, telling.ended(turn.sheet, new))
    return turn


def _fate(clock: Clock) -> tuple[object, ...]:
    return clock.state, clock.met_at, clock.late, clock.cancelled_at, clock.cancel_reason


def _given_up(turn: Turn, clock: Clock, now: datetime) -> Turn:
    # By the table of steps a clock that was met stays met; this one was never owed.
    ended = changed(
        clock,
        state=clocks.ClockState.CANCELLED,
        cancelled_at=now,
        cancel_reason=CORRECTED,
        met_at=None,
        late=False,
        former=clocks.given_up(clock, now, CORRECTED),
    )
    sheet = with_clock(turn.sheet, ended)
    return turn.then(sheet, telling.ended(sheet, ended))


def _ended(turn: Turn, rules: Rulebook, now: datetime) -> Turn:
    """The turn after the end that history tells of; what it does not tell of was neither kept nor broken."""
    at = turn.sheet.closed_at
    if at is None:
        return turn
    turn = follow(turn, (CLOSED,), at, rules=rules, now=now)
    for clock in turn.sheet.clocks:
        if clock.is_open:
            turn = drop(turn, clock, at, NOT_RECORDED, now=now)
    return turn
