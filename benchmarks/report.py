"""How is the result shown? Three small tables: speed, where the time goes, and the bounds."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from benchmarks.contestants import KESU, YARDSTICK
from benchmarks.measuring import Run
from benchmarks.verdict import Result, middle

_PARTIES = ("intake", "routing", "escalation", "surveys", "PostgreSQL", "RabbitMQ", "load")


def show(result: Result, console: Console) -> None:
    """Print it."""
    console.print(_speed(result))
    console.print(_processor(result))
    console.print(_bounds(result))


def _speed(result: Result) -> Table:
    table = Table(title="From HTTP POST to clocks armed", title_justify="left")
    for name in ("", "complaints/s", "runs", "at half load", "p50 ms", "p99 ms", "MB resident"):
        table.add_column(name, justify="right" if name else "left")
    for contestant in (YARDSTICK, KESU):
        runs = [run for run in result.full if run.contestant == contestant]
        half = next(run for run in result.half if run.contestant == contestant)
        table.add_row(
            contestant,
            f"{result.rate(contestant):.0f}",
            " ".join(f"{run.journeys.rate:.0f}" for run in runs),
            f"{half.journeys.rate:.0f}/s",
            f"{1000 * half.journeys.percentile(0.5):.0f}",
            f"{1000 * half.journeys.percentile(0.99):.0f}",
            _range(half),
        )
    return table


def _range(run: Run) -> str:
    sizes = run.resident_megabytes.values()
    return f"{min(sizes):.0f} to {max(sizes):.0f}" if sizes else "?"


def _processor(result: Result) -> Table:
    table = Table(title="Processor time of one complaint at full speed, ms", title_justify="left")
    for name in ("", *_PARTIES, "all"):
        table.add_column(name, justify="right" if name else "left")
    for contestant in (YARDSTICK, KESU):
        spent = middle([run for run in result.full if run.contestant == contestant]).cpu_milliseconds_each
        cells = [f"{spent[party]:.2f}" if party in spent else "" for party in _PARTIES]
        table.add_row(contestant, *cells, f"{sum(spent.values()):.2f}")
    return table


def _bounds(result: Result) -> Table:
    table = Table(title="Bounds", title_justify="left")
    for name in ("", "measured", "limit", "met"):
        table.add_column(name, justify="right" if name else "left")
    for bound in result.bounds():
        table.add_row(bound.what, f"{bound.measured:.2f}", f"{bound.limit:g}", "yes" if bound.met else "NO")
    return table
