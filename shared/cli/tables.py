"""How is a table printed so that nothing of it is cut, on a narrow terminal and into a file?"""

from __future__ import annotations

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

_WIDEST = 100_000


def show_whole(table: Table) -> None:
    """Prints every column as wide as what stands in it; a terminal that is narrower breaks the lines."""
    console = Console()
    wide = console.options.update(max_width=_WIDEST)
    needed = Measurement.get(console, wide, table).maximum
    Console(width=max(console.width, needed)).print(table)
