"""Who else listens? Every event goes singly to `kesu.events` too, for queues that are not ours.

Most installations have no such queue for most events, and a message that nobody hears costs as much as one
that somebody does. So where the broker had no queue for a routing key, what comes next for that key waits a
moment and is then judged by one: the broker still has none, and all that came before it was asked was for
nobody; or it has one, and all are sent (docs/decisions/0057).

One channel keeps the order in which messages are written to it. So no event is written, or given up as
heard by nobody, before the fate of the earlier ones of its complaint is decided, whatever their keys
(docs/decisions/0063). From its binding on a queue hears everything that is told, of each complaint in order
and without a gap, and at most a few events from shortly before it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol
from uuid import UUID

import structlog

from shared.clock import monotonic
from shared.observability import metrics
from shared.outbox.flight import Refused, Waiting

log = structlog.get_logger("kesu.relay")
JUDGED_EVERY_SECONDS = 0.25
_NEVER, _LATER = float("-inf"), float("inf")


class Singly(Protocol):
    """The way to `kesu.events`."""

    async def tell(
        self, body: bytes, *, event_id: str, type_name: str, key: str, traceparent: str | None
    ) -> bool:
        """Send one event; returns whether any queue took it, once that is certain.

        What is told first is written first. Raises Refused when a queue would not keep it, OSError or a
        connection error when all is lost.
        """
        ...


class _Line:
    """One routing key, and what is known of its hearers."""

    __slots__ = ("asked_at", "asking", "heard", "newest", "nobody_as_of")

    def __init__(self) -> None:
        self.heard = False
        """Whether a queue had the last one."""
        self.asking = False
        self.asked_at = _NEVER
        """When (monotonic) the broker was last asked."""
        self.newest = 0
        """Number of the last one that was sent."""
        self.nobody_as_of = 0
        """Whatever came before this number was heard by nobody."""


class _Event:
    """One that is to be told; `came` numbers arrivals and sendings in one sequence."""

    __slots__ = ("came", "line", "row")

    def __init__(self, row: Waiting, line: _Line, came: int) -> None:
        self.row = row
        self.line = line
        self.came = came


class Outsiders:
    """Tells others, at the cost of one message a routing key and moment while there are none.

    `on_end` is called once for each event: when every queue bound for it has it or refused it, when there
    is none, or with the error by which the way to the broker was lost. Then nothing more is sent before
    `abandon`, or it would overtake what was lost.
    """

    def __init__(self, singly: Singly, on_end: Callable[[Waiting, BaseException | None], None]) -> None:
        self._singly = singly
        self._on_end = on_end
        self._lines: dict[str, _Line] = {}
        self._waiting: list[_Event] = []
        self._behind: set[UUID | None] = set()
        """Complaints of which an event waits."""
        self._unanswered: Counter[UUID | None] = Counter()
        """Complaints of which an event was sent to learn whether anybody listens."""
        self._written: set[UUID | None] = set()
        """Complaints of which one was sent in this round."""
        self._sending: set[asyncio.Task[bool]] = set()
        self._number = 0
        self._due = _LATER
        """When (monotonic) the next key may be judged that one of them waits for."""
        self._timer: asyncio.TimerHandle | None = None
        self._at_once = False
        self._lost = False

    def no_more_waiting(self) -> None:
        """The process ends: judge now."""
        self._at_once = True
        self._go_on()

    def tell(self, rows: Sequence[Waiting]) -> None:
        """Begin to tell these, behind those that were given before."""
        came = self._next()
        events = []
        for row in rows:
            line = self._lines.get(row.routing_key)
            if line is None:
                line = self._lines[row.routing_key] = _Line()
            events.append(_Event(row, line, came))
        if self._lost:
            self._waiting += events
        else:
            # Those that wait already wait for an answer or a moment, not for these.
            self._written.clear()
            self._sort_out(events, monotonic())

    def abandon(self) -> None:
        """Forget what is under way and what was known; `on_end` is called for none of it any more."""
        sending, self._sending = self._sending, set()
        for task in sending:
            task.cancel()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._lines.clear()
        self._waiting.clear()
        self._behind.clear()
        self._unanswered.clear()
        self._due = _LATER
        self._lost = False

    def _go_on(self) -> None:
        """Once through those that wait, in their order."""
        if self._lost:
            return
        waiting, self._waiting = self._waiting, []
        self._behind.clear()
        self._written.clear()
        self._due = _LATER
        self._sort_out(waiting, monotonic())

    def _sort_out(self, events: Sequence[_Event], now: float) -> None:
        """Decide what can be decided; of a complaint none passes one that must wait on."""
        for event in events:
            subject = event.row.subject
            if subject in self._written:
                # Whoever hears the one before shall hear this one too: an older answer is no longer enough.
                event.came = self._number
            if subject in self._behind or not self._decided(event, now):
                self._behind.add(subject)
                self._waiting.append(event)
        self._look_again(now)

    def _decided(self, event: _Event, now: float) -> bool:
        """Send it, or give it up as heard by nobody. False: neither can be said yet."""
        line, row = event.line, event.row
        if line.heard:
            self._written.add(row.subject)
            self._send(event, asking=False)
        elif event.came < line.nobody_as_of:
            if self._unanswered[row.subject]:
                return False  # if somebody hears the one before, they must be asked about this one
            self._on_end(row, None)
        elif line.asking:
            return False
        elif self._at_once or now >= line.asked_at + JUDGED_EVERY_SECONDS:
            line.asking, line.asked_at = True, now
            self._unanswered[row.subject] += 1
            self._send(event, asking=True)
        else:
            self._due = min(self._due, line.asked_at + JUDGED_EVERY_SECONDS)
            return False
        return True

    def _send(self, event: _Event, *, asking: bool) -> None:
        row, number = event.row, self._next()
        event.line.newest = number
        task = asyncio.create_task(
            self._singly.tell(
                row.body,
                event_id=str(row.event_id),
                type_name=row.type,
                key=row.routing_key,
                traceparent=row.traceparent,
            )
        )
        self._sending.add(task)
        task.add_done_callback(partial(self._sent, event, number, asking))

    def _sent(self, event: _Event, number: int, asking: bool, task: asyncio.Task[bool]) -> None:
        if task not in self._sending:
            return
        self._sending.discard(task)
        row, line = event.row, event.line
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, Refused):
            self._lost = True
            self._on_end(row, error)
            return
        if error is not None:
            # Which queue it was the broker does not say, and all others have it: nobody is told twice.
            metrics.REFUSED.labels(row.type).inc()
            log.warning("outsider.refused", type=row.type, id=str(row.event_id))
        heard = error is not None or task.result()
        if asking:
            line.asking = False
            self._unanswered[row.subject] -= 1
            if not self._unanswered[row.subject]:
                del self._unanswered[row.subject]
        self._learn(line, number, heard=heard)
        self._on_end(row, None)
        if asking:
            self._go_on()

    def _learn(self, line: _Line, number: int, *, heard: bool) -> None:
        if heard and not line.heard:
            line.heard = True
            # Somebody came: whoever that is may listen to other keys as well.
            for other in self._lines.values():
                other.nobody_as_of = 0
        elif not heard and number == line.newest:
            line.heard = False
            line.nobody_as_of = number

    def _look_again(self, now: float) -> None:
        """When the next key may be judged for which something waits."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._due < _LATER:
            self._timer = asyncio.get_running_loop().call_later(self._due - now, self._go_on)

    def _next(self) -> int:
        self._number += 1
        return self._number
