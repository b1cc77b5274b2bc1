"""What does a person see of a run, and what is kept as evidence?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.faults.ledger import KINDS
from tests.faults.proving import Proof
from tests.faults.running import Result

_MOST_SHOWN = 8


def show_line(console: Console, result: Result) -> None:
    """One scenario's outcome, as soon as it is known."""
    figures = ", ".join(f"{kind} {result.count(kind)}" for kind in KINDS)
    console.print(
        f"{result.name}: accepted {result.accepted}, {figures}, parked {result.parked} (injected), "
        f"{result.seconds:.0f} s",
        style="bold green" if not result.findings else "bold red",
        highlight=False,
    )
    for finding in result.findings[:_MOST_SHOWN]:
        console.print(
            f"    {finding.kind}: {finding.what} {finding.complaint or ''}", highlight=False, markup=False
        )
    if len(result.findings) > _MOST_SHOWN:
        console.print(f"    ... and {len(result.findings) - _MOST_SHOWN} more, see the evidence")


def show_ledger(console: Console, results: Sequence[Result]) -> None:
    """The ledger of the run."""
    table = Table(title="Ledger", title_justify="left")
    table.add_column("scenario")
    for heading in ("accepted", *KINDS, "parked", "seconds"):
        table.add_column(heading, justify="right")
    for one in results:
        counts = (str(one.count(kind)) for kind in KINDS)
        table.add_row(one.name, str(one.accepted), *counts, str(one.parked), f"{one.seconds:.0f}")
    scenarios = [one for one in results if one.asked]
    total = (str(sum(one.count(kind) for one in results)) for kind in KINDS)
    table.add_section()
    table.add_row(
        "total",
        str(sum(one.accepted for one in scenarios)),
        *total,
        str(sum(one.parked for one in results)),
        f"{sum(one.seconds for one in results):.0f}",
    )
    console.print(table)


def show_proofs(console: Console, proofs: Sequence[Proof]) -> None:
    """What the auditor found of what was planted."""
    table = Table(title="Planted in a copy, to prove the auditor", title_justify="left")
    for heading in ("planted", "must be found as", "found"):
        table.add_column(heading)
    for one in proofs:
        table.add_row(one.name, one.kind, "yes" if one.found else "NO")
    console.print(table)


def keep(directory: Path, results: Sequence[Result], proofs: Sequence[Proof]) -> Path:
    """The evidence as JSON: per scenario its figures, its answers, its timeline and every finding."""
    file = directory / "ledger.json"
    content = {
        "scenarios": [asdict(one) for one in results],
        "proofs": [asdict(one) for one in proofs],
    }
    file.write_text(json.dumps(content, indent=1, default=str))
    return file
