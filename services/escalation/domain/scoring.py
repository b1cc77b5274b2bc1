"""Are forecasts any good? Scored by what became of the clocks that they were about, against the base rate.

The Brier score is the mean squared error of a probability: 0 is perfect. Murphy's decomposition says where
it comes from: reliability (how far what was foretold lies from what happened; 0 is calibrated), resolution
(how well it tells clocks apart) and uncertainty, which is the score of whoever had known the later rate of
breaches beforehand. A forecast is good enough to be shown if it beats the base rate that was known at the
time by more than chance would, and that later rate as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

FEWEST = 30
"""Questions below which nothing is said about a forecast."""
BINS = 10


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
    calibration_error: float = 0.0
    """How far foretold and happened lie apart on average over the bins, by their size (ECE), 0 to 1."""
    reliability: float = 0.0
    resolution: float = 0.0
    uncertainty: float = 0.0

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
    of: int = 0
    """Which clock it is about: questions about one have their outcome in common."""


def score_of(clock: str, asked: Sequence[Question]) -> Score:
    """Scores of forecast and base rate over these questions, at least one."""
    count = len(asked)
    forecast = sum((one.foretold - one.missed) ** 2 for one in asked) / count
    base = sum((one.base - one.missed) ** 2 for one in asked) / count
    missed = sum(one.missed for one in asked) / count
    uncertainty = missed * (1.0 - missed)
    bins = _bins(asked)
    is_enough = count >= FEWEST and forecast < uncertainty
    return Score(
        clock=clock,
        asked=count,
        missed=missed,
        forecast=forecast,
        base_rate=base,
        is_better=is_enough and is_beyond_chance(asked),
        bins=bins,
        calibration_error=sum(one.asked * abs(one.foretold - one.happened) for one in bins) / count,
        reliability=sum(one.asked * (one.foretold - one.happened) ** 2 for one in bins) / count,
        resolution=sum(one.asked * (one.happened - missed) ** 2 for one in bins) / count,
        uncertainty=uncertainty,
    )


def is_beyond_chance(asked: Sequence[Question]) -> bool:
    """Whether the mean gain over the base rate is larger than its standard error.

    Questions about one clock count as one draw.
    """
    count = len(asked)
    gains = [(one.base - one.missed) ** 2 - (one.foretold - one.missed) ** 2 for one in asked]
    mean = sum(gains) / count
    by_clock: dict[int, float] = defaultdict(float)
    for one, gain in zip(asked, gains, strict=True):
        by_clock[one.of] += gain - mean
    return mean > sqrt(sum(total * total for total in by_clock.values())) / count


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
