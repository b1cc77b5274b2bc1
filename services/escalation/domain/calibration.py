"""What does a foretold probability have to be read as, by how earlier ones turned out? (Platt scaling)

The log odds of what was foretold are stretched and shifted so that they fit what happened. A prior that
nothing has to be changed keeps a few outcomes from turning everything over. Source: ADR 0054.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import log, tanh

_EDGE = 0.01
"""Nothing is ever quite certain: the log odds of 0 and 1 are infinite."""
_PRIOR = 8.0
"""The prior counts like so many outcomes."""
_STEPS = 100
_NEAR = 1e-4


@dataclass(frozen=True, slots=True)
class Calibration:
    """Log odds times `slope` plus `offset`; as it is, a probability stays what it is."""

    slope: float = 1.0
    offset: float = 0.0

    def applied(self, probability: float) -> float:
        """What a probability that was foretold means, between 0 and 1; a higher one never means less."""
        if self == NONE:
            return probability
        return _sigmoid(self.slope * _log_odds(probability) + self.offset)


NONE = Calibration()


def fitted(outcomes: Iterable[tuple[float, bool]]) -> Calibration:
    """The one under which these probabilities would have been most likely to come out as they did.

    On at most two hundred points: probabilities are rounded to a hundredth. Newton's method overshoots where
    forecasts were bold and wrong; with the largest curvature that there can be (Boehning, Lindsay 1988) each
    step is one in the right direction.
    """
    rounded = Counter((round(foretold, 2), missed) for foretold, missed in outcomes)
    points: Counter[tuple[float, bool]] = Counter()
    for (foretold, missed), count in rounded.items():
        points[_log_odds(foretold), missed] += count
    curve = _PRIOR + sum(count * odds * odds for (odds, _), count in points.items()) / 4
    cross = sum(count * odds for (odds, _), count in points.items()) / 4
    level = _PRIOR / 4 + points.total() / 4
    whole = curve * level - cross * cross
    counted = [(odds, missed, count) for (odds, missed), count in points.items()]
    slope, offset = 1.0, 0.0
    for _ in range(_STEPS):
        by_slope, by_offset = _PRIOR * (slope - 1.0), _PRIOR * offset / 4
        for odds, missed, count in counted:
            # As _sigmoid: this line is where learning would otherwise spend most of its time.
            error = count * (0.5 + 0.5 * tanh(0.5 * (slope * odds + offset)) - missed)
            by_slope, by_offset = by_slope + error * odds, by_offset + error
        step = (level * by_slope - cross * by_offset) / whole
        shift = (curve * by_offset - cross * by_slope) / whole
        slope, offset = slope - step, offset - shift
        if abs(step) + abs(shift) < _NEAR:
            break
    return Calibration(max(slope, 0.0), offset)


def _log_odds(probability: float) -> float:
    kept = min(max(probability, _EDGE), 1.0 - _EDGE)
    return log(kept / (1.0 - kept))


def _sigmoid(odds: float) -> float:
    return 0.5 + 0.5 * tanh(0.5 * odds)
