"""How far has the audit come? Two bars for people on a terminal; nothing anywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class Bars:
    """Is told how many entries of the log were read and how many complaints were compared."""

    def __init__(self, progress: Progress, complaints: int) -> None:
        self._progress = progress
        self._log = progress.add_task("reading the log", total=None)
        self._compared = progress.add_task("comparing complaints", total=complaints or None)

    def on_read(self, count: int, most: int | None) -> None:
        """So many entries of the log have been read."""
        if count % 100 == 0 or count == most:
            self._progress.update(self._log, completed=count, total=most)

    def on_compared(self, count: int) -> None:
        """So many complaints have been compared."""
        self._progress.update(self._compared, completed=count)


@contextmanager
def shown(complaints: int) -> Iterator[Bars]:
    """Bars on standard error while the block runs, if that is a terminal."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        yield Bars(progress, complaints)
