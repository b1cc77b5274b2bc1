"""How probable is it that a running clock will be missed, by what became of clocks like it?

A life table (actuarial Kaplan-Meier estimate): a clock's target is cut into ten parts, and in each part some
of those still open are met. What is met in none of them is missed, so the probability of a breach of a clock
at a share of its target is the product of what was left open in each part to come. Clocks that still run are
censored where they stand. Small groups lean on the larger one that they belong to: all clocks, those of the
name, those with about as much time, those of the department, those begun while it had much or little to do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate

from services.escalation.domain.life import Life

PARTS = 10
LEANING = 20.0
"""A group's own experience weighs as much as its parent's once so many clocks stood at the beginning."""
ENOUGH = 20
"""Clocks of a name and length whose due date has passed, below which nothing is foretold for others."""
Group = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A group's experience: how probably an open clock is met in each part of its target."""

    hazards: tuple[float, ...]
    clocks: float
    ended: float = 0.0
    """How many of them had their due date behind them: seen to the end, whatever came of them."""

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

    def probability(
        self, clock: str, length: str, department: str, share: float, load: int | None = None
    ) -> float:
        """That a running clock of this name will be missed, between 0 and 1.

        `share` is how much of its target is used up, `load` how many clocks the department had running
        when it began; None: not known.
        """
        best = self.tables[()]
        for group in groups_of(clock, length, department, load, self.busy_from):
            best = self.tables.get(group, best)
        return best.missed_from(share)

    def is_experienced(self, clock: str, length: str) -> bool:
        """Whether enough clocks like it have been seen to their end; without, a forecast is a guess."""
        known = self.tables.get((clock, length))
        return known is not None and known.ended >= ENOUGH

    def base_rate(self, clock: str) -> float:
        """That a clock of this name is missed, whoever has it and however far it is."""
        return self.tables.get((clock,), self.tables[()]).missed_from(0.0)


def groups_of(
    clock: str, length: str, department: str, load: int | None, busy_from: Mapping[str, float]
) -> Iterator[Group]:
    """The groups that a clock belongs to, the widest first."""
    yield ()
    yield (clock,)
    yield clock, length
    yield clock, length, department
    if load is not None:
        yield clock, length, department, "busy" if load > busy_from.get(department, 0.0) else "calm"


def learn(lives: Sequence[Life], until: datetime) -> Forecast:
    """What the clocks begun by then taught by then; what happened later is not looked at."""
    known = [life for life in lives if life.started_at <= until]
    busy_from = _medians(known)
    counts: dict[Group, _Count] = defaultdict(_Count)
    for life in known:
        load = "busy" if life.load > busy_from[life.department] else "calm"
        counts[life.clock, life.length, life.department, load].add(life, until)
    for group, count in tuple(counts.items()):
        # Each life was counted once, in its smallest group; the larger ones are sums.
        for size in range(len(group)):
            counts[group[:size]].join(count)
    tables: dict[Group, Table] = {}
    for group in sorted(counts, key=len):
        count = counts[group]
        exposed = count.exposed()
        parent = tables[group[:-1]].hazards if group else (0.0,) * PARTS
        leaning = LEANING if group else 1.0
        hazards = tuple(
            min(1.0, (done + leaning * before) / (stood + leaning))
            for done, stood, before in zip(count.met, exposed, parent, strict=True)
        )
        tables[group] = Table(hazards, exposed[0], count.ended)
    return Forecast(tables or {(): Table((0.0,) * PARTS, 0.0)}, busy_from)


@dataclass(slots=True)
class _Count:
    """How many clocks of a group stood in each part of their target, and how many were met in it."""

    met: list[float] = field(default_factory=lambda: [0.0] * PARTS)
    partly: list[float] = field(default_factory=lambda: [0.0] * PARTS)
    """What those count for in a part who did not stand through it."""
    through: list[int] = field(default_factory=lambda: [0] * (PARTS + 1))
    """How many stood through so many whole parts."""
    ended: float = 0.0

    def join(self, other: _Count) -> None:
        """Adds another group's clocks."""
        self.ended += other.ended
        for part in range(PARTS):
            self.met[part] += other.met[part]
            self.partly[part] += other.partly[part]
            self.through[part + 1] += other.through[part + 1]

    def add(self, life: Life, until: datetime) -> None:
        """Adds one: it stood in each part up to its end, and half in the one where it was lost sight of."""
        self.ended += life.due_at <= until
        seen = life.share_at(min(until, life.known_at())) * PARTS
        is_met = life.met_at is not None and life.met_at <= until and not life.is_missed()
        part = int(seen)
        self.through[part] += 1
        if part < PARTS:
            self.partly[part] += 1.0 if is_met else (seen - part) / 2
        self.met[min(part, PARTS - 1)] += is_met

    def exposed(self) -> list[float]:
        """How many stood in each part, those counted in part that were lost sight of in it."""
        through = accumulate(reversed(self.through[1:]))
        return [part + whole for part, whole in zip(self.partly, reversed([*through]), strict=True)]


def _medians(lives: Iterable[Life]) -> dict[str, float]:
    loads: dict[str, list[int]] = defaultdict(list)
    for life in lives:
        loads[life.department].append(life.load)
    return {department: sorted(found)[len(found) // 2] for department, found in loads.items()}
