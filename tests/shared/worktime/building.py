"""Builders with defaults: say only what matters to the test."""

from datetime import UTC, date, datetime

from shared.worktime import Calendar, Pause, Target

OFFICE = (("09:00", "12:00"), ("13:00", "18:00"))
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
EVERY_DAY = (*WEEKDAYS, "sat", "sun")


def a_calendar(zone="UTC", each_day=OFFICE, days=WEEKDAYS, **more):
    """Monday to Friday, nine to six with a lunch break, in UTC."""
    listed = [list(pair) for pair in each_day]
    return Calendar.from_mapping(
        {
            "name": "office",
            "timezone": zone,
            "weekly_hours": dict.fromkeys(days, listed),
            "version": "1",
            **more,
        }
    )


def round_the_clock(zone="UTC", **more):
    """Open at every moment."""
    return a_calendar(zone, (("00:00", "24:00"),), EVERY_DAY, **more)


def at(text):
    """A moment in UTC: `2026-03-02 10:00` (a Monday)."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def a_pause(start, end=None, **more):
    """A pause between two moments written as for `at`."""
    return Pause(at(start), None if end is None else at(end), **more)


def a_target(text="90 min"):
    """The target as people write it."""
    return Target.parse(text)


def on(text):
    """A date."""
    return date.fromisoformat(text)
