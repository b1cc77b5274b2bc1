"""Which spans of a UTC year are working time, whatever the time zone does?"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from shared.worktime.hours import Hours
from shared.worktime.moments import DAY, MINUTE, jump_between, offset_at

HoursOf = Callable[[date], Hours]
_ORDINAL_1970 = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Year:
    """The working spans of one UTC year, sorted and disjoint; `sums[i]` is worked before span i."""

    starts: array[int]
    ends: array[int]
    sums: array[int]
    total: int

    def worked_before(self, moment: int) -> int:
        """Working time of this year before the moment."""
        at = bisect_right(self.starts, moment) - 1
        if at < 0:
            return 0
        return self.sums[at] + min(moment, self.ends[at]) - self.starts[at]


def year_start(year: int) -> int:
    """The first moment of a UTC year."""
    return (date(year, 1, 1).toordinal() - _ORDINAL_1970) * DAY


def build_year(year: int, zone: ZoneInfo, hours_of: HoursOf) -> Year:
    """The table of one UTC year."""
    starts, ends, sums = array("q"), array("q"), array("q")
    total = 0
    for opens, closes in _worked(year, zone, hours_of):
        if ends and ends[-1] == opens:
            ends[-1] = closes
        else:
            starts.append(opens)
            ends.append(closes)
            sums.append(total)
        total += closes - opens
    return Year(starts, ends, sums, total)


def _worked(year: int, zone: ZoneInfo, hours_of: HoursOf) -> Iterator[tuple[int, int]]:
    """Working spans in order: the moments at which the wall clock shows a time inside the hours."""
    for begin, end, offset in _offsets(zone, year_start(year), year_start(year + 1)):
        for number in range((begin + offset) // DAY, (end + offset - 1) // DAY + 1):
            midnight = number * DAY - offset
            for opening, closing in hours_of(date.fromordinal(number + _ORDINAL_1970)):
                opens = max(midnight + opening * MINUTE, begin)
                closes = min(midnight + closing * MINUTE, end)
                if opens < closes:
                    yield opens, closes


def _offsets(zone: ZoneInfo, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The stretches of constant offset from UTC in [begin, end), sought by a sample a day."""
    since, offset = begin, offset_at(begin, zone)
    for sample in range(begin + DAY, end + DAY, DAY):
        until = min(sample, end)
        if offset_at(until, zone) != offset:
            jump = jump_between(until - DAY, until, zone)
            if since < jump:
                yield since, jump, offset
            since, offset = jump, offset_at(jump, zone)
    if since < end:
        yield since, end, offset
