"""What does a changed policy or calendar do to promises that were made before? (docs/decisions/0047)

A promise that runs gets the due date that today's limit and calendar give; the old one stays as evidence
with the version that it came from. What people set (agreed dates, extensions) stays theirs, and no change
breaks a promise backwards: a new due date that has passed already is not taken.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.escalation.domain import telling, timing
from services.escalation.domain.clock import Clock
from services.escalation.domain.extending import EXTENDED
from services.escalation.domain.following import drop
from services.escalation.domain.promises import promises_of, version_of
from services.escalation.domain.sheet import with_clock, without_alarm
from services.escalation.domain.turn import Turn
from shared.policy.model import ClockRule, Rulebook, limit_row_of

RECOMPUTED = "recomputed:"
"""Marks former due dates that a change ended, with the version that had given them behind."""
NO_LONGER = "policy-changed"


def recompute(turn: Turn, by: str, *, rules: Rulebook, now: datetime) -> Turn:
    """The turn with every open clock by the rules of today; unchanged where they say the same.

    Promises that policy makes only now hold for what comes after; none is begun here.
    """
    if turn.sheet.ended is not None or turn.sheet.history:
        return turn
    for rule in promises_of(turn.sheet, rules):
        clock = turn.sheet.clock_named(rule.name)
        if clock is not None and clock.is_open and clock.agreed_at is None:
            turn = _recompute(turn, clock, rule, by, rules=rules, now=now)
    known = {rule.name for rule in promises_of(turn.sheet, rules)}
    for clock in turn.sheet.clocks:
        if clock.is_open and clock.name not in known and clock.agreed_at is None:
            turn = drop(turn, clock, now, NO_LONGER, now=now)
    return turn


def _recompute(turn: Turn, clock: Clock, rule: ClockRule, by: str, *, rules: Rulebook, now: datetime) -> Turn:
    sheet = turn.sheet
    row = limit_row_of(rule, sheet.facts)
    if row is None:
        return drop(turn, clock, now, NO_LONGER, now=now)
    if row.target is None:
        return turn
    target = clock.target if _is_extended(clock) else str(row.target)
    reason = RECOMPUTED + clock.policy_version
    terms = rules.terms_of(sheet.site).version
    changed = timing.moved(clock, rules.calendar_of(sheet.site), now, reason, target=target, terms=terms)
    if (changed.due_at, changed.target) == (clock.due_at, clock.target) or changed.due_at <= now:
        return turn
    changed = replace(changed, policy_version=version_of(rule, sheet, rules))
    after = without_alarm(with_clock(sheet, changed), changed, now)
    return turn.then(after, telling.extended(after, changed, by=by, at=now))


def _is_extended(clock: Clock) -> bool:
    return any(former.reason.startswith(EXTENDED) for former in clock.former)
