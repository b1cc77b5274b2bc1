"""What does the answer to "why is it due then?" consist of?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from shared.worktime.hours import NO_HOURS, Hours
from shared.worktime.target import Target


@dataclass(frozen=True, slots=True)
class Interval:
    """A span that was counted, in UTC."""

    start: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        """Its length."""
        return (self.end - self.start).total_seconds()


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A local date that differs from its week, with its name where it is known."""

    on: date
    name: str = ""
    name_zh: str = ""
    spans: Hours = NO_HOURS
    """The hours that it has, or the part of it that is closed, where that is what differs."""


@dataclass(frozen=True, slots=True)
class CountedPause:
    """A pause and the counted time (working or running seconds) that it took out of the clock."""

    start: datetime
    end: datetime | None
    seconds: float
    reason: str = ""
    waiting_for: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a target is due when it is (or, without a target, what an elapsed time consists of).

    `intervals` are sorted, disjoint, free of pauses; for working seconds, minutes and hours, and
    for running hours, they sum to the target. `days` are the local dates on which they lie, if the
    target counts working days: no date is in one that is not in the other.
    """

    due_at: datetime
    """The due time, or the end of the elapsed time; UTC."""
    start: datetime
    target: Target | None
    calendar: str
    version: str
    timezone: str
    intervals: tuple[Interval, ...]
    days: tuple[date, ...] = ()
    holidays: tuple[NamedDay, ...] = ()
    make_up_days: tuple[NamedDay, ...] = ()
    pauses: tuple[CountedPause, ...] = ()
    parts: tuple[date, ...] = ()
    """Those of `days` on which not all of the working time was counted."""
    special_days: tuple[NamedDay, ...] = ()
    """Dates with hours of their own."""
    breaks: tuple[NamedDay, ...] = ()
    """Dates that were closed for a part of the day."""

    @property
    def counted_seconds(self) -> float:
        """The sum of the intervals."""
        return sum(interval.seconds for interval in self.intervals)

    @property
    def paused_seconds(self) -> float:
        """What the pauses took out, counted as the target counts."""
        return sum(pause.seconds for pause in self.pauses)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which people read it."""
        return ZoneInfo(self.timezone)

    def lines(self, language: str = "en") -> tuple[str, ...]:
        """Plain sentences for people, `en` or `zh`; times are local to the calendar."""
        from shared.worktime.wording import lines_of  # noqa: PLC0415 - wording reads explanations

        return lines_of(self, language)

    def as_mapping(self) -> dict[str, object]:
        """The same for machines: JSON-able, moments as ISO 8601 in UTC."""
        return {
            "due_at": written(self.due_at),
            "start": written(self.start),
            "target": None if self.target is None else str(self.target),
            "calendar": self.calendar,
            "version": self.version,
            "timezone": self.timezone,
            "counted_seconds": self.counted_seconds,
            "paused_seconds": self.paused_seconds,
            "intervals": [
                {"start": written(span.start), "end": written(span.end), "seconds": span.seconds}
                for span in self.intervals
            ],
            "days": [day.isoformat() for day in self.days],
            "days_in_part": [day.isoformat() for day in self.parts],
            "holidays": [_named(day) for day in self.holidays],
            "make_up_days": [_named(day) for day in self.make_up_days],
            "special_days": [_with_hours(day) for day in self.special_days],
            "breaks": [_with_hours(day) for day in self.breaks],
            "pauses": [_paused(pause) for pause in self.pauses],
        }


def written(moment: datetime) -> str:
    """The moment in ISO 8601, UTC, ending in Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _named(day: NamedDay) -> dict[str, object]:
    return {"date": day.on.isoformat(), "name": day.name}


def _with_hours(day: NamedDay) -> dict[str, object]:
    return {**_named(day), "hours": [[clock(minute) for minute in span] for span in day.spans]}


def clock(minute: int) -> str:
    """A minute of the day as a clock shows it; 24:00 ends the day."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _paused(pause: CountedPause) -> dict[str, object]:
    return {
        "start": written(pause.start),
        "end": None if pause.end is None else written(pause.end),
        "seconds": pause.seconds,
        "reason": pause.reason,
        "waiting_for": pause.waiting_for,
        "by": pause.by,
    }
