"""On which day, and when on it, does a target counted in whole days end?"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from shared.errors import Rejected
from shared.worktime.moments import FIRST_YEAR, LAST_YEAR, count_of_wall, wall_of
from shared.worktime.target import End
from shared.worktime.timeline import EMPTY_YEARS, Timeline, never_opens

ONE_DAY = timedelta(days=1)
_SEARCH_DAYS = 366 * EMPTY_YEARS


def local_date(line: Timeline, moment: int) -> date:
    """The local date on which the moment falls."""
    return wall_of(moment, line.zone).date()


def midnight_after(line: Timeline, on: date) -> int:
    """The moment at which that local date ends."""
    return count_of_wall(datetime.combine(on, time()) + ONE_DAY, line.zone)


def days_later(line: Timeline, begin: int, days: int, end: End) -> int:
    """The same local time so many calendar days later; following_day: the midnight ending it.

    Raises Rejected('target-too-far') outside 1900 to 2200.
    """
    wall = wall_of(begin, line.zone)
    naive = wall.replace(tzinfo=None, fold=0)
    try:
        later = naive + timedelta(days=days)
    except OverflowError as far:
        raise too_far() from far
    if not FIRST_YEAR <= later.year < LAST_YEAR:
        raise too_far()
    if end is End.FOLLOWING_DAY:
        return midnight_after(line, later.date())
    return count_of_wall(later, line.zone, wall.fold)


def working_days_later(line: Timeline, begin: int, count: int, end: End) -> int:
    """The n-th working day after the day of receipt, at the same local time, else the next opening.

    Where nothing of that day is counted (received before work begins), the days are used up when the
    day before closes: three working days from Monday's opening are over on Wednesday evening, and
    nobody reads that as Thursday morning. `next_open` moves it there afterwards.
    What comes on a day off counts as received when the next working day begins, so that whoever
    writes on Saturday is never due before Friday evening's letter; with following_day the day off
    is the day of receipt, as FCA DISP 1.5 has it. Close of business if `end` says so. Counted back
    (a negative count) it is the same local time, else the last closing time before it.
    Source: SLA-06, SLA-08, SLA-09; peers.md section 3.
    """
    wall = wall_of(begin, line.zone)
    at = wall.time()
    at_close = end in {End.CLOSE_OF_BUSINESS, End.FOLLOWING_DAY}
    if count == 0:
        return close_after(line, begin) if at_close else line.forward(begin, 0)
    received = day_of_receipt(line, begin, end) if count > 0 else wall.date()
    if received != wall.date():
        at = time()
    day = nth_working_day(line, received, count)
    if at_close:
        return closing_of(line, day)
    moment = count_of_wall(datetime.combine(day, at), line.zone, wall.fold)
    return line.latest(moment) if count < 0 else _used_up(line, line.forward(moment, 0))


def day_of_receipt(line: Timeline, begin: int, end: End) -> date:
    """The local date after which working days are counted: of a day off, the next working day."""
    received = local_date(line, begin)
    if end is End.FOLLOWING_DAY or line.hours(received):
        return received
    return nth_working_day(line, received, 1)


def _used_up(line: Timeline, due: int) -> int:
    """The same moment, but the closing time before it where work only begins for the day then."""
    day = local_date(line, due)
    opens = line.hours(day)[0][0] if line.hours(day) else 0
    begins = count_of_wall(datetime.combine(day, time()) + timedelta(minutes=opens), line.zone)
    return line.latest(due - 1) if due <= begins and not line.is_open(due - 1) else due


def nth_working_day(line: Timeline, received: date, count: int) -> date:
    """The n-th day with working hours after that date (before it, for a negative count)."""
    step = ONE_DAY if count > 0 else -ONE_DAY
    day, left, idle = received, abs(count), 0
    while left:
        day += step
        if line.hours(day):
            left, idle = left - 1, 0
            continue
        idle += 1
        if idle > _SEARCH_DAYS:
            raise never_opens(line.calendar)
        if not FIRST_YEAR <= day.year < LAST_YEAR:
            raise too_far()
    return day


def closing_of(line: Timeline, day: date) -> int:
    """The last closing time of a working day."""
    minutes = line.hours(day)[-1][1]
    return count_of_wall(datetime.combine(day, time()) + timedelta(minutes=minutes), line.zone)


def close_after(line: Timeline, moment: int) -> int:
    """Close of business on the moment's day; if it is closed already, on the next working day."""
    today = local_date(line, moment)
    if line.hours(today) and (closing := closing_of(line, today)) > moment:
        return closing
    return closing_of(line, nth_working_day(line, today, 1))


def agreed_date(line: Timeline, day: date) -> int:
    """Close of business on that date, or its midnight if nobody works. Source: SLA-15, SLA-16."""
    if line.hours(day):
        return closing_of(line, day)
    return midnight_after(line, day)


def too_far() -> Rejected:
    """What to raise for a target beyond the years the engine counts in."""
    return Rejected(
        "target-too-far",
        f"The due date would lie outside the years {FIRST_YEAR} to {LAST_YEAR}.",
        field="target",
        remedy="Check the target.",
    )
