"""How much working time lies between two moments, and which moment lies so much working time on?

Each calendar keeps one table per UTC year: the working spans as moments, with running sums. A
question is then two binary searches, whatever the time zone does.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import date

from shared.errors import Rejected
from shared.worktime.calendar import Calendar, Day
from shared.worktime.hours import Hours
from shared.worktime.moments import FIRST_YEAR, LAST_YEAR, moment_of
from shared.worktime.years import Year, build_year

EMPTY_YEARS = 10
"""So many years in a row without working time, and a calendar is taken to have none."""


class Timeline:
    """A calendar unrolled into moments. All amounts and moments are microseconds."""

    __slots__ = ("_days", "_years", "calendar", "zone")

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.zone = calendar.zone
        self._days: dict[date, Day] = {}
        self._years: dict[int, Year] = {}

    def day(self, on: date) -> Day:
        """The day's hours, remembered."""
        found = self._days.get(on)
        if found is None:
            found = self._days[on] = self.calendar.day(on)
        return found

    def hours(self, on: date) -> Hours:
        """The opening hours of that local date."""
        return self.day(on).hours

    def year(self, year: int) -> Year:
        """The table of that UTC year, built once. Raises Rejected('target-too-far') past 2200."""
        found = self._years.get(year)
        if found is None:
            if not FIRST_YEAR - 1 <= year <= LAST_YEAR:
                raise Rejected(
                    "target-too-far",
                    f"The due date would lie outside the years {FIRST_YEAR} to {LAST_YEAR}.",
                    field="target",
                    remedy="Check the target and the calendar.",
                )
            found = build_year(year, self.zone, lambda on: self.calendar.day(on).hours)
            self._years[year] = found
        return found

    def worked(self, begin: int, end: int) -> int:
        """Working time between the two; 0 if the end is not after the beginning."""
        if end <= begin:
            return 0
        first, last = moment_of(begin).year, moment_of(end).year
        before = self.year(first).worked_before(begin)
        between = sum(self.year(year).total for year in range(first, last))
        return between + self.year(last).worked_before(end) - before

    def forward(self, begin: int, amount: int) -> int:
        """The first moment by which so much has been worked since `begin`; it may be closing time.

        An amount of 0 is used up at once inside hours or at closing time, else at the next opening.
        Raises Rejected('no-working-time') for a calendar that never opens.
        """
        if amount == 0 and self.is_open(begin):
            return begin
        number = moment_of(begin).year
        year = self.year(number)
        wanted, empty = year.worked_before(begin) + amount, 0
        while wanted > year.total or (amount == 0 and wanted == year.total):
            wanted -= year.total
            number, empty = number + 1, 0 if year.total else empty + 1
            if empty > EMPTY_YEARS:
                raise never_opens(self.calendar)
            year = self.year(number)
        if amount == 0:
            return year.starts[bisect_right(year.sums, wanted) - 1]
        at = bisect_left(year.sums, wanted) - 1
        return year.starts[at] + wanted - year.sums[at]

    def backward(self, end: int, amount: int) -> int:
        """The last moment since which so much has been worked until `end`; amount > 0."""
        number = moment_of(end).year
        year = self.year(number)
        left, empty = year.worked_before(end) - amount, 0
        while left < 0:
            number, empty = number - 1, 0 if year.total else empty + 1
            if empty > EMPTY_YEARS:
                raise never_opens(self.calendar)
            year = self.year(number)
            left += year.total
        at = bisect_right(year.sums, left) - 1
        return year.starts[at] + left - year.sums[at]

    def latest(self, moment: int) -> int:
        """The moment itself inside hours or at closing time, else the last closing time before it."""
        if self.is_open(moment):
            return moment
        number = moment_of(moment).year
        for earlier in range(number, number - EMPTY_YEARS - 1, -1):
            ends = self.year(earlier).ends
            if at := bisect_right(ends, moment):
                return ends[at - 1]
        raise never_opens(self.calendar)

    def is_open(self, moment: int) -> bool:
        """Whether work goes on at the moment or ends exactly then."""
        number = moment_of(moment).year
        year = self.year(number)
        at = bisect_right(year.starts, moment) - 1
        if at >= 0:
            return moment <= year.ends[at]
        before = self.year(number - 1).ends
        return bool(before) and before[-1] == moment

    def spans(self, begin: int, end: int) -> Iterator[tuple[int, int]]:
        """The working spans between the two, cut to them, joined where they touch at New Year."""
        held: tuple[int, int] | None = None
        for number in range(moment_of(begin).year, moment_of(end).year + 1):
            year = self.year(number)
            for at in range(max(bisect_right(year.starts, begin) - 1, 0), len(year.starts)):
                opens, closes = max(year.starts[at], begin), min(year.ends[at], end)
                if opens >= closes:
                    continue
                if held is not None and held[1] == opens:
                    held = (held[0], closes)
                    continue
                if held is not None:
                    yield held
                held = (opens, closes)
        if held is not None:
            yield held


def timeline_of(calendar: Calendar) -> Timeline:
    """The calendar's timeline, built on first use and kept with it."""
    found: Timeline | None = calendar.memory.get("timeline")
    if found is None:
        found = calendar.memory["timeline"] = Timeline(calendar)
    return found


def never_opens(calendar: Calendar) -> Rejected:
    """What to raise for a calendar in which nothing can ever become due."""
    return Rejected(
        "no-working-time",
        f"Calendar {calendar.name!r} has no working time in which the target could be used up.",
        field="weekly_hours",
        remedy="Give at least one day of the week opening hours.",
    )
