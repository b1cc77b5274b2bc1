"""Where do the rows of an import go that were refused?"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from shared.cli.encodings import encoding_of
from shared.cli.rows import CsvFile, Row
from shared.errors import KesuError, Rejected
from shared.files import OwnFile

COLUMNS = ("line", "code", "reason")
_END = "\r\n"
_HEADER_ENDS = re.compile(r"([,;\t|])line\1code\1reason\r?\n")


class Rejects:
    """The file beside the imported one that holds its bad rows as they stood there, with line, code, reason.

    It is in the encoding of the imported one, so that what was refused for its bytes can be imported from
    here with the right --encoding. It comes to be with its first row, appears whole at the end, and that of
    an earlier run does not outlive a run without any.
    """

    def __init__(self, path: Path, source: CsvFile) -> None:
        """Check the place before any work is done. Raises what `OwnFile` raises."""
        self._source = source
        self._file = OwnFile(path, is_ours=_is_of_rejects, option="--rejects", inputs=(source.path,))
        self.path = path

    def add(self, row: Row, error: KesuError) -> None:
        """Keep a row with the reason why it was refused."""
        if not self._file.is_begun:
            self._file.write(self._source.encoding.mark)
            self._put(self._source.header_raw.rstrip("\r\n"), COLUMNS)
        missing = len(self._source.header) - len(row.cells)
        is_cut = row.fault is not None and row.fault.code == "file-cut"
        # A quote that never closes would swallow what stands after it.
        raw = "" if is_cut else row.raw
        padding = self._source.delimiter * (missing - (not row.cells)) if is_cut or row.cells else ""
        self._put(raw + padding, (str(row.line), error.code, error.sentence()))

    def __enter__(self) -> Self:
        """The open collection."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Put the file in its place, if there came to be one; an interrupted run keeps what it found."""
        try:
            if self._file.is_begun:
                self._file.keep()
            elif kind is None:
                self._file.remove_earlier()
        finally:
            self._file.discard()

    def _put(self, raw: str, ours: Iterable[str]) -> None:
        written = io.StringIO()
        csv.writer(written, delimiter=self._source.delimiter, lineterminator=_END).writerow(ours)
        self._file.write(self._source.encoding.encoded(raw + self._source.delimiter + written.getvalue()))


def _is_of_rejects(head: bytes) -> bool:
    """Whether a file that begins so was written here: its header ends with our columns."""
    for name in (None, "utf-16-le", "utf-16-be"):
        try:
            encoding = encoding_of(name, head)
        except Rejected:
            continue
        if _HEADER_ENDS.search(encoding.decoded(head)):
            return True
    return False
