"""Which events are on their way to the broker? Sent in order, settled in whatever order confirms come.

What was sent is not sent again while it is under way, and what comes after it does not wait for its
confirmation: a round trip to the broker's disk would otherwise stand between any two commits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
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
    subject: UUID | None = None
    """Whom it is about. None: written by a release that did not say so; all of those count as one."""
    bulk: bool = False
    """Whether it travels beside and behind the living (docs/decisions/0062)."""


@dataclass(frozen=True, slots=True)
class Settled:
    """An event whose fate is known: confirmed, or the error that it met."""

    row: Waiting
    error: BaseException | None


class Flight:
    """Events that were sent and whose rows still stand in the outbox."""

    def __init__(self, on_settled: Callable[[], None]) -> None:
        self._on_settled = on_settled
        self._tasks: set[asyncio.Task[None]] = set()
        self._owing: dict[int, int] = {}
        """In how many ways a row is under way that are not confirmed yet."""
        self._errors: dict[int, BaseException] = {}
        self._settled: list[Settled] = []
        self._bulk = 0
        self.lost = False
        """Whether the way to the broker was lost since `abandon`: what is sent now might overtake."""

    def __len__(self) -> int:
        """How many rows are under way or settled and not yet taken."""
        return len(self._owing) + len(self._settled)

    @property
    def bulk(self) -> int:
        """How many of them are of the bulk lane."""
        return self._bulk

    @property
    def rows(self) -> list[int]:
        """The `seq` of every row that must not be sent now."""
        return [*self._owing, *(one.row.seq for one in self._settled)]

    def begin(self, row: Waiting, ways: int) -> None:
        """The row goes out in so many ways; it is settled when all of them ended, with the first error."""
        self._bulk += row.bulk
        if ways:
            self._owing[row.seq] = ways
        else:
            self._settle(row)

    def send(self, rows: Sequence[Waiting], publishing: Coroutine[Any, Any, None]) -> None:
        """One way of these rows, together; what `publishing` raises all of them met."""
        task = asyncio.create_task(publishing)
        self._tasks.add(task)
        task.add_done_callback(lambda ended: self._sent(rows, ended))

    def ended(self, row: Waiting, error: BaseException | None) -> None:
        """One way of this row is at its end."""
        if error is not None:
            self._errors.setdefault(row.seq, error)
            self.lost = self.lost or not isinstance(error, Refused)
        self._owing[row.seq] -= 1
        if not self._owing[row.seq]:
            del self._owing[row.seq]
            self._settle(row)

    def take(self) -> Sequence[Settled]:
        """Those whose fate is known by now; they count as standing in the outbox no longer."""
        taken, self._settled = self._settled, []
        self._bulk -= sum(one.row.bulk for one in taken)
        return taken

    def abandon(self) -> None:
        """Forget them: their rows are read again, from the first one on, by whoever leads next."""
        tasks, self._tasks = self._tasks, set()
        for task in tasks:
            task.cancel()
        self._owing.clear()
        self._errors.clear()
        self._settled.clear()
        self._bulk = 0
        self.lost = False

    def _settle(self, row: Waiting) -> None:
        self._settled.append(Settled(row, self._errors.pop(row.seq, None)))
        self._on_settled()

    def _sent(self, rows: Sequence[Waiting], task: asyncio.Task[None]) -> None:
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if task not in self._tasks:
            return
        self._tasks.discard(task)
        for row in rows:
            self.ended(row, error)
