"""How does a service hear? One FastStream subscriber on its queue; the acknowledgement follows the commit.

`REJECT_ON_ERROR` is the outermost layer of FastStream, so returning after the shell's commit acknowledges
after the commit, and an exception that escapes dead-letters into parking: nothing is ever dropped.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Generic, TypeVar

import structlog
from faststream import AckPolicy
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitMessage, RabbitQueue

from shared.clock import Clock, perf_counter
from shared.deciding import Aggregate, Event
from shared.errors import KesuError, Rejected, Unavailable
from shared.events.base import EventData, read_event
from shared.ids import moment_of
from shared.messaging.batch import Skip
from shared.messaging.ladder import Park, next_move
from shared.messaging.post import Post
from shared.messaging.shell import Shell
from shared.messaging.topology import work_queue
from shared.observability import metrics, telemetry
from shared.observability.tracing import Trace, trace_id
from shared.outbox.relay import Refused

S = TypeVar("S", bound=Aggregate)
log = structlog.get_logger("kesu.consumer")
_POST_AGAIN_SECONDS = (0.5, 1.0, 2.0, 5.0)


class Consumer(Generic[S]):
    """Takes messages from the service's queue to its shell, and failures to the ladder or to parking."""

    def __init__(
        self,
        *,
        service: str,
        amqp_url: str,
        shell: Shell[S],
        post: Post,
        clock: Clock,
        prefetch: int,
        inbox_days: int,
        on_handled: Callable[[Event[EventData]], None] | None = None,
    ) -> None:
        self._service = service
        self._queue = work_queue(service)
        self._shell = shell
        self._post = post
        self._clock = clock
        self._horizon = timedelta(days=inbox_days)
        self._on_handled = on_handled
        self.broker = RabbitBroker(
            amqp_url,
            fail_fast=False,
            apply_types=False,
            ack_policy=AckPolicy.REJECT_ON_ERROR,
            graceful_timeout=20.0,
            reconnect_interval=2.0,
            client_properties={"heartbeat": 10},
            logger=logging.getLogger("faststream"),
            log_level=logging.DEBUG,
            specification_url="amqp://rabbitmq:5672",
        )
        self._subscriber = self.broker.subscriber(
            RabbitQueue(self._queue, queue_type=QueueType.QUORUM, declare=False),
            channel=Channel(prefetch_count=prefetch),
            no_reply=True,
            decoder=_whole_message,
        )
        self._subscriber(self._on_message)
        self._started = False

    @property
    def attached(self) -> bool:
        """Whether the broker has this process as a consumer of the queue."""
        queue = getattr(self._subscriber, "_queue_obj", None)
        tag = getattr(self._subscriber, "_consumer_tag", None)
        channel = getattr(queue, "channel", None)
        return bool(tag) and channel is not None and not channel.is_closed

    async def start(self) -> None:
        """Connect and consume; waits for the broker as long as it takes."""
        await self.restart()

    async def restart(self) -> None:
        """Hang up if need be, then connect and consume. Raises what the broker says if it refuses."""
        if self._started:
            await self.broker.stop()
        self._started = True
        await self.broker.start()

    async def stop(self) -> None:
        """Cancel the consumer first, then wait for what is in hand (engineering.md section 1.8)."""
        queue = getattr(self._subscriber, "_queue_obj", None)
        tag = getattr(self._subscriber, "_consumer_tag", None)
        if self.attached and queue is not None and tag:
            try:
                await asyncio.wait_for(queue.cancel(tag), 5)
            except (TimeoutError, OSError, RuntimeError):
                log.info("consumer.cancel_failed")
            self._subscriber._consumer_tag = None  # noqa: SLF001 - or stop() would cancel it again
        await self.broker.stop()

    async def _on_message(self, message: RabbitMessage) -> None:
        try:
            event = read_event(message.body)
            self._refuse_ancient(event)
        except Rejected as error:
            await self._put_aside(message, None, error)
            return
        started = perf_counter()
        work = await self._shell.submit(event, trace=Trace(event.correlation_id, event.traceparent))
        telemetry.record(
            f"handle {event.type}",
            "consumer",
            event.traceparent,
            seconds=perf_counter() - started,
            attributes={"messaging.destination.name": self._queue, "kesu.complaint": str(event.subject)},
            error=work.error,
        )
        if work.error is not None:
            await self._put_aside(message, event, work.error)
            return
        outcome = "duplicate" if work.duplicate else "handled"
        metrics.HANDLED.labels(event.type, outcome).inc()
        if self._on_handled is not None and not work.duplicate:
            self._on_handled(event)

    def _refuse_ancient(self, event: Event[EventData]) -> None:
        made = moment_of(event.id)
        if made is not None and self._clock.now() - made > self._horizon:
            raise Rejected(
                "event-too-old",
                f"{event.type} is older than the inbox remembers; whether it was handled cannot be known",
                field="id",
                remedy="Compare with the complaint's history, then replay or drop it.",
            )

    async def _put_aside(
        self, message: RabbitMessage, event: Event[EventData] | None, error: BaseException
    ) -> None:
        headers: dict[str, object] = dict(message.headers or {})
        move = next_move(error, headers, queue=self._queue, now=self._clock.now())
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
        message_id = message.message_id or (str(event.id) if event is not None else None)
        await self._post_until_taken(move, message.body, message_id)
        if parked and event is not None:
            # Without this, those after it would wait for it for ever.
            await self._shell.submit(Skip(event))

    async def _post_until_taken(self, move: Any, body: bytes, message_id: str | None) -> None:
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
                await asyncio.sleep(_POST_AGAIN_SECONDS[min(attempt, len(_POST_AGAIN_SECONDS) - 1)])
                attempt += 1
            else:
                return


async def _whole_message(message: RabbitMessage) -> RabbitMessage:
    """Hand the message over as it is: FastStream would not decode CloudEvents' content type."""
    return message
