"""How probable is it that a running clock will be missed, by what became of clocks like it?

A life table (actuarial Kaplan-Meier estimate): a clock's target is cut into ten parts, and in each part some
of those still open are met. What is met in none of them is missed, so the probability of a breach of a clock
at a share of its target is the product of what was left open in each part to come. Clocks that still run are
censored where they stand. Small groups lean on the larger one that they belong to: all clocks, those of the
name, those of the department, those begun while the department had much or little to do.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

PARTS = 10
LEANING = 20.0
"""A group's own experience weighs as much as its parent's once so many clocks stood at the beginning."""
Group = tuple[str, ...]


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

    def share_at(self, moment: datetime) -> float:
        """How much of the target was used up, 0 to 1."""
        return share_of(self.started_at, self.due_at, moment)


@dataclass(frozen=True, slots=True)
class Table:
    """A group's experience: how probably an open clock is met in each part of its target."""

    hazards: tuple[float, ...]
    clocks: float

    def missed_from(self, share: float) -> float:
        """The probability that a clock open at this share of its target is still open at its end."""
        place = min(max(share, 0.0), 1.0) * PARTS
        part = min(int(place), PARTS - 1)
        left: float = (1.0 - self.hazards[part]) ** (part + 1 - place)
        for hazard in self.hazards[part + 1 :]:
            left *= 1.0 - hazard
        return left


@dataclass(frozen=True, slots=True)
class Forecast:
    """What was learned: a table for each group, and where a department's load counts as high."""

    tables: Mapping[Group, Table]
    busy_from: Mapping[str, float]

    def probability(self, clock: str, department: str, share: float, load: int | None = None) -> float:
        """That a running clock of this name will be missed, between 0 and 1.

        `share` is how much of its target is used up, `load` how many clocks the department had running
        when it began; None: not known.
        """
        best = self.tables[()]
        for group in groups_of(clock, department, load, self.busy_from):
            best = self.tables.get(group, best)
        return best.missed_from(share)

    def base_rate(self, clock: str) -> float:
        """That a clock of this name is missed, whoever has it and however far it is."""
        return self.tables.get((clock,), self.tables[()]).missed_from(0.0)


def share_of(started_at: datetime, due_at: datetime, moment: datetime) -> float:
    """How much of the way from start to due date is gone, 0 to 1."""
    whole = (due_at - started_at).total_seconds()
    gone = (moment - started_at).total_seconds()
    return 1.0 if whole <= 0 else min(max(gone / whole, 0.0), 1.0)


def groups_of(
    clock: str, department: str, load: int | None, busy_from: Mapping[str, float]
) -> Iterator[Group]:
    """The groups that a clock belongs to, the widest first."""
    yield ()
    yield (clock,)
    yield clock, department
    if load is not None:
        yield clock, department, "busy" if load > busy_from.get(department, 0.0) else "calm"


def learn(lives: Sequence[Life], until: datetime) -> Forecast:
    """What the clocks begun by then taught by then; what happened later is not looked at."""
    known = [life for life in lives if life.started_at <= until]
    busy_from = _medians(known)
    met: dict[Group, list[float]] = defaultdict(lambda: [0.0] * PARTS)
    exposed: dict[Group, list[float]] = defaultdict(lambda: [0.0] * PARTS)
    for life in known:
        for group in groups_of(life.clock, life.department, life.load, busy_from):
            _count(life, until, met[group], exposed[group])
    tables: dict[Group, Table] = {}
    for group in sorted(exposed, key=len):
        parent = tables[group[:-1]].hazards if group else (0.0,) * PARTS
        leaning = LEANING if group else 1.0
        hazards = tuple(
            min(1.0, (done + leaning * before) / (stood + leaning))
            for done, stood, before in zip(met[group], exposed[group], parent, strict=True)
        )
        tables[group] = Table(hazards, exposed[group][0])
    return Forecast(tables or {(): Table((0.0,) * PARTS, 0.0)}, busy_from)


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


def _count(life: Life, until: datetime, met: list[float], exposed: list[float]) -> None:
    """Adds one life: it stood in each part up to its end, and half in the one where it was lost sight of."""
    end = min(until, life.known_at())
    seen = life.share_at(end) * PARTS
    is_met = life.met_at is not None and life.met_at <= until and not life.is_missed()
    for part in range(PARTS):
        if seen >= part + 1:
            exposed[part] += 1.0
        elif is_met:
            exposed[part] += 1.0
            met[part] += 1.0
            return
        else:
            exposed[part] += (seen - part) / 2 if seen > part else 0.0
            return
    if is_met:
        met[PARTS - 1] += 1.0


def _medians(lives: Iterable[Life]) -> dict[str, float]:
    loads: dict[str, list[int]] = defaultdict(list)
    for life in lives:
        loads[life.department].append(life.load)
    return {department: sorted(found)[len(found) // 2] for department, found in loads.items()}
