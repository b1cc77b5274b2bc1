"""What becomes of the clocks when two complaints are one? Those of the duplicate end, others look back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.escalation.domain import telling, timing
from services.escalation.domain.clock import Clock, ClockState
from services.escalation.domain.following import REGISTERED, drop, miss
from services.escalation.domain.promises import promises_of
from services.escalation.domain.sheet import ClockSheet, with_clock, without_alarm
from services.escalation.domain.turn import Turn
from shared.events.intake import ComplaintAbsorbed
from shared.policy.model import Rulebook

MERGED = "complaint.merged"
"""Why the clocks of a duplicate were cancelled."""
ABSORBED = "merged:"
"""Marks former due dates that an earlier receipt ended, with the number of the duplicate behind."""
_EARLIER = "earlier"


def end_with(turn: Turn, at: datetime, now: datetime) -> Turn:
    """The turn with every open clock of a duplicate cancelled, target and due date kept as evidence.

    What was missed before is told as missed. Clocks of corrective actions run on.
    """
    for clock in turn.sheet.clocks:
        if not clock.is_open or clock.is_of_action or clock.is_before(at):
            continue
        current = clock
        if clock.is_overdue(at):
            turn = miss(turn, clock, now)
            current = next(one for one in turn.sheet.clocks if one.key == clock.key)
        turn = drop(turn, current, at, MERGED, now=now)
    return turn


def count_from(turn: Turn, data: ComplaintAbsorbed, *, rules: Rulebook, now: datetime) -> Turn:
    """The turn with what counts from receipt counted from the duplicate's, where that was earlier.

    Policy may say otherwise for the company's own limits, not for those of the law. Agreed dates stay, and
    what was missed already is not missed again. A due date that has passed by now is missed at once: the
    first customer has waited so long.
    """
    sheet = turn.sheet
    if sheet.history or sheet.ended is not None:
        return turn
    is_earlier = rules.profile_of(sheet.site).intake.merging == _EARLIER
    begin = {rule.name for rule in promises_of(sheet, rules) if rule.starts_on == REGISTERED}
    for clock in sheet.clocks:
        is_meant = clock.name in begin and (is_earlier or clock.is_statutory)
        if is_meant and _counts(clock, sheet, data.received_at):
            turn = _moved(turn, clock, data, rules, now)
    since = sheet.moments.get(REGISTERED)
    if is_earlier and since is not None and data.received_at < since:
        moments = {**turn.sheet.moments, REGISTERED: data.received_at}
        turn = turn.on(replace(turn.sheet, moments=moments))
    return turn


def _counts(clock: Clock, sheet: ClockSheet, since: datetime) -> bool:
    is_running = clock.state in {ClockState.RUNNING, ClockState.PAUSED} and clock.agreed_at is None
    return is_running and (clock.life, clock.round) == (sheet.life, 0) and since < clock.started_at


def _moved(turn: Turn, clock: Clock, data: ComplaintAbsorbed, rules: Rulebook, now: datetime) -> Turn:
    sheet = turn.sheet
    earlier = replace(clock, started_at=data.received_at)
    changed = timing.moved(
        earlier, rules.calendar_of(sheet.site, clock.terms), now, ABSORBED + data.duplicate_no
    )
    after = without_alarm(with_clock(sheet, changed), changed, now)
    return turn.then(after, telling.extended(after, changed, by=data.by, at=data.at))
