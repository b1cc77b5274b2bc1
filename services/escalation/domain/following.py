"""Which clocks does a piece of news start, keep or end?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from services.escalation.domain import clock as clocks
from services.escalation.domain import telling, timing
from services.escalation.domain.clock import Clock, ClockState
from services.escalation.domain.ledger import marked
from services.escalation.domain.promises import promises_of, version_of
from services.escalation.domain.sheet import ClockSheet, with_clock, without_alarm
from services.escalation.domain.turn import Turn
from shared.changing import changed
from shared.policy.model import ClockRule, Rulebook, limit_of

REGISTERED = "complaint.registered"
ENDINGS = ("complaint.declined", "complaint.withdrawn", "complaint.closed", "complaint.merged")


def follow(
    turn: Turn,
    names: tuple[str, ...],
    at: datetime,
    *,
    rules: Rulebook,
    now: datetime,
    round_: int = 0,
    party: str = "",
) -> Turn:
    """The turn after this news: clocks met and cancelled by it, then those that begin with it.

    `party` is who has the case or is waited for from now on, where the news says so. `round_` is the
    customer's round for a reply: clocks that begin with one begin once per round.
    """
    before = turn.sheet
    turn = _end(turn, names, at, now)
    sheet = turn.sheet
    marks = marked(sheet, names, at, party)
    if _is_stale(sheet, at):
        turn = turn.on(changed(sheet, marks=marks))
    else:
        moments = {**sheet.moments, **dict.fromkeys(names, at)}
        ended = sheet.ended or next((name for name in names if name in ENDINGS), None)
        turn = turn.on(changed(sheet, marks=marks, moments=moments, ended=ended))
        if sheet.ended is None:
            for rule in promises_of(sheet, rules):
                if rule.starts_on in names:
                    turn = start(turn, rule, at, rules=rules, now=now, round_=round_)
                if rule.repeats and ended is None:
                    turn = _again(turn, before, rule, at, rules=rules, now=now)
    return turn


def start(
    turn: Turn,
    rule: ClockRule,
    started_at: datetime,
    *,
    rules: Rulebook,
    now: datetime,
    round_: int = 0,
) -> Turn:
    """The turn with this promise running; unchanged if it is not made, runs already, or was kept before.

    Imported history is told as it stands: a due date in the past is a breach at once, and no alarm.
    """
    sheet = turn.sheet
    target = limit_of(rule, sheet.facts)
    if target is None or _has(sheet, rule.name, round_) or _is_kept(sheet, rule, started_at):
        return turn
    clock = timing.begun(
        rule,
        target,
        started_at,
        calendar=rules.calendar_of(sheet.site),
        policy_version=version_of(rule, sheet, rules),
        terms=rules.terms_of(sheet.site).version,
        life=sheet.life,
        round_=round_,
        warns=not sheet.history,
    )
    return run(turn, clock, now)


def run(turn: Turn, clock: Clock, now: datetime, *, agreed_by: str | None = None) -> Turn:
    """The turn with this new clock running, or held, or missed long ago."""
    sheet = turn.sheet
    turn = turn.then(with_clock(sheet, clock), telling.started(sheet, clock, agreed_by))
    if sheet.waiting is not None:
        turn = hold(turn, clock, now)
    # What ended before it was imported is judged at its end, by the news of it.
    if sheet.history and not clock.is_of_action and sheet.closed_at is None and clock.is_overdue(now):
        turn = miss(turn, clock, now)
    return turn


def hold(turn: Turn, clock: Clock, now: datetime) -> Turn:
    """The turn with the clock standing still, if the case's open pause reaches it."""
    pause, until = turn.sheet.waiting, turn.sheet.holds_until
    # One that begins when the cap of policy is reached is not held by this pause.
    is_over = until is not None and clock.started_at >= until
    held = timing.paused(clock, pause, now) if pause is not None and not is_over else clock
    if held is clock:
        return turn
    sheet = without_alarm(with_clock(turn.sheet, held), held, now)
    return turn.then(sheet, telling.paused(sheet, held))


def release(turn: Turn, at: datetime, *, rules: Rulebook) -> Turn:
    """The turn with every clock that stood still running on from that moment, each by its own calendar."""
    for clock in turn.sheet.clocks:
        running = timing.resumed(clock, at, rules.calendar_of(turn.sheet.site, clock.terms))
        if running is not clock:
            sheet = with_clock(turn.sheet, running)
            turn = turn.then(sheet, telling.resumed(sheet, running, at))
    return turn


def miss(turn: Turn, clock: Clock, now: datetime) -> Turn:
    """The turn with the clock breached; whom to tell is not decided here.

    History was missed when it was due, not when it was imported.
    """
    is_past = turn.sheet.history and not clock.is_of_action
    missed = clocks.breached(clock, clock.due_at if is_past else now)
    sheet = with_clock(turn.sheet, missed)
    return turn.then(sheet, telling.breached(sheet, missed, now))


def drop(turn: Turn, clock: Clock, at: datetime, reason: str, *, now: datetime) -> Turn:
    """The turn with the clock cancelled and its alarm ended."""
    ended = clocks.cancelled(clock, at, reason)
    sheet = without_alarm(with_clock(turn.sheet, ended), ended, now)
    return turn.then(sheet, telling.ended(sheet, ended))


def _again(
    turn: Turn, before: ClockSheet, rule: ClockRule, at: datetime, *, rules: Rulebook, now: datetime
) -> Turn:
    """The turn with a promise that repeats running anew, if this news has just kept it."""
    clock, former = turn.sheet.clock_named(rule.name), before.clock_named(rule.name)
    if clock is None or clock.state is not ClockState.MET or former is None or not former.is_open:
        return turn
    return start(turn, rule, at, rules=rules, now=now, round_=clock.round + 1)


def _end(turn: Turn, names: tuple[str, ...], at: datetime, now: datetime) -> Turn:
    for clock in turn.sheet.clocks:
        if not clock.is_open or clock.is_before(at):
            continue
        keeps, ends = _named(names, clock.meets_on), _named(names, clock.cancels_on)
        if keeps is None and ends is None:
            continue
        current = clock
        if clock.is_overdue(at):
            # The timer has not come round to it yet. A missed promise is told as missed, whoever is first.
            turn = miss(turn, clock, now)
            current = next(one for one in turn.sheet.clocks if one.key == clock.key)
        if keeps is None and ends is not None:
            turn = drop(turn, current, at, ends, now=now)
            continue
        kept = clocks.met(current, at)
        sheet = without_alarm(with_clock(turn.sheet, kept), kept, now)
        turn = turn.then(sheet, telling.ended(sheet, kept))
    return turn


def _named(names: tuple[str, ...], listed: Iterable[str]) -> str | None:
    return next((name for name in listed if name in names), None)


def _has(sheet: ClockSheet, name: str, round_: int) -> bool:
    """Whether the promise runs or was made in this life and round."""
    return any(
        clock.name == name and (clock.is_open or (clock.life, clock.round) == (sheet.life, round_))
        for clock in sheet.clocks
    )


def _is_kept(sheet: ClockSheet, rule: ClockRule, started_at: datetime) -> bool:
    """Whether what would end the promise is known to have happened after it began."""
    return any(
        sheet.moments.get(name, started_at) > started_at for name in (*rule.meets_on, *rule.cancels_on)
    )


def _is_stale(sheet: ClockSheet, at: datetime) -> bool:
    """Whether the news is from before the reopening."""
    return sheet.reopened_at is not None and at < sheet.reopened_at
