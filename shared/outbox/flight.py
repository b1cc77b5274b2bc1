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


class Flight:
    """Events that were sent and whose rows still stand in the outbox."""

    def __init__(self, on_settled: Callable[[], None]) -> None:
        self._on_settled = on_settled
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._settled: list[Settled] = []

    def __len__(self) -> int:
        """How many rows are under way or settled and not yet taken."""
        return len(self._under_way) + len(self._settled)

    @property
    def rows(self) -> list[int]:
        """The `seq` of every row that must not be sent now."""
        return [*self._under_way, *(one.row.seq for one in self._settled)]

    @property
    def waiting(self) -> int:
        """How many are settled and not yet taken."""
        return len(self._settled)

    def send(self, row: Waiting, publishing: Coroutine[Any, Any, None]) -> None:
        """Begin to publish; those sent before it go out before it."""
        task = asyncio.create_task(publishing)
        self._under_way[row.seq] = task
        task.add_done_callback(lambda ended: self._ended(row, ended))

    def take(self) -> Sequence[Settled]:
        """Those whose fate is known by now; they count as standing in the outbox no longer."""
        taken, self._settled = self._settled, []
        return taken

    def abandon(self) -> None:
        """Forget them: their rows are read again by whoever leads next."""
        for task in self._under_way.values():
            task.cancel()
        self._under_way.clear()
        self._settled.clear()

    def _ended(self, row: Waiting, task: asyncio.Task[None]) -> None:
        if self._under_way.pop(row.seq, None) is None:
            return
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        self._settled.append(Settled(row, error))
        self._on_settled()
