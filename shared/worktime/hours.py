"""What does a written list of opening hours mean, in minutes from local midnight?"""

from __future__ import annotations

import re

from shared.errors import Rejected

Hours = tuple[tuple[int, int], ...]
"""The intervals of one day, sorted, disjoint: [from, to) in minutes, 0 <= from < to <= 1440."""
Week = tuple[Hours, ...]
"""Seven days of hours, Monday first."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 1440
NO_HOURS: Hours = ()
_CLOCK = re.compile(r"^(\d{1,2}):(\d{2})(?::00)?$", re.ASCII)


def read_hours(written: object, field: str) -> Hours:
    """The intervals of one day, sorted. Empty means closed.

    Raises Rejected naming `field`: not a list of pairs, unreadable time, end before start, overlap.
    """
    if written is None:
        return NO_HOURS
    if not isinstance(written, (list, tuple)):
        raise _unreadable(field, written)
    pairs: list[tuple[int, int]] = []
    for position, pair in enumerate(written):
        where = f"{field}[{position}]"
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:  # noqa: PLR2004 - a pair
            raise _unreadable(where, pair)
        pairs.append((_minutes(pair[0], where), _minutes(pair[1], where)))
    hours = tuple(sorted(pairs))
    check_hours(hours, field)
    return hours


def check_hours(hours: Hours, field: str) -> None:
    """Raises Rejected unless the intervals lie inside one day, sorted and disjoint."""
    before = 0
    for opening, closing in hours:
        if not 0 <= opening < closing <= DAY_MINUTES:
            raise Rejected(
                "hours-out-of-order",
                f"An interval from minute {opening} to {closing} does not lie inside one day.",
                field=field,
                remedy="Split a night shift at 24:00: the rest belongs to the next day.",
            )
        if opening < before:
            raise Rejected(
                "hours-overlap",
                "Two intervals of the same day overlap.",
                field=field,
                remedy="Merge them into one interval.",
            )
        before = closing


def read_week(written: object, field: str = "weekly_hours") -> Week:
    """Seven days of hours, Monday first; a day that is not named is closed. Raises Rejected."""
    if not isinstance(written, dict):
        raise Rejected(
            "hours-unreadable",
            "The weekly hours are not a mapping from day to intervals.",
            field=field,
            remedy='Write for example: mon: [["09:00", "12:00"], ["13:00", "18:00"]].',
        )
    for name in written:
        if name not in DAYS:
            raise Rejected(
                "unknown-day",
                f"{name!r} is not a day of the week.",
                field=f"{field}.{name}",
                remedy=f"Use {', '.join(DAYS)}.",
            )
    return tuple(read_hours(written.get(name), f"{field}.{name}") for name in DAYS)


def _minutes(written: object, field: str) -> int:
    """Minutes from midnight.

    YAML reads an unquoted 18:00 as the number 1080 (base sixty), which happens to be the minutes;
    so a whole number is taken as minutes.
    """
    if isinstance(written, int) and not isinstance(written, bool) and 0 <= written <= DAY_MINUTES:
        return written
    found = _CLOCK.match(written.strip()) if isinstance(written, str) else None
    if found is None:
        raise _unreadable(field, written)
    hour, minute = int(found[1]), int(found[2])
    total = hour * 60 + minute
    if minute > 59 or total > DAY_MINUTES:  # noqa: PLR2004 - minutes of an hour
        raise _unreadable(field, written)
    return total


def _unreadable(field: str, written: object) -> Rejected:
    return Rejected(
        "hours-unreadable",
        f"{written!r} is not a list of opening hours.",
        field=field,
        remedy='Write intervals in local time, such as [["09:00", "12:00"], ["13:00", "24:00"]].',
    )
