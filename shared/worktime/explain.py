"""Why is it due then: which intervals counted, which days did not, and who made the clock wait?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from shared.worktime.calendar import Calendar, DayKind
from shared.worktime.days import ONE_DAY, day_of_receipt, local_date, midnight_after
from shared.worktime.due import due_at
from shared.worktime.explanation import CountedPause, Explanation, Interval, NamedDay
from shared.worktime.moments import SECOND, micros, moment_of
from shared.worktime.pauses import Pause, Span, merged, span_of
from shared.worktime.target import RUNNING, End, Target, Unit
from shared.worktime.timeline import Timeline, timeline_of

_NO_CALENDAR = RUNNING | {Unit.DATE}


def explain(calendar: Calendar, start: datetime, target: Target, pauses: Sequence[Pause] = ()) -> Explanation:
    """The due time of `due_at` with its reasons. Raises what `due_at` raises."""
    due = due_at(calendar, start, target, pauses)
    return _explained(calendar, start, due, target, pauses)


def explain_elapsed(
    calendar: Calendar, start: datetime, end: datetime, pauses: Sequence[Pause] = ()
) -> Explanation:
    """The working time of `elapsed` with its reasons; `due_at` is the end that was asked about."""
    return _explained(calendar, start, end, None, pauses)


def _explained(
    calendar: Calendar,
    start: datetime,
    end: datetime,
    target: Target | None,
    pauses: Sequence[Pause],
) -> Explanation:
    line = timeline_of(calendar)
    begin, until = micros(start, "start"), micros(end, "end")
    first = begin if target is None else min(_counted_from(line, begin, target), until)
    last = max(begin, until)
    running = target is not None and target.unit in _NO_CALENDAR
    spans = [(first, last)] if running and first < last else list(line.spans(first, last))
    used = () if target is not None and target.unit is Unit.DATE else pauses
    free = tuple(_without(spans, merged(used, begin)))
    plain = running and target is not None and target.end is not End.CLOSE_OF_BUSINESS
    days = () if plain else _dates(line, first, last)
    counted = _counted_days(line, free, target)
    return Explanation(
        due_at=moment_of(until),
        start=moment_of(begin),
        target=target,
        calendar=calendar.name,
        version=calendar.in_force(local_date(line, begin)).version,
        timezone=calendar.timezone,
        intervals=tuple(Interval(moment_of(opens), moment_of(closes)) for opens, closes in free),
        days=counted,
        parts=tuple(on for on in counted if _is_part(line, on, free)),
        holidays=_special(line, days, DayKind.HOLIDAY),
        make_up_days=_special(line, days, DayKind.MAKE_UP),
        special_days=_with_hours(line, days),
        breaks=_with_breaks(line, days),
        pauses=tuple(_counted(line, used, begin, until, running=running)),
    )


def _without(spans: list[tuple[int, int]], pauses: list[Span]) -> Iterable[tuple[int, int]]:
    """The spans with the pauses (sorted, disjoint) cut out."""
    for opens, closes in spans:
        at = opens
        for begins, ends in pauses:
            if begins >= closes:
                break
            if ends is not None and ends <= at:
                continue
            if begins > at:
                yield at, begins
            at = closes if ends is None else min(ends, closes)
        if at < closes:
            yield at, closes


def _dates(line: Timeline, begin: int, until: int) -> tuple[date, ...]:
    """The local dates that the span touches; one that ends at midnight does not touch the next."""
    first, last = local_date(line, begin), local_date(line, max(begin, until - 1))
    return tuple(first + timedelta(days=more) for more in range((last - first).days + 1))


def _special(line: Timeline, days: Sequence[date], kind: DayKind) -> tuple[NamedDay, ...]:
    """The days of that kind which made a difference: a holiday on a closed day made none."""
    found = (line.day(day) for day in days)
    return tuple(
        NamedDay(day.on, day.name, day.name_zh)
        for day in found
        if day.kind is kind and (kind is DayKind.MAKE_UP or day.usually_open)
    )


def _counted_from(line: Timeline, begin: int, target: Target) -> int:
    """The beginning of what is counted: the day after that of receipt for what ends with a last day."""
    is_until_close = target.unit is Unit.CLOSE_OF_BUSINESS
    from_next_day = is_until_close or (
        target.end is End.FOLLOWING_DAY
        or (target.unit is Unit.WORKING_DAYS and target.end is End.CLOSE_OF_BUSINESS)
    )
    if not from_next_day or target.amount <= 0:
        return begin
    if target.unit in RUNNING or is_until_close:
        return midnight_after(line, local_date(line, begin))
    return midnight_after(line, day_of_receipt(line, begin, target.end))


def _counted_days(line: Timeline, free: Sequence[tuple[int, int]], target: Target | None) -> tuple[date, ...]:
    """For working days: the dates on which anything was counted, in order."""
    if target is None or target.unit not in {Unit.WORKING_DAYS, Unit.CLOSE_OF_BUSINESS} or target.amount <= 0:
        return ()
    return tuple(dict.fromkeys(on for opens, closes in free for on in _dates(line, opens, closes)))


def _is_part(line: Timeline, on: date, free: Sequence[tuple[int, int]]) -> bool:
    """Whether some working time of the date was not counted."""
    begins, ends = midnight_after(line, on - ONE_DAY), midnight_after(line, on)
    counted = sum(max(0, min(closes, ends) - max(opens, begins)) for opens, closes in free)
    return counted < line.worked(begins, ends)


def _with_hours(line: Timeline, days: Sequence[date]) -> tuple[NamedDay, ...]:
    """The dates that had hours of their own."""
    found = (line.day(day) for day in days)
    return tuple(
        NamedDay(day.on, day.name, day.name_zh, day.hours) for day in found if day.kind is DayKind.SPECIAL
    )


def _with_breaks(line: Timeline, days: Sequence[date]) -> tuple[NamedDay, ...]:
    """The dates on which a break closed what would have been open."""
    found = (line.day(day) for day in days)
    return tuple(NamedDay(day.on, day.name, day.name_zh, day.breaks) for day in found if day.is_cut)


def _counted(
    line: Timeline, pauses: Sequence[Pause], begin: int, until: int, *, running: bool
) -> Iterable[CountedPause]:
    """Each pause that held the clock up, in order; time that two share is counted for the first."""
    seen = begin
    for pause in sorted(pauses, key=lambda one: one.start):
        first, last = span_of(pause)
        if first >= until and first > begin:
            break
        since, to = max(first, seen), until if last is None else min(last, until)
        took = 0 if to <= since else to - since if running else line.worked(since, to)
        seen = max(seen, to)
        yield CountedPause(pause.start, pause.end, took / SECOND, pause.reason, pause.waiting_for, pause.by)
