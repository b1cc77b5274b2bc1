"""How does a service hear? One FastStream subscriber on its queue; the acknowledgement follows the commit.

FastStream connects, subscribes and reconnects. Its pipeline around each single message would cost more than
the rest of the service together, so deliveries go to the shell directly and are acknowledged batch by batch
(docs/decisions/0002). An exception that nobody expected dead-letters the message into parking, as
FastStream's `REJECT_ON_ERROR` would: nothing is ever dropped.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, Generic, TypeVar

import structlog
from aio_pika.abc import AbstractIncomingMessage
from aiormq.abc import AbstractChannel
from faststream import AckPolicy
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitQueue

from shared.clock import Clock, perf_counter
from shared.deciding import Aggregate, Event
from shared.errors import KesuError, Rejected, Unavailable
from shared.events.base import EventData, read_event
from shared.ids import moment_of
from shared.messaging.batch import Skip, Work
from shared.messaging.deliveries import Deliveries
from shared.messaging.ladder import Park, next_move
from shared.messaging.post import Post
from shared.messaging.shell import Shell
from shared.messaging.topology import work_queue
from shared.observability import metrics, telemetry
from shared.observability.tracing import Trace, trace_id
from shared.outbox.relay import Refused

S = TypeVar("S", bound=Aggregate)
log = structlog.get_logger("kesu.consumer")
_DRAIN_SECONDS = 20.0
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
            # Each attempt, also a later one: without it a handshake on a link that fell silent never ends.
            timeout=10.0,
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
        )
        self._subscriber(self._take)
        self._subscriber.consume = self._take  # type: ignore[method-assign,assignment]  # see above
        self._deliveries: Deliveries | None = None
        self._moving: set[asyncio.Task[None]] = set()
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
                async with asyncio.timeout(5):
                    await queue.cancel(tag)
            except (TimeoutError, OSError, RuntimeError):
                log.info("consumer.cancel_failed")
            self._subscriber._consumer_tag = None  # noqa: SLF001 - or stop() would cancel it again
        if self._deliveries is not None:
            try:
                async with asyncio.timeout(_DRAIN_SECONDS):
                    await self._deliveries.all_settled()
            except TimeoutError:
                log.info("consumer.not_drained")
        await self.broker.stop()

    async def _take(self, message: AbstractIncomingMessage) -> None:
        deliveries = self._deliveries_of(message.channel)
        tag = message.delivery_tag
        assert tag is not None
        deliveries.took(tag)
        try:
            event = read_event(message.body)
            self._refuse_ancient(event)
        except Exception as error:  # noqa: BLE001 - the ladder tells a broken message from a bug
            await self._put_aside(deliveries, message, None, error)
            return
        started = perf_counter()

        def done(work: Work) -> None:
            self._note(event, work, perf_counter() - started)
            if work.error is None:
                deliveries.settle(tag)
                return
            task = asyncio.create_task(self._put_aside(deliveries, message, event, work.error))
            self._moving.add(task)
            task.add_done_callback(self._moving.discard)

        # While the process shuts down it stays unacknowledged and goes to the next one.
        with suppress(Unavailable):
            self._shell.hand_over(Work(event, Trace(event.correlation_id, event.traceparent)), done)

    def _deliveries_of(self, channel: AbstractChannel) -> Deliveries:
        if self._deliveries is None or self._deliveries.channel is not channel:
            self._deliveries = Deliveries(channel)
        return self._deliveries

    def _note(self, event: Event[EventData], work: Work, seconds: float) -> None:
        if telemetry.is_on():
            telemetry.record(
                f"handle {event.type}",
                "consumer",
                event.traceparent,
                seconds=seconds,
                attributes={"messaging.destination.name": self._queue, "kesu.complaint": str(event.subject)},
                error=work.error,
            )
        if work.error is None:
            metrics.HANDLED.labels(event.type, "duplicate" if work.duplicate else "handled").inc()
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
        self,
        deliveries: Deliveries,
        message: AbstractIncomingMessage,
        event: Event[EventData] | None,
        error: BaseException,
    ) -> None:
        """Send it up the ladder or into parking, and settle it."""
        tag = message.delivery_tag
        assert tag is not None
        try:
            await self._move(message, event, error)
        except Exception:
            # What we could not even put aside the broker parks.
            log.exception("message.refused")
            await deliveries.refuse(tag)
        else:
            deliveries.settle(tag)

    async def _move(
        self, message: AbstractIncomingMessage, event: Event[EventData] | None, error: BaseException
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
