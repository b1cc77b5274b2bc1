"""How long may something take, in which unit, and where does the period end? (C-02)"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared.errors import Rejected


class Unit(StrEnum):
    """In what a target is counted; working units need opening hours, running ones do not."""

    SECONDS = "s"
    """Working seconds."""
    MINUTES = "min"
    """Working minutes."""
    HOURS = "h"
    """Running hours, round the clock (24 h and 72 h of SLA-01, SLA-11)."""
    WORKING_HOURS = "wh"
    DAYS = "d"
    """Calendar days, to the same local time of day."""
    WORKING_DAYS = "wd"
    """To the n-th working day after the day of receipt."""
    WEEKS = "w"
    SAME_DAY = "same_day"
    """Close of business on the day of receipt; received after it, the next working day's."""
    CLOSE_OF_BUSINESS = "close_of_business"
    """Close of business on the n-th working day after the day of receipt; 0 is `same_day`."""
    DATE = "date"
    """An agreed date (SLA-15, SLA-16); the amount is the date's proleptic Gregorian ordinal."""


class End(StrEnum):
    """Where the period ends once the amount is used up."""

    PERIOD_END = "period_end"
    """At that very moment: a target used up exactly at closing time is due at closing time."""
    NEXT_OPEN = "next_open"
    """As period_end, but used up exactly at closing it is due at the next opening."""
    CLOSE_OF_BUSINESS = "close_of_business"
    """At the close of the working day it falls on, or of the next one if that day is closed."""
    FOLLOWING_DAY = "following_day"
    """Counting begins with the day after receipt and ends with the last day: working days at close
    of business (FCA DISP 1.5: "the third business day following the day of receipt"), calendar days
    and weeks at midnight."""


RUNNING = frozenset({Unit.HOURS, Unit.DAYS, Unit.WEEKS})
"""Units in which nights, weekends and holidays count."""
WHOLE_DAYS = frozenset({Unit.DAYS, Unit.WEEKS, Unit.WORKING_DAYS})
BARE = frozenset({Unit.SAME_DAY, Unit.CLOSE_OF_BUSINESS})
WORKING_SECONDS = {Unit.SECONDS: 1, Unit.MINUTES: 60, Unit.WORKING_HOURS: 3600}
"""Seconds of working time in one of the unit."""
_WRITTEN = re.compile(r"^([+-]?\d+)\s*([a-z_]+)(?:\s+([a-z_]+))?$", re.ASCII)
_REMEDY = "Write for example 90 min, 24 h, 3 wd, 7 d, 2 w, same_day, 3 wd following_day or 2026-10-08."


@dataclass(frozen=True, slots=True)
class Target:
    """An amount of a unit. A negative amount counts backwards (offsets of warnings)."""

    amount: int
    unit: Unit
    end: End = End.PERIOD_END

    def __post_init__(self) -> None:
        """Refuses an end that the unit cannot have."""
        if self.end is End.FOLLOWING_DAY and self.unit not in WHOLE_DAYS:
            raise Rejected(
                "target-end-impossible",
                f"Only days and weeks can be counted from the following day, not {self.unit}.",
                field="target",
                remedy=_REMEDY,
            )

    @classmethod
    def parse(cls, written: str) -> Target:
        """The target as written, `3 wd` or `same_day`. Raises Rejected('target-unreadable')."""
        text = written.strip()
        if text in {unit.value for unit in BARE}:
            return cls(0, Unit(text))
        found = _WRITTEN.match(text)
        try:
            if found is None:
                return cls(date.fromisoformat(text).toordinal(), Unit.DATE)
            unit, end = Unit(found[2]), End(found[3] or End.PERIOD_END)
        except ValueError as unknown:
            raise _unreadable(written) from unknown
        if unit in {Unit.SAME_DAY, Unit.DATE}:
            raise _unreadable(written)
        return cls(int(found[1]), unit, end)

    def __str__(self) -> str:  # type: ignore[explicit-override]  # typing.override: Python 3.12
        """As `parse` reads it."""
        end = "" if self.end is End.PERIOD_END else f" {self.end}"
        if self.unit is Unit.DATE:
            return date.fromordinal(self.amount).isoformat()
        if self.unit is Unit.SAME_DAY or (self.unit in BARE and not self.amount and not end):
            return self.unit.value
        return f"{self.amount} {self.unit}{end}"


def _unreadable(written: str) -> Rejected:
    return Rejected("target-unreadable", f"{written!r} is not a target.", field="target", remedy=_REMEDY)
