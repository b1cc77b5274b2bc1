"""Is the forecast any good? Scored by what became of clocks that it had not seen, against the base rate.

The split is by time: what was learned up to a moment is asked about clocks that were still open at or began
after it, at several shares of their targets, and compared with the later truth by the Brier score (the mean
squared error of a probability: 0 is perfect). The base rate is what the same experience says of every clock
of the name at its beginning, whatever its department or progress. A forecast is shown for a name only where
it beats that by more than chance would.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import sqrt

from services.escalation.domain.forecast import Forecast, Life, learn, loads_at

ASKED_AT = (0.0, 0.25, 0.5, 0.75, 0.9)
"""Shares of the target at which the forecast is asked."""
LEARNED = 0.7
"""The part of the outcomes that is learned from; the rest, the most recent, judges."""
FEWEST = 30
"""Questions below which nothing is said about a forecast."""
BINS = 5


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions that got about the same answer, and how it turned out: calibrated if both agree."""

    asked: int
    foretold: float
    happened: float


@dataclass(frozen=True, slots=True)
class Score:
    """How the forecast did for clocks of one name; Brier scores, the lower the better."""

    clock: str
    asked: int
    missed: float
    """The share of the questions whose clock was missed in the end."""
    forecast: float
    base_rate: float
    is_better: bool
    """Whether it beats the base rate by more than its standard error, on enough questions."""
    bins: tuple[Bin, ...] = ()

    @property
    def skill(self) -> float:
        """How much of the base rate's error is gone; 0: none, below 0: it is worse."""
        return 1.0 - self.forecast / self.base_rate if self.base_rate else 0.0


@dataclass(frozen=True, slots=True)
class Question:
    """What the forecast said of a clock at a share of its target, and what came of it."""

    clock: str
    foretold: float
    base: float
    missed: bool


@dataclass(frozen=True, slots=True)
class Learned:
    """A forecast with its proof. `forecast` knows everything up to now, the scores are those of one that
    knew only the older part.
    """

    forecast: Forecast
    scores: Mapping[str, Score]
    split_at: datetime | None
    loads: Mapping[str, int] = field(default_factory=dict)
    """How many clocks each department has running now."""

    def shown(self, clock: str, department: str, share: float) -> float | None:
        """The probability of a breach, if forecasts for clocks of this name have proved better; else None."""
        score = self.scores.get(clock)
        if score is None or not score.is_better:
            return None
        return self.forecast.probability(clock, department, share, self.loads.get(department))


def learned(lives: Sequence[Life], now: datetime) -> Learned:
    """The forecast of today and how one of yesterday would have done."""
    settled = sorted(life.known_at() for life in lives if life.known_at() <= now)
    if not settled:
        return Learned(learn((), now), {}, None)
    split_at = settled[min(int(len(settled) * LEARNED), len(settled) - 1)]
    found: dict[str, list[Question]] = defaultdict(list)
    for question in questions(lives, split_at, now):
        found[question.clock].append(question)
    scores = {clock: score_of(clock, asked) for clock, asked in sorted(found.items())}
    return Learned(learn(lives, now), scores, split_at, loads_at(lives, now))


def questions(lives: Sequence[Life], split_at: datetime, now: datetime) -> list[Question]:
    """Every question about a clock open after the split whose outcome is known by now."""
    past = learn(lives, split_at)
    found: list[Question] = []
    for life in lives:
        if life.known_at() > now or life.known_at() <= split_at:
            continue
        known_share = life.share_at(life.known_at())
        for share in ASKED_AT:
            moment = life.started_at + (life.due_at - life.started_at) * share
            if moment < split_at or (share >= known_share and not life.is_missed()):
                continue
            foretold = past.probability(life.clock, life.department, share, life.load)
            base = past.base_rate(life.clock)
            found.append(Question(life.clock, foretold, base, life.is_missed()))
    return found


def score_of(clock: str, asked: Sequence[Question]) -> Score:
    """Brier scores of forecast and base rate over these questions, at least one."""
    count = len(asked)
    ours = [(one.foretold - one.missed) ** 2 for one in asked]
    base = [(one.base - one.missed) ** 2 for one in asked]
    gains = [theirs - own for theirs, own in zip(base, ours, strict=True)]
    gain = sum(gains) / count
    spread = sqrt(sum((one - gain) ** 2 for one in gains) / count)
    return Score(
        clock=clock,
        asked=count,
        missed=sum(one.missed for one in asked) / count,
        forecast=sum(ours) / count,
        base_rate=sum(base) / count,
        is_better=count >= FEWEST and gain > spread / sqrt(count),
        bins=_bins(asked),
    )


def _bins(asked: Sequence[Question]) -> tuple[Bin, ...]:
    held: list[list[Question]] = [[] for _ in range(BINS)]
    for one in asked:
        held[min(int(one.foretold * BINS), BINS - 1)].append(one)
    return tuple(
        Bin(
            len(found),
            sum(one.foretold for one in found) / len(found),
            sum(one.missed for one in found) / len(found),
        )
        for found in held
        if found
    )
