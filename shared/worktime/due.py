"""When is a target due, and how much working time has passed?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from shared.errors import Rejected
from shared.worktime.calendar import Calendar
from shared.worktime.days import agreed_date, close_after, days_later, too_far, working_days_later
from shared.worktime.moments import LAST_YEAR, SECOND, micros, moment_of
from shared.worktime.pauses import Pause, Span, merged
from shared.worktime.target import RUNNING, WORKING_SECONDS, End, Target, Unit
from shared.worktime.timeline import Timeline, timeline_of

_MOST = LAST_YEAR * 366 * 86_400
_WHOLE = 100


def due_at(calendar: Calendar, start: datetime, target: Target, pauses: Sequence[Pause] = ()) -> datetime:
    """The moment in UTC by which the target is used up.

    A pause that begins before the due time moves it by the working time that lies in the pause
    (running units: by its whole length), so one entirely out of hours costs nothing. An agreed date
    stays. Raises Rejected: 'clock-paused' while an open pause holds it, 'no-working-time',
    'target-too-far', 'time-without-zone', 'time-out-of-range'.
    Source: C-02, SLA-*, peers.md section 3 (period_end).
    """
    line = timeline_of(calendar)
    begin = micros(start, "start")
    due = _unpaused(line, begin, target)
    if pauses and target.unit is not Unit.DATE:
        due = _delayed(line, begin, due, merged(pauses, begin), running=target.unit in RUNNING)
    return moment_of(_ended(line, due, target))


def elapsed(calendar: Calendar, start: datetime, end: datetime, pauses: Sequence[Pause] = ()) -> timedelta:
    """The working time between the two, without the pauses; zero if the end is before the start."""
    line = timeline_of(calendar)
    begin, until = micros(start, "start"), micros(end, "end")
    worked = line.worked(begin, until)
    for first, last in merged(pauses, begin) if pauses else ():
        worked -= line.worked(first, until if last is None else min(last, until))
    return timedelta(microseconds=worked)


def shifted(calendar: Calendar, moment: datetime, offset: Target) -> datetime:
    """The moment moved by an offset, for what fires before or after a due time; 0 moves nothing."""
    return due_at(calendar, moment, offset) if offset.amount else moment


def part_at(
    calendar: Calendar,
    start: datetime,
    target: Target,
    percent: int,
    pauses: Sequence[Pause] = (),
) -> datetime:
    """The moment at which so many percent of the target are used up; 100 is its due time.

    Counted in the working time from start to unpaused due time (running units: in running time).
    Raises what `due_at` raises. Source: issue 4, warning points.
    """
    if percent == _WHOLE:
        return due_at(calendar, start, target, pauses)
    line = timeline_of(calendar)
    begin = micros(start, "start")
    plain = _ended(line, _unpaused(line, begin, target), target)
    at = _part(line, begin, plain, target, percent)
    if target.unit is not Unit.DATE:
        at = _delayed(line, begin, at, merged(pauses, begin), running=target.unit in RUNNING)
    return moment_of(at)


def due_and_parts(
    calendar: Calendar, start: datetime, target: Target, percents: Sequence[int]
) -> tuple[datetime, tuple[datetime, ...]]:
    """What `due_at` and, for each percentage, `part_at` say of a clock that has not been paused."""
    line = timeline_of(calendar)
    begin = micros(start, "start")
    due = _ended(line, _unpaused(line, begin, target), target)
    return moment_of(due), tuple(
        moment_of(due if percent == _WHOLE else _part(line, begin, due, target, percent))
        for percent in percents
    )


def _part(line: Timeline, begin: int, due: int, target: Target, percent: int) -> int:
    """When so many percent of what lies between are used up."""
    if target.unit in RUNNING or target.unit is Unit.DATE:
        return begin + (due - begin) * percent // 100
    return line.forward(begin, line.worked(begin, due) * percent // 100)


def _unpaused(line: Timeline, begin: int, target: Target) -> int:
    """When the target would be due if its clock never stood still."""
    amount, unit, end = target.amount, target.unit, target.end
    if (seconds := WORKING_SECONDS.get(unit)) is not None:
        return _worked_on(line, begin, _bounded(amount * seconds) * SECOND)
    match unit:
        case Unit.HOURS:
            return begin + _bounded(amount * 3600) * SECOND
        case Unit.DAYS:
            return days_later(line, begin, amount, end)
        case Unit.WEEKS:
            return days_later(line, begin, 7 * amount, end)
        case Unit.WORKING_DAYS:
            return working_days_later(line, begin, amount, end)
        case Unit.DATE:
            return agreed_date(line, date.fromordinal(amount))
        case _:
            return working_days_later(line, begin, amount, End.FOLLOWING_DAY)


def _worked_on(line: Timeline, begin: int, amount: int) -> int:
    return line.forward(begin, amount) if amount >= 0 else line.backward(begin, -amount)


def _bounded(seconds: int) -> int:
    if abs(seconds) > _MOST:
        raise too_far()
    return seconds


def _delayed(line: Timeline, begin: int, due: int, pauses: list[Span], *, running: bool) -> int:
    """The due time after each pause that began before it; a pause at the start always counts."""
    for first, last in pauses:
        if first >= due and first > begin:
            break
        if last is None:
            raise Rejected(
                "clock-paused",
                "The clock stands still, so no due time can be told.",
                field="pauses",
                remedy="End the pause first, or ask for the elapsed time.",
            )
        gain = last - first if running else line.worked(first, last)
        if gain:
            due = due + gain if running else line.forward(due, gain)
    return due


def _ended(line: Timeline, due: int, target: Target) -> int:
    """The due time at the end of period that the target names; working days found it before."""
    if target.end is End.CLOSE_OF_BUSINESS and target.unit is not Unit.WORKING_DAYS:
        return due if target.unit in {Unit.DATE, Unit.CLOSE_OF_BUSINESS} else _closed(line, due)
    if target.end is End.NEXT_OPEN:
        return _reopened(line, due)
    return due


def _closed(line: Timeline, due: int) -> int:
    """Close of business on the due day; a due time that is a closing time already stays."""
    return close_after(line, due - 1)


def _reopened(line: Timeline, due: int) -> int:
    """The next opening if the due time is a closing time or out of hours, else the due time."""
    return line.forward(due + 1, 0) - (1 if line.is_open(due + 1) else 0)
