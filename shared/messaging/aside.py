"""Where does an event go that could not be handled? Up the ladder or into parking, as often as it takes."""

from __future__ import annotations

import asyncio

import structlog

from shared.clock import Clock
from shared.deciding import Event
from shared.errors import KesuError, Unavailable
from shared.events.base import EventData
from shared.messaging.arrivals import Arrival
from shared.messaging.ladder import Park, Retry, next_move
from shared.messaging.post import Post
from shared.observability import metrics
from shared.observability.tracing import trace_id
from shared.outbox.flight import Refused

log = structlog.get_logger("kesu.consumer")
_AGAIN_SECONDS = (0.5, 1.0, 2.0, 5.0)


class Aside:
    """The way of one queue's failures."""

    def __init__(self, queue: str, post: Post, clock: Clock) -> None:
        self._queue = queue
        self._post = post
        self._clock = clock

    async def put(self, arrival: Arrival, event: Event[EventData] | None, error: BaseException) -> bool:
        """Return when it is safe in another queue; whether that is parking.

        `event` is None for what could not be read.
        """
        move = next_move(error, arrival.headers, queue=self._queue, now=self._clock.now())
        parked = isinstance(move, Park)
        name = event.type if event is not None else "unreadable"
        metrics.HANDLED.labels(name, "parked" if parked else "retried").inc()
        said = log.error if not isinstance(error, KesuError) else log.info
        said(
            "message.parked" if parked else "message.retried",
            type=name,
            code=error.code if isinstance(error, KesuError) else "bug",
            complaint=str(event.subject) if event is not None else None,
            trace=trace_id(event.traceparent) if event is not None else None,
            exc_info=None if isinstance(error, KesuError) else error,
        )
        message_id = arrival.message_id or (str(event.id) if event is not None else None)
        await self._until_taken(move, arrival.body, message_id)
        return parked

    async def _until_taken(self, move: Retry | Park, body: bytes, message_id: str | None) -> None:
        attempt = 0
        while True:
            try:
                if isinstance(move, Park):
                    await self._post.park(self._queue, body, move.headers, message_id)
                else:
                    await self._post.retry(move.step, self._queue, body, move.headers, message_id)
            except (Unavailable, Refused, OSError, TimeoutError) as error:
                # Not settled: if this process dies now, the broker delivers the message again.
                log.warning("message.not_moved", error=type(error).__name__)
                await asyncio.sleep(_AGAIN_SECONDS[min(attempt, len(_AGAIN_SECONDS) - 1)])
                attempt += 1
            else:
                return
