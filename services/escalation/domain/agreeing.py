"""Which promises wait for a date that somebody agrees upon, and what happens once it is agreed?

Policy names for some promises no target but who agrees on the date (SLA-15, SLA-16, C-01). Such a clock
begins in the moment in which the date is agreed, by a command or by telling the customer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.escalation.domain import telling, timing
from services.escalation.domain.clock import Clock, WarningPoint
from services.escalation.domain.following import run
from services.escalation.domain.promises import promises_of, version_of
from services.escalation.domain.sheet import ClockSheet, with_clock, without_alarm
from services.escalation.domain.turn import Turn
from shared.deciding import Actor
from shared.errors import Conflict, Forbidden, NotFound
from shared.policy.model import ClockRule, Rulebook, limit_row_of
from shared.policy.vocabulary import HANDLER
from shared.worktime.local_time import local

AGREED = "agreed"
"""Why a due date was given up for the one that somebody agreed upon."""
LONGEST = timedelta(days=3660)
"""A date further away is a slip of the pen, and no promise."""
_OF_THE_CASE = frozenset({"handler", "manager"})


@dataclass(frozen=True, slots=True)
class Open:
    """A promise whose date is agreed case by case, and the roles that may agree on it."""

    rule: ClockRule
    agreed_by: tuple[str, ...]


def to_agree(sheet: ClockSheet, rules: Rulebook) -> Iterator[Open]:
    """The promises of such a complaint whose date people agree upon, agreed already or not."""
    if sheet.ended is not None:
        return
    for rule in promises_of(sheet, rules):
        row = limit_row_of(rule, sheet.facts)
        if row is not None and row.agreed_by and not _is_over(sheet, rule):
            yield Open(rule, row.agreed_by)


def without_date(sheet: ClockSheet, rules: Rulebook) -> tuple[Open, ...]:
    """Those of them for which nobody has agreed on a date yet."""
    return tuple(one for one in to_agree(sheet, rules) if not _runs(sheet, one.rule))


def require_agreeable(sheet: ClockSheet, clock: str, actor: Actor, rules: Rulebook) -> Open:
    """The promise, if this actor may agree on its date.

    Raises NotFound('nothing-to-agree'), Forbidden('may-not-agree') naming who may.
    """
    found = next((one for one in to_agree(sheet, rules) if one.rule.name == clock), None)
    if found is None:
        raise NotFound(
            "nothing-to-agree",
            f"policy leaves no date of {clock} to be agreed here",
            field="clock",
            remedy="GET /complaints/{id}/clocks lists under to_agree what is.",
        )
    if "admin" in actor.roles or (HANDLER in found.agreed_by and actor.roles & _OF_THE_CASE):
        return found
    holders = (
        rules.holders(role, site=sheet.site, department=sheet.department)
        for role in found.agreed_by
        if role != HANDLER
    )
    if not any(actor.person in people for people in holders):
        raise Forbidden("may-not-agree", f"only {' or '.join(found.agreed_by)} may agree on this date")
    return found


def agree(turn: Turn, rule: ClockRule, due_at: datetime, by: str, *, rules: Rulebook, now: datetime) -> Turn:
    """The turn with this date as the due date. The same date again changes nothing.

    An earlier date moves it; a later one is an extension and goes its way.
    Raises Conflict('already-agreed').
    """
    sheet = turn.sheet
    clock = sheet.clock_named(rule.name)
    if clock is None or not clock.is_open:
        return run(turn, _begun(rule, sheet, due_at, rules, now), now, agreed_by=by)
    if clock.agreed_at == due_at:
        return turn
    if clock.agreed_at is not None and due_at > clock.agreed_at:
        raise Conflict(
            "already-agreed",
            f"{clock.agreed_at.isoformat()} was agreed before",
            field="due_at",
            remedy="More time is an extension: POST /complaints/{id}/extensions.",
        )
    moved = timing.moved(clock, rules.calendar_of(sheet.site), now, AGREED, agreed_at=due_at)
    after = without_alarm(with_clock(sheet, moved), moved, now)
    return turn.then(after, telling.extended(after, moved, by=by, at=now))


def agree_with_customer(turn: Turn, due_at: datetime, by: str, *, rules: Rulebook, now: datetime) -> Turn:
    """The turn after the customer was told this date: it holds for what its handler agrees upon.

    A later date than one that was promised before gives no more time (FRD-11).
    """
    for one in tuple(to_agree(turn.sheet, rules)):
        if HANDLER not in one.agreed_by:
            continue
        try:
            turn = agree(turn, one.rule, due_at, by, rules=rules, now=now)
        except Conflict:
            continue
    return turn


def _begun(rule: ClockRule, sheet: ClockSheet, due_at: datetime, rules: Rulebook, now: datetime) -> Clock:
    there = local(due_at, ZoneInfo(rules.site(sheet.site).timezone))
    rounds = [one.round for one in sheet.clocks if one.name == rule.name and one.life == sheet.life]
    clock = Clock(
        name=rule.name,
        started_at=now,
        target=there.date().isoformat(),
        due_at=due_at,
        policy_version=version_of(rule, sheet, rules),
        meets_on=rule.meets_on,
        cancels_on=rule.cancels_on,
        life=sheet.life,
        round=max(rounds, default=-1) + 1,
        agreed_at=due_at,
    )
    points = (WarningPoint(part, now + (due_at - now) * part / 100) for part in rule.warn_at_percent)
    return replace(clock, warnings=() if sheet.history else tuple(points))


def _runs(sheet: ClockSheet, rule: ClockRule) -> bool:
    clock = sheet.clock_named(rule.name)
    return clock is not None and clock.is_open


def _is_over(sheet: ClockSheet, rule: ClockRule) -> bool:
    """Whether it was kept or cancelled since it last became due to be made: nothing is left to agree."""
    if _runs(sheet, rule):
        return False
    since = sheet.moments.get(rule.starts_on, sheet.received_at)
    return any(
        sheet.moments[name] >= since
        for name in (*rule.meets_on, *rule.cancels_on)
        if name in sheet.moments and name != rule.starts_on
    )
