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
    idle: Idle | None
    peak_megabytes: float | None
    firings: dict[str, Firing]
    """By what was done: see SINGLE and its neighbours."""
    lost_and_twice: tuple[int, int]
    """In all: how many never fired, how many fired more than once."""


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
    """What issue 4 demands of the service, as far as it was measured."""
    lost, twice = ours.lost_and_twice
    found = [
        Bound("megabytes resident, at most", ours.peak_megabytes or 0, 300),
        Bound("lost", lost, 0),
        Bound("fired twice", twice, 0),
    ]
    if ours.idle is not None:
        found.append(Bound("idle, percent of a core", ours.idle.service_percent, 2))
    for what, share, limit in ((SINGLE, 1, 1), (MINUTE, 0.99, 5), (BOTH, 0.99, 5)):
        if what in ours.firings:
            found.append(Bound(f"{what}: seconds late", ours.firings[what].lag(share), limit))
    return tuple(found)


def show(columns: list[Column], due: int, console: Console) -> None:
    """Print both tables."""
    table = Table(title=f"{due:,} clocks due together", title_justify="left")
    table.add_column("")
    for column in columns:
        table.add_column(f"{column.name}, {column.clocks:,} open", justify="right")
    has_ratio = len(columns) > 1
    if has_ratio:
        table.add_column("ratio", justify="right")
    for what, figures in _rows(columns):
        cells = ["" if one is None else f"{one:.2f}" for one in figures]
        if has_ratio:
            ours, theirs = figures
            cells.append(f"{theirs / ours:.1f}" if ours and theirs is not None else "")
        table.add_row(what, *cells)
    table.add_row("lost / fired twice", *("{} / {}".format(*one.lost_and_twice) for one in columns))
    console.print(table)
    ours = next((one for one in columns if one.name == KESU), None)
    if ours is not None:
        _show_bounds(bounds(ours), console)


def _rows(columns: list[Column]) -> list[tuple[str, list[float | None]]]:
    idle = [one.idle for one in columns]
    rows: list[tuple[str, list[float | None]]] = [
        ("idle, percent of a core", [one and one.service_percent for one in idle]),
        ("idle, PostgreSQL, percent", [one and one.database_percent for one in idle]),
        ("idle, MB resident", [one and one.resident_megabytes for one in idle]),
        (f"{SINGLE}, s", [_lag(one, SINGLE, 1) for one in columns]),
    ]
    for what in (MINUTE, INSTANT, BOTH, KILLED):
        for name, share in (("p50", 0.5), ("p99", 0.99)):
            rows.append((f"{what}, {name}, s", [_lag(one, what, share) for one in columns]))
    return [(what, figures) for what, figures in rows if any(one is not None for one in figures)]


def _lag(column: Column, what: str, share: float) -> float | None:
    found = column.firings.get(what)
    return None if found is None else found.lag(share)


def _show_bounds(found: tuple[Bound, ...], console: Console) -> None:
    table = Table(title="Bounds", title_justify="left")
    for name in ("", "measured", "limit", "met"):
        table.add_column(name, justify="right" if name else "left")
    for bound in found:
        table.add_row(bound.what, f"{bound.measured:.2f}", f"{bound.limit:g}", "yes" if bound.met else "NO")
    console.print(table)
