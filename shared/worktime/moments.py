"""How is a moment counted exactly, and when does a wall clock show a given time?

Inside the engine a moment is a whole number of microseconds since 1970 in UTC: exact, and quick.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.errors import Rejected

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAIVE_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - counts wall-clock time, which has no zone
SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND
FIRST_YEAR, LAST_YEAR = 1900, 2200
_TICK = timedelta(microseconds=1)


def micros(moment: datetime, field: str) -> int:
    """Microseconds since 1970. Raises Rejected for a naive time or one outside 1900 to 2200."""
    if moment.tzinfo is None:
        raise Rejected(
            "time-without-zone",
            f"{moment.isoformat()} does not say in which time zone it is.",
            field=field,
            remedy="Give UTC or an offset, for example 2026-10-08T09:00:00Z.",
        )
    if not FIRST_YEAR <= moment.year < LAST_YEAR:
        raise Rejected(
            "time-out-of-range",
            f"{moment.isoformat()} lies outside the years {FIRST_YEAR} to {LAST_YEAR}.",
            field=field,
            remedy="Check the date.",
        )
    return (moment - EPOCH) // _TICK


def moment_of(count: int) -> datetime:
    """The moment in UTC."""
    return EPOCH + timedelta(microseconds=count)


def wall_of(count: int, zone: ZoneInfo) -> datetime:
    """What the wall clock of the zone shows: an aware local time (with its fold)."""
    return moment_of(count).astimezone(zone)


def local_time(moment: datetime, zone: ZoneInfo) -> datetime:
    """The moment as the zone's clocks show it, for people and for its date.

    At the very ends of the calendar, where another zone's time has no year, the moment as it was written:
    whoever looks at a case reads a strange date then, and not an error.
    """
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment


def offset_at(count: int, zone: ZoneInfo) -> int:
    """Local time minus UTC at that moment, in microseconds."""
    offset = wall_of(count, zone).utcoffset()
    assert offset is not None
    return offset // _TICK


def count_of_wall(naive: datetime, zone: ZoneInfo, fold: int = 0) -> int:
    """The moment at which the wall clock shows this time.

    Shown twice (clocks go back): the first, or the second with fold=1. Never shown (clocks go
    forward): the moment of the jump, which is the first at which the clock is past it.
    """
    shown = (naive - NAIVE_EPOCH) // _TICK
    early, late = (
        shown - (naive.replace(tzinfo=zone, fold=side).utcoffset() or timedelta()) // _TICK for side in (0, 1)
    )
    if early > late:  # In a gap the offset before the jump (fold=0) gives the later moment.
        return jump_between(late, early, zone)
    return late if fold else early


def jump_between(low: int, high: int, zone: ZoneInfo) -> int:
    """The moment, to the second, in (low, high] at which the zone's offset leaves that at `low`."""
    before = offset_at(low, zone)
    low, high = low // SECOND, -(-high // SECOND)
    while high - low > 1:
        middle = (low + high) // 2
        if offset_at(middle * SECOND, zone) == before:
            low = middle
        else:
            high = middle
    return high * SECOND
