"""What becomes of the clocks when the complaint turns out to be something else? (edge case 4)"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.escalation.domain import telling, timing
from services.escalation.domain.clock import Clock
from services.escalation.domain.following import drop, start
from services.escalation.domain.promises import promises_of, version_of
from services.escalation.domain.sheet import with_clock, without_alarm
from services.escalation.domain.turn import Turn
from shared.policy.model import ClockRule, Facts, Rulebook, limit_of, limit_row_of

RECLASSIFIED = "reclassified"


def refigure(turn: Turn, before: Facts, by: str, at: datetime, *, rules: Rulebook, now: datetime) -> Turn:
    """The turn with every open clock on the limit of the new facts, the old due date kept as evidence.

    A promise that is not made for such a complaint is cancelled, one that is made only now begins when
    its event happened. A clock whose limit stays the same keeps its due date, extended or not.
    """
    if turn.sheet.ended is not None:
        return turn
    for rule in promises_of(turn.sheet, rules):
        clock = turn.sheet.clock_named(rule.name)
        if clock is not None and clock.is_open:
            turn = _refigure(turn, clock, rule, before, by, at, rules=rules, now=now)
        else:
            turn = _catch_up(turn, clock, rule, rules=rules, now=now)
    return turn


def _refigure(
    turn: Turn,
    clock: Clock,
    rule: ClockRule,
    before: Facts,
    by: str,
    at: datetime,
    *,
    rules: Rulebook,
    now: datetime,
) -> Turn:
    sheet = turn.sheet
    row = limit_row_of(rule, sheet.facts)
    if row is None:
        return drop(turn, clock, at, RECLASSIFIED, now=now)
    limit = row.target
    if limit is None:
        # Its date is to be agreed upon now; until it is, what was promised holds.
        return turn
    if clock.agreed_at is not None and limit_of(rule, before) is None:
        # An agreed date counts from the agreement, a limit of policy from what it is tied to.
        clock = replace(clock, started_at=sheet.moments.get(rule.starts_on, clock.started_at))
    if limit == limit_of(rule, before) or str(limit) == clock.target:
        return turn
    # Another limit is another promise, made today: by today's calendar, and told with today's version.
    changed = timing.moved(
        clock,
        rules.calendar_of(sheet.site),
        now,
        RECLASSIFIED,
        target=str(limit),
        terms=rules.terms_of(sheet.site).version,
    )
    changed = replace(changed, policy_version=version_of(rule, sheet, rules))
    sheet = without_alarm(with_clock(sheet, changed), changed, now)
    return turn.then(sheet, telling.extended(sheet, changed, by=by, at=at))


def _catch_up(turn: Turn, clock: Clock | None, rule: ClockRule, *, rules: Rulebook, now: datetime) -> Turn:
    """The turn with a promise that the new facts bring; one that they had taken away comes back."""
    since = turn.sheet.moments.get(rule.starts_on)
    if since is None:
        return turn
    if clock is None or clock.life < turn.sheet.life:
        return start(turn, rule, since, rules=rules, now=now)
    if clock.cancel_reason != RECLASSIFIED:
        return turn
    return start(turn, rule, since, rules=rules, now=now, round_=clock.round + 1)
