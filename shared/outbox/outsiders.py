"""Who else listens? Every event goes singly to `kesu.events` too, for queues that are not ours.

Most installations have no such queue for most events, and a message that nobody hears costs as much as one
that somebody does. So where the broker had no queue for a routing key, what comes next for that key waits a
moment and is then judged by one: the broker still has none, and all that came before it was asked was for
nobody; or it has one, and all are sent (docs/decisions/0057). From its binding on a queue hears everything
that is told, and at most a few events from shortly before it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from shared.clock import monotonic
from shared.outbox.flight import Failures, Refused, Waiting

JUDGED_EVERY_SECONDS = 0.25
_NEVER = float("-inf")


class Singly(Protocol):
    """The way to `kesu.events`."""

    async def tell(
        self, body: bytes, *, event_id: str, type_name: str, key: str, traceparent: str | None
    ) -> bool:
        """Send one event; returns whether any queue took it, once that is certain.

        Raises Refused when a queue would not keep it, OSError or a connection error when all is lost.
        """
        ...


class _Line:
    """One routing key: its order, and what is known of its hearers."""

    __slots__ = ("asked_at", "heard", "in_order")

    def __init__(self) -> None:
        self.in_order = asyncio.Lock()
        self.heard = False
        """Whether a queue had the last one."""
        self.asked_at = _NEVER
        """When the newest event was sent of which we know that no queue was there for it."""


class Outsiders:
    """Tells others, at the cost of one message a routing key and moment while there are none."""

    def __init__(self, singly: Singly) -> None:
        self._singly = singly
        self._lines: dict[str, _Line] = {}
        self._at_once = False

    def no_more_waiting(self) -> None:
        """The process ends: judge now."""
        self._at_once = True

    async def tell(self, key: str, rows: Sequence[Waiting]) -> Failures:
        """Return when every queue bound for this key has these events, or when there is none.

        What failed is returned for those that it befell: a queue that refuses one holds up no other.
        Raises what the broker says where it cannot be known whether anybody listens.
        """
        came = monotonic()
        line = self._lines.setdefault(key, _Line())
        failures: dict[int, BaseException] = {}
        async with line.in_order:
            if not line.heard:
                if line.asked_at > came:
                    return failures
                await self._wait_until(line.asked_at + JUDGED_EVERY_SECONDS)
                first, *rows = rows
                refusal = await self._asked(line, first)
                if refusal is not None:
                    failures[first.seq] = refusal
                if not line.heard or not rows:
                    return failures
            sending = asyncio.gather(*[self._send(row) for row in rows], return_exceptions=True)
        # Outside of the lock: those who come next go out behind these, not after their confirmation.
        outcomes = await sending
        if outcomes[-1] is False:
            line.heard = False
        return failures | {
            row.seq: outcome
            for row, outcome in zip(rows, outcomes, strict=True)
            if isinstance(outcome, BaseException)
        }

    async def _asked(self, line: _Line, row: Waiting) -> Refused | None:
        """Send one to learn whether anybody listens; returns the refusal of a queue that does not keep it."""
        asked_at, line.asked_at = monotonic(), _NEVER  # whatever ends this, nobody goes by an old answer
        try:
            line.heard = await self._send(row)
        except Refused as refusal:
            line.heard = True
            return refusal
        if not line.heard:
            line.asked_at = asked_at
        return None

    async def _wait_until(self, moment: float) -> None:
        left = moment - monotonic()
        if left > 0 and not self._at_once:
            await asyncio.sleep(left)

    async def _send(self, row: Waiting) -> bool:
        return await self._singly.tell(
            row.body,
            event_id=str(row.event_id),
            type_name=row.type,
            key=row.routing_key,
            traceparent=row.traceparent,
        )
