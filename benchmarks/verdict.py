"""Does Kesu cost little enough? The bounds of the issue, and what was measured against them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from benchmarks.contestants import KESU, YARDSTICK
from benchmarks.measuring import Run

LEAST_RATIO = 2.0
MOST_MEGABYTES = 160.0
MOST_P99_MILLISECONDS = 250.0


@dataclass(frozen=True, slots=True)
class Bound:
    """One of the issue's bounds."""

    what: str
    measured: float
    limit: float
    met: bool


@dataclass(frozen=True, slots=True)
class Result:
    """Everything that one benchmark measured: the runs at full speed, and one of each at half load."""

    full: tuple[Run, ...]
    half: tuple[Run, ...]

    def rate(self, contestant: str) -> float:
        """Complaints per second, the median of the runs."""
        return median(run.journeys.rate for run in self.full if run.contestant == contestant)

    @property
    def ratio(self) -> float:
        """How many times as fast as the yardstick Kesu is."""
        return self.rate(KESU) / self.rate(YARDSTICK)

    @property
    def largest_megabytes(self) -> float:
        """The most that any of Kesu's services had resident under load."""
        runs = [run for run in (*self.full, *self.half) if run.contestant == KESU]
        return max(max(run.resident_megabytes.values(), default=0.0) for run in runs)

    def bounds(self) -> tuple[Bound, ...]:
        """What has to hold."""
        p99 = 1000 * next(run for run in self.half if run.contestant == KESU).journeys.percentile(0.99)
        megabytes = self.largest_megabytes
        return (
            Bound("times the yardstick", self.ratio, LEAST_RATIO, self.ratio >= LEAST_RATIO),
            Bound("MB resident, largest service", megabytes, MOST_MEGABYTES, megabytes < MOST_MEGABYTES),
            Bound("ms p99 at half load", p99, MOST_P99_MILLISECONDS, p99 < MOST_P99_MILLISECONDS),
        )

    def as_json(self) -> dict[str, Any]:
        """The figures for `result.json`."""
        return {
            "complaints_per_second": {name: round(self.rate(name), 1) for name in (KESU, YARDSTICK)},
            "bounds": [asdict(bound) for bound in self.bounds()],
            "full": [_figures(run) for run in self.full],
            "half_load": [_figures(run) for run in self.half],
        }


def middle(runs: Sequence[Run]) -> Run:
    """The run of median rate."""
    return sorted(runs, key=lambda run: run.journeys.rate)[len(runs) // 2]


def _figures(run: Run) -> dict[str, Any]:
    journeys = run.journeys
    return {
        "contestant": run.contestant,
        "complaints": journeys.count,
        "concurrency": run.concurrency,
        "per_second": round(journeys.rate, 1),
        "p50_ms": round(1000 * journeys.percentile(0.5), 1),
        "p99_ms": round(1000 * journeys.percentile(0.99), 1),
        "cpu_ms_each": {name: round(spent, 3) for name, spent in run.cpu_milliseconds_each.items()},
        "resident_mb": {name: round(size, 1) for name, size in run.resident_megabytes.items()},
    }
