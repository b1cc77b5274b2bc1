"""How is a CSV file read that may be torn, huge, or written by a spreadsheet?"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from types import TracebackType
from typing import Self

from shared.cli.encodings import FOREIGN, Encoding, encoding_of
from shared.errors import Rejected

LONGEST_CELL = 1_000_000
_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_HEAD_BYTES = 4_096
_TOLD = re.compile("sep=(.)[\r\n]")
"""A line that Excel writes before the header to say what divides the cells."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record: the line that it begins on, its cells, its text as it stands, and what is wrong with it."""

    line: int
    cells: tuple[str, ...]
    fault: Rejected | None = None
    raw: str = ""
    """Without the end of line; bytes of another encoding are in it as surrogates."""


class _Lines:
    """The lines of a file, and those that the record being read has used so far."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._used: list[str] = []

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = next(self._text)
        self._used.append(line)
        return line

    def taken(self) -> str:
        """What was used since it was last asked."""
        used = "".join(self._used)
        self._used.clear()
        return used


class CsvFile:
    """A CSV file, closed by `with`, that is read row by row; `header` is known at once."""

    def __init__(self, path: Path, encoding: str | None = None, delimiter: str | None = None) -> None:
        """Open it; without an encoding it is what its byte order mark says, else UTF-8.

        Raises Rejected 'file-unreadable', 'file-empty', 'unknown-encoding', 'encoding-differs',
        'delimiter-differs'.
        """
        try:
            self._raw: BufferedReader = path.open("rb")
        except OSError as error:
            reason = error.strerror or str(error)
            raise Rejected("file-unreadable", f"{path}: {reason}") from error
        self.path = path
        self.name = path.name
        try:
            self.size = path.stat().st_size
            # Looked at, not read: a pipe cannot be wound back.
            head = self._raw.peek(_HEAD_BYTES)[:_HEAD_BYTES]
            self.encoding: Encoding = encoding_of(encoding, head)
            self._raw.read(len(self.encoding.mark))
            # A byte of another encoding must cost its own row only, not the file.
            text = io.TextIOWrapper(self._raw, self.encoding.codec, errors=FOREIGN, newline="")
            csv.field_size_limit(LONGEST_CELL)
            self._lines = _Lines(text)
            told = _TOLD.match(self.encoding.decoded(head))
            self._skipped = 1 if told is not None else 0
            if told is not None:
                text.readline()
                delimiter = delimiter or told[1]
            self.delimiter = delimiter or ","
            # strict: a file cut inside a quoted cell is an error instead of a row that looks whole.
            self._reader = csv.reader(self._lines, strict=True, delimiter=self.delimiter)
            self.header = self._header(path)
            self.header_raw = self._lines.taken()
            if delimiter is None:
                _check_delimiter(path, self.header_raw)
        except BaseException:
            self._raw.close()
            raise
        self._text = text

    @property
    def position(self) -> int:
        """Bytes read so far, for a progress bar; of a pipe nobody knows."""
        return self._raw.tell() if self._raw.seekable() else 0

    def rows(self) -> Iterator[Row]:
        """Every record after the header; blank lines are left out, torn ones carry their fault."""
        while True:
            line = self._skipped + self._reader.line_num + 1
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Row(line, (), _fault(error), self._lines.taken().rstrip("\r\n"))
                continue
            raw = self._lines.taken()
            if any(cell.strip() for cell in cells):
                yield Row(line, tuple(cells), raw=raw.rstrip("\r\n"))

    def __enter__(self) -> Self:
        """The open file."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of the file."""
        self._text.close()

    def _header(self, path: Path) -> tuple[str, ...]:
        try:
            return tuple(cell.strip() for cell in next(self._reader))
        except StopIteration:
            raise Rejected("file-empty", f"{path} holds nothing") from None
        except csv.Error as error:
            raise Rejected("file-unreadable", f"{path}: {error}") from error


def _check_delimiter(path: Path, header: str) -> None:
    """Raises Rejected('delimiter-differs') if the header is plainly divided by something else."""
    found = max(_DELIMITERS, key=header.count)
    if header.count(found) > header.count(","):
        option, key = ("tab", "\\t") if found == "\t" else (found, found)
        raise Rejected(
            "delimiter-differs",
            f"the cells of {path.name} are divided by {_DELIMITERS[found]}, not by commas",
            field="delimiter",
            remedy=f"Give --delimiter '{option}', or write `delimiter: \"{key}\"` into the mapping; "
            'sums like 1.234,50 need `decimal: ","` there too.',
        )


def _fault(error: csv.Error) -> Rejected:
    if "end of data" in str(error):
        return Rejected("file-cut", "the file ends inside a quoted cell", remedy="Fetch the file again.")
    return Rejected("row-malformed", f"not CSV: {error}")
