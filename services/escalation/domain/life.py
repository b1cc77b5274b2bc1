"""How did one clock fare, as far as it is known? What forecasts are learned from and judged by."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

LENGTHS = (("hours", timedelta(hours=26)), ("days", timedelta(days=8)), ("weeks", timedelta(days=35)))
"""Spans from start to due date that count as alike; whatever is longer is `months`."""


@dataclass(frozen=True, slots=True)
class Life:
    """One clock as far as it is known: `met_at` before the due date, or not yet, or too late."""

    clock: str
    department: str
    started_at: datetime
    due_at: datetime
    met_at: datetime | None = None
    load: int = 0
    """How many clocks of the department ran when it began."""

    def known_at(self) -> datetime:
        """When its outcome was known: when it was met, and at the due date at the latest."""
        return self.due_at if self.met_at is None else min(self.met_at, self.due_at)

    def is_missed(self) -> bool:
        """Whether it was open when it was due."""
        return self.met_at is None or self.met_at > self.due_at

    @property
    def length(self) -> str:
        """About how much time it had."""
        return length_of(self.started_at, self.due_at)

    def share_at(self, moment: datetime) -> float:
        """How much of the target was used up, 0 to 1."""
        return share_of(self.started_at, self.due_at, moment)


def share_of(started_at: datetime, due_at: datetime, moment: datetime) -> float:
    """How much of the way from start to due date is gone, 0 to 1."""
    whole = (due_at - started_at).total_seconds()
    gone = (moment - started_at).total_seconds()
    return 1.0 if whole <= 0 else min(max(gone / whole, 0.0), 1.0)


def length_of(started_at: datetime, due_at: datetime) -> str:
    """About how much time lies between both: hours, days, weeks or months."""
    span = due_at - started_at
    for name, longest in LENGTHS:
        if span <= longest:
            return name
    return "months"


def loaded(lives: Iterable[Life]) -> tuple[Life, ...]:
    """The clocks, oldest first, each with the load of its department when it began."""
    ordered = sorted(lives, key=lambda life: life.started_at)
    starts: dict[str, list[datetime]] = defaultdict(list)
    ends: dict[str, list[datetime]] = defaultdict(list)
    for life in ordered:
        starts[life.department].append(life.started_at)
        if life.met_at is not None:
            ends[life.department].append(life.met_at)
    for times in ends.values():
        times.sort()
    found = []
    for life in ordered:
        begun = bisect_right(starts[life.department], life.started_at)
        over = bisect_right(ends[life.department], life.started_at)
        found.append(replace(life, load=max(0, begun - over - 1)))
    return tuple(found)


def loads_at(lives: Iterable[Life], moment: datetime) -> dict[str, int]:
    """How many clocks each department had running at that moment."""
    found: dict[str, int] = defaultdict(int)
    for life in lives:
        if life.started_at <= moment and (life.met_at is None or life.met_at > moment):
            found[life.department] += 1
    return dict(found)
