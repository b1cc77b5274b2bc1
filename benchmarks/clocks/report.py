"""How is the result shown, and is it good enough? Two small tables: figures beside each other, and bounds."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from benchmarks.clocks.firing import Firing
from benchmarks.clocks.ours import Idle

KESU, RIVAL = "Kesu", "APScheduler"


@dataclass(frozen=True, slots=True)
class Column:
    """One contestant."""

    name: str
    clocks: int
    idle: Idle
    peak_megabytes: float | None
    firings: dict[str, Firing]
    """By what was done: see SINGLE and its neighbours."""


SINGLE = "one clock, max"
MINUTE = "within a minute, one process"
INSTANT = "at one instant, one process"
BOTH = "at one instant, two processes"
KILLED = "at one instant, kill -9 of either of two"


@dataclass(frozen=True, slots=True)
class Bound:
    """One thing that must hold."""

    what: str
    measured: float
    limit: float

    @property
    def met(self) -> bool:
        """Whether it does."""
        return self.measured <= self.limit


def bounds(ours: Column) -> tuple[Bound, ...]:
    """What issue 4 demands of the service."""
    fired = ours.firings
    return (
        Bound("megabytes resident, at most", ours.peak_megabytes or 0, 300),
        Bound("idle, percent of a core", ours.idle.service_percent, 2),
        Bound("one clock, seconds late", fired[SINGLE].lag(1), 1),
        Bound("due in the same minute, p99 seconds late", fired[MINUTE].lag(0.99), 5),
        Bound("due at one instant, two replicas, p99 seconds late", fired[BOTH].lag(0.99), 5),
        Bound("lost", sum(one.lost for one in fired.values()), 0),
        Bound("fired twice", sum(one.twice for one in fired.values()), 0),
    )


def show(columns: list[Column], due: int, console: Console) -> None:
    """Print both tables."""
    table = Table(title=f"{due:,} clocks due together", title_justify="left")
    table.add_column("")
    for column in columns:
        table.add_column(f"{column.name}, {column.clocks:,} open", justify="right")
    ratio = len(columns) > 1
    if ratio:
        table.add_column("ratio", justify="right")
    for what, figures in _rows(columns):
        cells = [f"{one:.2f}" for one in figures]
        if ratio:
            cells.append(f"{figures[1] / figures[0]:.1f}" if len(figures) > 1 and figures[0] else "")
        table.add_row(what, *cells)
    for what in (INSTANT, BOTH, KILLED):
        verdicts = [one.firings.get(what) for one in columns]
        table.add_row(
            f"{what}: lost / twice", *(f"{one.lost} / {one.twice}" if one else "" for one in verdicts)
        )
    console.print(table)
    ours = next((one for one in columns if one.name == KESU), None)
    if ours is not None:
        _show_bounds(bounds(ours), console)


def _rows(columns: list[Column]) -> list[tuple[str, list[float]]]:
    rows = [
        ("idle, percent of a core", [one.idle.service_percent for one in columns]),
        ("idle, PostgreSQL too, percent", [one.idle.database_percent for one in columns]),
        ("idle, MB resident", [one.idle.resident_megabytes for one in columns]),
        (SINGLE + ", s", [one.firings[SINGLE].lag(1) for one in columns]),
    ]
    for what in (MINUTE, INSTANT, BOTH, KILLED):
        for name, share in (("p50", 0.5), ("p99", 0.99)):
            lags = [one.firings[what].lag(share) for one in columns if what in one.firings]
            rows.append((f"{what}, {name}, s", lags))
    return rows


def _show_bounds(found: tuple[Bound, ...], console: Console) -> None:
    table = Table(title="Bounds", title_justify="left")
    for name in ("", "measured", "limit", "met"):
        table.add_column(name, justify="right" if name else "left")
    for bound in found:
        table.add_row(bound.what, f"{bound.measured:.2f}", f"{bound.limit:g}", "yes" if bound.met else "NO")
    console.print(table)
