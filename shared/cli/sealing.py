"""How is the key for personal data changed? `kesu seal new-key`, restart, `kesu seal rotate`."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from sqlalchemy.exc import DBAPIError

from shared.cli.consoles import show
from shared.cli.settings import CliSettings
from shared.database.migrate import SERVICES
from shared.database.resealing import CHUNK_ROWS, POLICIES, Place, Tally, places, resealed, size
from shared.database.transaction import Database, is_passing
from shared.errors import Unavailable
from shared.sealed.sealer import Sealer, new_key
from shared.settings import database_of

_SHOWN_IDS = 20


def new_key_command(name: Annotated[str, typer.Argument(help="Name of the key")] = "k1") -> None:
    """Print a fresh entry for KESU_SEAL_KEYS; put it in front of the old ones."""
    sys.stdout.write(f"{name}:{new_key()}\n")


def rotate_command(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    chunk: Annotated[int, typer.Option(min=1, max=5000, help="Rows a transaction.")] = CHUNK_ROWS,
) -> None:
    """Seal everything at rest with the first key of KESU_SEAL_KEYS; may run while the services do.

    All services must have the new key in their ring before. Run it again if it was interrupted. Ends
    with 1 if something could not be opened with any key of the ring.
    """
    settings = CliSettings()
    sealer = Sealer.from_setting(settings.need("seal_keys"), secret=settings.secret)
    url, console = settings.need("database_url"), Console()
    unopened = 0
    with _progress(console) as progress:
        for service in SERVICES:
            tallies = asyncio.run(_rotate(url, service, sealer, progress, dry_run=dry_run, chunk=chunk))
            for place, tally in tallies:
                show(progress.console, _line(service, place, tally, sealer, dry_run=dry_run))
                unopened += len(tally.unopened)
    if unopened:
        console.print(f"{unopened} rows could not be opened: their key is not in KESU_SEAL_KEYS.")
        raise typer.Exit(1)


async def _rotate(
    url: str, service: str, sealer: Sealer, progress: Progress, *, dry_run: bool, chunk: int
) -> list[tuple[Place, Tally]]:
    database = Database(database_of(url, service), service="rotation", pool=2)
    try:
        return [
            (place, await _one(database, place, sealer, progress, dry_run=dry_run, chunk=chunk))
            for place in (*await places(database), POLICIES)
        ]
    except (OSError, TimeoutError, DBAPIError) as error:
        if not is_passing(error):
            raise
        raise Unavailable(
            f"the database of {service} failed: {type(error).__name__}",
            remedy="Run it again: what is done stays done, the rest is taken up.",
        ) from error
    finally:
        await database.close()


async def _one(
    database: Database, place: Place, sealer: Sealer, progress: Progress, *, dry_run: bool, chunk: int
) -> Tally:
    task: TaskID = progress.add_task(place.table, total=await size(database, place))
    tally = Tally()
    async for tally in resealed(database, sealer, place, dry_run=dry_run, chunk=chunk):
        progress.update(task, completed=tally.rows)
    progress.remove_task(task)
    return tally


def _line(service: str, place: Place, tally: Tally, sealer: Sealer, *, dry_run: bool) -> str:
    done = "would be re-sealed" if dry_run else "re-sealed"
    line = (
        f"{service} {place.table}: {tally.rows} rows, {tally.changed} texts {done} with {sealer.active}"
        f"{_before(tally.found)}"
    )
    if not tally.unopened:
        return line
    ids = ", ".join(str(identifier) for identifier in tally.unopened[:_SHOWN_IDS])
    more = len(tally.unopened) - _SHOWN_IDS
    rest = f" and {more} more" if more > 0 else ""
    return f"{line}; {len(tally.unopened)} could not be opened: {ids}{rest}"


def _before(found: Counter[str]) -> str:
    if not found:
        return ""
    return " (found: " + ", ".join(f"{name} {count}" for name, count in sorted(found.items())) + ")"


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total} rows"),
        console=console,
        transient=True,
    )
