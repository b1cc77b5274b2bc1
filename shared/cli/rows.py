"""How is a CSV file read that may be torn, huge, or written by a spreadsheet?"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from shared.errors import Rejected

LONGEST_CELL = 1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One record: the line that it begins on, its cells, and what is wrong with it, if anything."""

    line: int
    cells: tuple[str, ...]
    fault: Rejected | None = None


class CsvFile:
    """A CSV file, closed by `with`, that is read row by row; `header` is known at once."""

    def __init__(self, path: Path, encoding: str = "utf-8-sig") -> None:
        """Open it. Raises Rejected 'file-unreadable', 'file-empty', 'unknown-encoding'."""
        _check_encoding(encoding)
        try:
            self._raw: BinaryIO = path.open("rb")
        except OSError as error:
            reason = error.strerror or str(error)
            raise Rejected("file-unreadable", f"{path}: {reason}") from error
        self.name = path.name
        self.size = path.stat().st_size
        # A byte of another encoding must cost its own row only, not the file.
        text = io.TextIOWrapper(self._raw, encoding, errors="surrogateescape", newline="")
        csv.field_size_limit(LONGEST_CELL)
        # strict: a file cut inside a quoted cell is an error instead of a row that looks whole.
        self._reader = csv.reader(text, strict=True)
        self._text = text
        self.header = self._header(path)

    @property
    def position(self) -> int:
        """Bytes read so far, for a progress bar."""
        return self._raw.tell()

    def rows(self) -> Iterator[Row]:
        """Every record after the header; blank lines are left out, torn ones carry their fault."""
        while True:
            line = self._reader.line_num + 1
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Row(line, (), _fault(error))
                continue
            if any(cell.strip() for cell in cells):
                yield Row(line, tuple(cells))

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
            self._text.close()
            raise Rejected("file-empty", f"{path} holds nothing") from None
        except csv.Error as error:
            self._text.close()
            raise Rejected("file-unreadable", f"{path}: {error}") from error


def _check_encoding(encoding: str) -> None:
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise Rejected(
            "unknown-encoding",
            f"no encoding {encoding}",
            field="encoding",
            remedy="Chinese spreadsheets are often gb18030, western ones cp1252.",
        ) from None


def _fault(error: csv.Error) -> Rejected:
    if "end of data" in str(error):
        return Rejected("file-cut", "the file ends inside a quoted cell", remedy="Fetch the file again.")
    return Rejected("row-malformed", f"not CSV: {error}")
