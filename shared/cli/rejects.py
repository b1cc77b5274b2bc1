"""Where do the rows of an import go that were refused?"""

from __future__ import annotations

import csv
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from shared.cli.rows import Row
from shared.errors import KesuError, Rejected


class Rejects:
    """The file beside the imported one that holds its bad rows, with line, code and reason.

    It is made with its first row and does not outlive a run without any.
    """

    def __init__(self, path: Path, header: tuple[str, ...]) -> None:
        self.path = path
        self._header = header
        self._file: TextIO | None = None
        path.unlink(missing_ok=True)

    def add(self, row: Row, error: KesuError) -> None:
        """Keep a row with the reason why it was refused."""
        if self._file is None:
            self._file = self._made()
            csv.writer(self._file).writerow((*self._header, "line", "code", "reason"))
        padding = ("",) * (len(self._header) - len(row.cells))
        cells = (*row.cells, *padding)[: len(self._header)]
        csv.writer(self._file).writerow((*cells, row.line, error.code, error.sentence()))

    def __enter__(self) -> Self:
        """The open collection."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file, if there came to be one."""
        if self._file is not None:
            self._file.close()

    def _made(self) -> TextIO:
        try:
            return self.path.open("w", encoding="utf-8", errors="backslashreplace", newline="")
        except OSError as error:
            raise Rejected(
                "rejects-unwritable",
                f"{self.path}: {error.strerror}",
                remedy="Name a place for the refused rows with --rejects.",
            ) from error
