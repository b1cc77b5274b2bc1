"""What does a clock on the wall show at a moment? Also at the edges of the calendar."""

from __future__ import annotations

from datetime import datetime, tzinfo


def local(moment: datetime, zone: tzinfo) -> datetime:
    """The moment in the zone's time.

    A moment of the year 1 or 9999 may lie outside of what a date can say there: it keeps date and time as
    they were written, with the zone beside them. Such a date is a placeholder, and a page shows it as one.
    """
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment.replace(tzinfo=zone)
