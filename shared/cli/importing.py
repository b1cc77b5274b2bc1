"""How do complaints kept elsewhere come into the register? `kesu import FILE`.

The register itself remembers what was imported: a row's id follows from its source, its number
there and its date, so a run that was interrupted is simply run again and adds nothing twice. There
is no state file that could be lost or be wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from shared.cli.columns import Bound, bind, map_row
from shared.cli.door import Answer, Door
from shared.cli.mapping import FileMapping, load_mapping
from shared.cli.rejects import Rejects
from shared.cli.rows import CsvFile, Row
from shared.errors import KesuError, Rejected

BATCH_ROWS = 200
BATCH_BYTES = 400_000
_TOO_LARGE = 413

Post = Callable[[bytes], Answer]


@dataclass(slots=True)
class Tally:
    """What became of the rows so far."""

    registered: int = 0
    known: int = 0
    rejected: int = 0

    @property
    def rows(self) -> int:
        """All rows that were read."""
        return self.registered + self.known + self.rejected


def import_rows(
    file: CsvFile, bound: Bound, post: Post, rejects: Rejects, site: str | None
) -> Iterator[Tally]:
    """The tally after each batch that the register answered.

    Raises Unavailable when the register is gone, Rejected when it refuses the whole batch.
    """
    tally = Tally()
    for batch in _batches(file, bound, rejects, tally, site):
        _send(batch, bound.mapping, post, rejects, tally)
        yield tally
    yield tally


def _batches(
    file: CsvFile, bound: Bound, rejects: Rejects, tally: Tally, site: str | None
) -> Iterator[list[tuple[Row, bytes]]]:
    batch: list[tuple[Row, bytes]] = []
    size = 0
    for row in file.rows():
        try:
            if row.fault is not None:
                raise row.fault
            mapped = map_row(bound, row.cells) | {"row": row.line}
        except Rejected as error:
            rejects.add(row, error)
            tally.rejected += 1
            continue
        body = orjson.dumps(mapped | {"site": site} if site else mapped)
        if batch and (len(batch) == BATCH_ROWS or size + len(body) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append((row, body))
        size += len(body)
    if batch:
        yield batch


def _send(
    batch: list[tuple[Row, bytes]], mapping: FileMapping, post: Post, rejects: Rejects, tally: Tally
) -> None:
    head = orjson.dumps({"source": mapping.source, "history": mapping.history})[:-1]
    answer = post(head + b',"rows":[' + b",".join(body for _, body in batch) + b"]}")
    if answer.status == _TOO_LARGE and len(batch) == 1:
        rejects.add(batch[0][0], answer.refusal())
        tally.rejected += 1
        return
    if not 200 <= answer.status < 300:  # noqa: PLR2004 - HTTP's own numbers
        raise answer.refusal()
    rows = {row.line: row for row, _ in batch}
    for result in answer.body["results"]:
        _count(result, rows[result["row"]], rejects, tally)


def _count(result: dict[str, Any], row: Row, rejects: Rejects, tally: Tally) -> None:
    match result["status"]:
        case "registered":
            tally.registered += 1
        case "known":
            tally.known += 1
        case _:
            reason = Rejected(result["code"], result["detail"], field=result.get("field"))
            rejects.add(row, reason)
            tally.rejected += 1


def import_command(
    file: Annotated[Path, typer.Argument(help="CSV file with a header.")],
    mapping: Annotated[str, typer.Option(help="cfpb, nyc311, or a YAML file.")],
    token: Annotated[str, typer.Option(envvar="KESU_TOKEN", help="From `kesu token`.")],
    url: Annotated[str, typer.Option(help="The intake service.")] = "http://127.0.0.1:8001",
    site: Annotated[str | None, typer.Option(help="Instead of the mapping's site.")] = None,
    encoding: Annotated[str, typer.Option(help="Of the file, e.g. gb18030.")] = "utf-8-sig",
    rejects: Annotated[
        Path | None, typer.Option(help="Where refused rows go; else FILE.rejects.csv.")
    ] = None,
) -> None:
    """Bring complaints from a CSV file into the register; run again, it adds nothing twice.

    Ends with 0 if every row is in, 1 if some were refused, 2 if nothing could be read,
    3 if the register stopped answering.
    """
    console = Console()
    refused = rejects or file.with_name(file.name + ".rejects.csv")
    try:
        with CsvFile(file, encoding) as opened, Door(url, token) as door:
            tally = _run(opened, mapping, door, site, refused, console)
    except KesuError as error:
        console.print(f"[bold]{file.name}[/]: {error.sentence()}", highlight=False, markup=True)
        raise typer.Exit(2 if isinstance(error, Rejected) else 3) from error
    console.print(
        f"{tally.rows} rows: {tally.registered} registered, {tally.known} known before, "
        f"{tally.rejected} rejected" + (f"; see {refused}" if tally.rejected else "")
    )
    raise typer.Exit(1 if tally.rejected else 0)


def _run(file: CsvFile, name: str, door: Door, site: str | None, refused: Path, console: Console) -> Tally:
    bound = bind(load_mapping(name), file.header)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]} rows"),
        TimeRemainingColumn(),
    )
    tally = Tally()
    with Rejects(refused, file.header) as rejects, Progress(*columns, console=console) as progress:
        task = progress.add_task(file.name, total=file.size, rows=0)
        for tally in import_rows(file, bound, lambda b: door.post("/imports", b), rejects, site):
            progress.update(task, completed=file.position, rows=tally.rows)
    return tally
