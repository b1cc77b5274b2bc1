"""How does a service hear? One FastStream subscriber on its queue; the acknowledgement follows the commit.

FastStream connects, subscribes and reconnects. Its pipeline around each single message would cost more than
the rest of the service together, so deliveries go to the shell directly and are acknowledged batch by batch
(docs/decisions/0002). An exception that nobody expected dead-letters the message into parking, as
FastStream's `REJECT_ON_ERROR` would: nothing is ever dropped.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from datetime import timedelta
from functools import cache, partial
from typing import Any, Generic, TypeVar

import structlog
from aio_pika.abc import AbstractIncomingMessage
from aiormq.abc import AbstractChannel
from faststream import AckPolicy
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitQueue
from prometheus_client import Counter

from shared.clock import Clock, perf_counter
from shared.deciding import Aggregate, Event
from shared.errors import Rejected, Unavailable
from shared.events.base import EventData, read_event
from shared.ids import moment_of
from shared.messaging.arrivals import Arrival, taken_apart
from shared.messaging.aside import Aside
from shared.messaging.batch import Skip, Work
from shared.messaging.deliveries import Deliveries
from shared.messaging.few import Few
from shared.messaging.post import Post
from shared.messaging.shell import Shell
from shared.messaging.topology import work_queue
from shared.messaging.words import BODY
from shared.observability import metrics, telemetry
from shared.observability.tracing import Trace

S = TypeVar("S", bound=Aggregate)
OnWord = Callable[[str, Mapping[str, object], str], Coroutine[Any, Any, None] | None]
"""Gets queue, headers and message id of an empty bundle; what it gives back is done before acknowledging."""
log = structlog.get_logger("kesu.consumer")
_DRAIN_SECONDS = 20.0
_MOVED_AT_ONCE = 16


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
        on_word: OnWord | None = None,
    ) -> None:
        self._service = service
        self._queue = work_queue(service)
        self._shell = shell
        self._aside = Aside(self._queue, post, clock)
        self._clock = clock
        self._horizon = timedelta(days=inbox_days)
        self._on_handled = on_handled
        self._on_word = on_word
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
        self._moving = Few(_MOVED_AT_ONCE)
        self._heeding: set[asyncio.Task[None]] = set()
        self._started = False

    @property
    def attached(self) -> bool:
        """Whether the broker has this process as a consumer of the queue."""
        queue = getattr(self._subscriber, "_queue_obj", None)
        tag = getattr(self._subscriber, "_consumer_tag", None)
        channel = getattr(queue, "channel", None)
        if not tag or channel is None or channel.is_closed:
            return False
        # The driver's own channel forgets a consumer that the broker cancelled, as it does with the queue.
        own = getattr(getattr(channel, "_channel", None), "channel", None)
        return tag in getattr(own, "consumers", ())

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
        if message.body == BODY and self._on_word is not None:
            deliveries.took(tag)
            first = self._on_word(self._queue, dict(message.headers), message.message_id or "")
            self._settle_after(first, deliveries, tag)
            return
        try:
            found = taken_apart(message, self._read)
        except Rejected as error:
            deliveries.took(tag)
            self._put_aside_soon(deliveries, Arrival(message, None), None, error)
            return
        deliveries.took(tag, len(found))
        for arrival, one in found:
            if isinstance(one, Event):
                self._hand_over(deliveries, arrival, one)
            else:
                self._put_aside_soon(deliveries, arrival, None, one)

    def _read(self, held: object) -> Event[EventData]:
        event = read_event(held)
        self._refuse_ancient(event)
        return event

    def _hand_over(self, deliveries: Deliveries, arrival: Arrival, event: Event[EventData]) -> None:
        started = perf_counter()

        def done(work: Work) -> None:
            self._note(event, work, perf_counter() - started)
            if work.error is None:
                deliveries.settle(arrival.tag)
            else:
                self._put_aside_soon(deliveries, arrival, event, work.error)

        # While the process shuts down it stays unacknowledged and goes to the next one.
        with suppress(Unavailable):
            self._shell.hand_over(Work(event, Trace(event.correlation_id, event.traceparent)), done)

    def _put_aside_soon(
        self,
        deliveries: Deliveries,
        arrival: Arrival,
        event: Event[EventData] | None,
        error: BaseException,
    ) -> None:
        self._moving.soon(partial(self._put_aside, deliveries, arrival, event, error))

    def _settle_after(
        self, first: Coroutine[Any, Any, None] | None, deliveries: Deliveries, tag: int
    ) -> None:
        if first is None:
            deliveries.settle(tag)
            return
        task = asyncio.create_task(first)
        self._heeding.add(task)
        task.add_done_callback(self._heeding.discard)
        task.add_done_callback(lambda ended: None if ended.cancelled() else deliveries.settle(tag))

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
            _handled(event.type, "duplicate" if work.duplicate else "handled").inc()
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
        arrival: Arrival,
        event: Event[EventData] | None,
        error: BaseException,
    ) -> None:
        """Send it up the ladder or into parking, and settle it."""
        try:
            parked = await self._aside.put(arrival, event, error)
            if parked and event is not None:
                # Without this, those after it would wait for it for ever.
                await self._shell.submit(Skip(event))
        except Exception:
            # What we could not even put aside the broker parks, with whatever travelled with it.
            log.exception("message.refused")
            await deliveries.refuse(arrival.tag)
        else:
            deliveries.settle(arrival.tag)


@cache
def _handled(type_name: str, outcome: str) -> Counter:
    """The counter of these labels; looking it up costs more than counting."""
    return metrics.HANDLED.labels(type_name, outcome)
