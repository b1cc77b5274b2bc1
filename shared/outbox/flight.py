"""Which events are on their way to the broker? Sent in order, settled in whatever order confirms come.

What was sent is not sent again while it is under way, and what comes after it does not wait for its
confirmation: a round trip to the broker's disk would otherwise stand between any two commits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID


class Refused(Exception):
    """The broker took the message and would not route or keep it; another try may go better."""


class Waiting(NamedTuple):
    """A row of the outbox."""

    seq: int
    event_id: UUID
    type: str
    routing_key: str
    traceparent: str | None
    body: bytes


@dataclass(frozen=True, slots=True)
class Settled:
    """An event whose fate is known: confirmed, or the error that it met."""

    row: Waiting
    error: BaseException | None


Failures = Mapping[int, BaseException]
"""What went wrong, by the `seq` of the row; empty: nothing."""


class Flight:
    """Events that were sent and whose rows still stand in the outbox."""

    def __init__(self, on_settled: Callable[[int], None]) -> None:
        self._on_settled = on_settled
        self._tasks: set[asyncio.Task[Failures | None]] = set()
        self._owing: dict[int, int] = {}
        """How many sendings of a row are not confirmed yet."""
        self._errors: dict[int, BaseException] = {}
        self._settled: list[Settled] = []

    def __len__(self) -> int:
        """How many rows are under way or settled and not yet taken."""
        return len(self._owing) + len(self._settled)

    @property
    def rows(self) -> list[int]:
        """The `seq` of every row that must not be sent now."""
        return [*self._owing, *(one.row.seq for one in self._settled)]

    def send(self, rows: Sequence[Waiting], publishing: Coroutine[Any, Any, Failures | None]) -> None:
        """Begin to publish these rows; those sent before go out before them.

        Rows may be sent together and a row in several ways; it is settled when all of them ended, with
        the first error. What `publishing` raises all its rows met.
        """
        for row in rows:
            self._owing[row.seq] = self._owing.get(row.seq, 0) + 1
        task = asyncio.create_task(publishing)
        self._tasks.add(task)
        task.add_done_callback(lambda ended: self._ended(rows, ended))

    def take(self) -> Sequence[Settled]:
        """Those whose fate is known by now; they count as standing in the outbox no longer."""
        taken, self._settled = self._settled, []
        return taken

    def abandon(self) -> None:
        """Forget them: their rows are read again by whoever leads next."""
        tasks, self._tasks = self._tasks, set()
        for task in tasks:
            task.cancel()
        self._owing.clear()
        self._errors.clear()
        self._settled.clear()

    def _ended(self, rows: Sequence[Waiting], task: asyncio.Task[Failures | None]) -> None:
        failures = _failures(rows, task)
        if task not in self._tasks:
            return
        self._tasks.discard(task)
        settled = 0
        for row in rows:
            if row.seq in failures:
                self._errors.setdefault(row.seq, failures[row.seq])
            self._owing[row.seq] -= 1
            if not self._owing[row.seq]:
                del self._owing[row.seq]
                self._settled.append(Settled(row, self._errors.pop(row.seq, None)))
                settled += 1
        if settled:
            self._on_settled(settled)


def _failures(rows: Sequence[Waiting], task: asyncio.Task[Failures | None]) -> Failures:
    error = asyncio.CancelledError() if task.cancelled() else task.exception()
    if error is not None:
        return {row.seq: error for row in rows}
    return task.result() or {}
