"""How do complaints kept elsewhere come into the register? `kesu import FILE`.

The register itself remembers what was imported by site, source and the number there, so a run that was
interrupted is simply run again and adds nothing twice, and a later export of the same register brings up to
date what came in before. There is no state file that could be lost or be wrong.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from shared.cli.columns import Bound, bind, map_row
from shared.cli.consoles import show
from shared.cli.door import Answer, Door
from shared.cli.mapping import FileMapping, load_mapping
from shared.cli.printing import one_line
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
    amended: int = 0
    closed: int = 0

    @property
    def rows(self) -> int:
        """All rows that were read."""
        return self.registered + self.known + self.rejected + self.amended + self.closed

    def line(self) -> str:
        """The summary for people."""
        return (
            f"{self.rows} rows: {self.registered} registered, {self.known} known before, "
            f"{self.rejected} rejected, {self.amended} amended, {self.closed} closed"
        )


@dataclass(frozen=True, slots=True)
class Run:
    """One import on its way: the file read through its mapping, the register, and where its news goes."""

    file: CsvFile
    bound: Bound
    post: Post
    rejects: Rejects
    note: Callable[[str], None]
    """Is told of each row whose news the register did not take, because it was changed there since."""
    site: str | None = None


def import_rows(run: Run) -> Iterator[Tally]:
    """The tally after each batch that the register answered.

    Raises Unavailable when the register is gone, Rejected when it refuses the whole batch.
    """
    tally = Tally()
    for batch in _batches(run, tally):
        _send(run, batch, tally)
        yield tally
    yield tally


def _batches(run: Run, tally: Tally) -> Iterator[list[tuple[Row, bytes]]]:
    batch: list[tuple[Row, bytes]] = []
    size = 0
    seen = Seen()
    for row in run.file.rows():
        try:
            if row.fault is not None:
                raise row.fault
            mapped = map_row(run.bound, row.cells) | ({"site": run.site} if run.site else {})
            seen.check(mapped, row.line)
        except Rejected as error:
            run.rejects.add(row, error)
            tally.rejected += 1
            continue
        body = orjson.dumps(mapped | {"row": row.line})
        if batch and (len(batch) == BATCH_ROWS or size + len(body) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append((row, body))
        size += len(body)
    if batch:
        yield batch


class Seen:
    """Which numbers stood in this file already, on which line and with what; some 200 bytes a row."""

    def __init__(self) -> None:
        self._rows: dict[bytes, tuple[int, bytes]] = {}

    def check(self, mapped: Mapping[str, Any], line: int) -> None:
        """Note the row. Raises Rejected('number-twice') if its number was there with other contents."""
        name = _digest([mapped["site"], mapped["ref"]])
        content = _digest(mapped)
        before, known = self._rows.setdefault(name, (line, content))
        if known != content:
            raise Rejected(
                "number-twice",
                f"number {mapped['ref']} stands on line {before} too, with other contents",
                field="ref",
                remedy="The first of the two was taken. Take out the wrong one, or give it its own number.",
            )


def _digest(content: object) -> bytes:
    return hashlib.blake2b(orjson.dumps(content, option=orjson.OPT_SORT_KEYS), digest_size=12).digest()


def _send(run: Run, batch: list[tuple[Row, bytes]], tally: Tally) -> None:
    mapping = run.bound.mapping
    head = orjson.dumps({"source": mapping.source, "history": mapping.history})[:-1]
    answer = run.post(head + b',"rows":[' + b",".join(body for _, body in batch) + b"]}")
    if answer.status == _TOO_LARGE and len(batch) == 1:
        run.rejects.add(batch[0][0], answer.refusal())
        tally.rejected += 1
        return
    if not 200 <= answer.status < 300:  # noqa: PLR2004 - HTTP's own numbers
        raise answer.refusal()
    rows = {row.line: row for row, _ in batch}
    for result in answer.body["results"]:
        _count(result, rows[result["row"]], run, tally)


def _count(result: dict[str, Any], row: Row, run: Run, tally: Tally) -> None:
    match result["status"]:
        case "registered" | "known" | "amended" | "closed" as done:
            setattr(tally, done, getattr(tally, done) + 1)
            if result.get("kept"):
                run.note(f"line {row.line}, {result.get('complaint_no')}: {result.get('detail')}")
        case _:
            field, remedy = result.get("field"), result.get("remedy")
            reason = Rejected(result["code"], result["detail"], field=field, remedy=remedy)
            run.rejects.add(row, reason)
            tally.rejected += 1


def import_command(
    file: Annotated[Path, typer.Argument(help="CSV file with a header.")],
    mapping: Annotated[str, typer.Option(help="cfpb, nyc311, or a YAML file (docs/mappings.md).")],
    token: Annotated[str, typer.Option(envvar="KESU_TOKEN", help="From `kesu token`.")],
    url: Annotated[str, typer.Option(help="The intake service.")] = "http://127.0.0.1:8001",
    site: Annotated[str | None, typer.Option(help="Instead of the mapping's site.")] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Of the file, e.g. gb18030; else by its mark, or UTF-8.")
    ] = None,
    delimiter: Annotated[
        str | None, typer.Option(help="Between cells, e.g. ';' or tab; else the mapping's.")
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="Where refused rows go; else FILE.rejects.csv.")
    ] = None,
) -> None:
    """Bring complaints from a CSV file into the register; a later export of the same brings it up to date.

    Run again, it adds nothing twice. Ends with 0 if every row is in, 1 if some were refused, 2 if nothing
    could be read, 3 if the register stopped answering.
    """
    console = Console()
    refused = rejects or file.with_name(file.name + ".rejects.csv")
    try:
        read_by = load_mapping(mapping)
        with CsvFile(file, encoding, _delimiter(delimiter, read_by)) as opened, Door(url, token) as door:
            tally = _run(opened, bind(read_by, opened.header), door, site, refused, console)
    except KesuError as error:
        show(console, f"{file.name}: {error.sentence()}")
        raise typer.Exit(2 if isinstance(error, Rejected) else 3) from error
    show(console, tally.line() + (f"; see {refused}" if tally.rejected else ""))
    raise typer.Exit(1 if tally.rejected else 0)


def _delimiter(option: str | None, mapping: FileMapping) -> str | None:
    """What divides cells, by the option or the mapping; None: nobody said, so it is seen to."""
    if option is None:
        return mapping.delimiter
    named = {"tab": "\t", "\\t": "\t"}.get(option, option)
    if len(named) != 1 or named in '"\r\n':
        remedy = "Give ';', ',', '|' or tab."
        raise Rejected("bad-delimiter", f"{option!r} divides no cells", field="--delimiter", remedy=remedy)
    return named


def _run(file: CsvFile, bound: Bound, door: Door, site: str | None, refused: Path, console: Console) -> Tally:
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]} rows"),
        TimeRemainingColumn(),
    )
    tally = Tally()
    with Rejects(refused, file) as rejects, Progress(*columns, console=console) as progress:
        task = progress.add_task(one_line(file.name), total=file.size, rows=0)
        run = Run(
            file, bound, lambda b: door.post("/imports", b), rejects, lambda said: show(console, said), site
        )
        for tally in import_rows(run):
            progress.update(task, completed=file.position, rows=tally.rows)
    return tally
