"""How is a log that is larger than memory read by complaint? Sorted in runs on disk, then merged."""

from __future__ import annotations

import heapq
import struct
from collections.abc import AsyncIterator, Iterator
from itertools import groupby
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from shared.events import catalogue
from shared.messaging.pieces import Piece

_MOST_BYTES = 8_000_000
"""What one run holds in memory before it is written."""
_HEAD = struct.Struct(">16sQ16sI")
_Line = tuple[bytes, int, bytes, bytes]
"""Complaint, place in the log, event, body."""


class SortedLog:
    """The events of a log by complaint, each complaint's in the order of the log and each event once."""

    def __init__(self, directory: Path, *, most_bytes: int = _MOST_BYTES) -> None:
        self._directory = directory
        self._most_bytes = most_bytes
        self._runs: list[Path] = []
        self._waiting: list[_Line] = []
        self._bytes = 0
        self._count = 0
        self.unreadable = 0
        """What in the log was no event."""

    async def read(self, log: AsyncIterator[Piece]) -> None:
        """Take in a whole log; surveys' events say nothing of clocks and are left out."""
        wanted = {data.type_name for data in catalogue.all_events() if data.producer != "surveys"}
        async for piece in log:
            head = piece.head
            if head is None:
                self.unreadable += 1
                continue
            if head.type not in wanted:
                continue
            self._count += 1
            self._waiting.append((head.subject.bytes, self._count, head.id.bytes, piece.body))
            self._bytes += len(piece.body)
            if self._bytes >= self._most_bytes:
                self._write()

    def complaints(self) -> Iterator[tuple[UUID, list[bytes], list[str]]]:
        """Each complaint with its bodies and the ids of its events, by rising id of the complaint."""
        self._waiting.sort()
        runs = [*map(_lines, self._runs), iter(self._waiting)]
        for complaint, lines in groupby(heapq.merge(*runs), key=lambda line: line[0]):
            once: dict[bytes, bytes] = {}
            for _, _, event, body in lines:
                once.setdefault(event, body)
            yield UUID(bytes=complaint), list(once.values()), [str(UUID(bytes=one)) for one in sorted(once)]

    def _write(self) -> None:
        self._waiting.sort()
        file = self._directory / f"run-{len(self._runs)}"
        with file.open("wb") as run:
            for complaint, place, event, body in self._waiting:
                run.write(_HEAD.pack(complaint, place, event, len(body)) + body)
        self._runs.append(file)
        self._waiting, self._bytes = [], 0


def _lines(file: Path) -> Iterator[_Line]:
    with file.open("rb") as run:
        while (line := _next(run)) is not None:
            yield line


def _next(run: BinaryIO) -> _Line | None:
    head = run.read(_HEAD.size)
    if not head:
        return None
    complaint, place, event, length = _HEAD.unpack(head)
    return complaint, place, event, run.read(length)
