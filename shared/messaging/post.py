"""How does a message leave this process? One connection for publishing, apart from the consuming one.

A broker that throttles publishers stalls whatever else uses their connection, heartbeats and
acknowledgements included; hence two (engineering.md section 1.5).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import aio_pika
import structlog
from aio_pika.abc import AbstractExchange, AbstractRobustChannel, AbstractRobustConnection
from aio_pika.exceptions import (
    AMQPConnectionError,
    ChannelInvalidStateError,
    DeliveryError,
    PublishError,
)
from aiormq.exceptions import AMQPError

from shared.errors import Unavailable
from shared.events.base import CONTENT_TYPE
from shared.messaging.topology import (
    EVENTS_EXCHANGE,
    PARKING_EXCHANGE,
    REQUEUE_EXCHANGE,
    RETRY_STEPS,
)
from shared.outbox.relay import Refused

log = structlog.get_logger("kesu.post")
_CONFIRM_SECONDS = 15.0
_CONNECT_SECONDS = 10.0
_AGAIN_SECONDS = 2.0


class Post:
    """Publishes with confirms; every send either is in a queue afterwards or raises."""

    def __init__(self, url: str, *, service: str) -> None:
        self._url = url
        self._service = service
        self._connection: AbstractRobustConnection | None = None
        self._channel: AbstractRobustChannel | None = None
        self._exchanges: dict[str, AbstractExchange] = {}
        self._opening: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        """Whether there is a live channel to the broker."""
        return (
            self._connection is not None
            and self._connection.connected.is_set()
            and self._channel is not None
            and not self._channel.is_closed
        )

    def open(self) -> None:
        """Begin to connect; goes on in the background until it succeeds."""
        self._opening = asyncio.create_task(self._keep_opening(), name="post-open")

    async def close(self) -> None:
        """Stop trying and hang up."""
        if self._opening is not None:
            self._opening.cancel()
        if self._connection is not None:
            await self._connection.close()

    async def publish(
        self, body: bytes, *, event_id: str, type_name: str, key: str, traceparent: str | None
    ) -> None:
        """Send an event to everyone (the relay's door)."""
        headers: dict[str, str] = {"cloudEvents_type": type_name}
        if traceparent:
            headers["traceparent"] = traceparent
        await self._send(
            EVENTS_EXCHANGE,
            key,
            aio_pika.Message(
                body,
                message_id=event_id,
                type=type_name,
                content_type=CONTENT_TYPE,
                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                headers=dict(headers),
            ),
        )

    async def waiting_in(self, queue: str) -> int | None:
        """How many messages wait in a queue; None while the broker is away or does not know it."""
        if self._connection is None or not self.connected:
            return None
        try:
            channel = await self._connection.channel()
            declared = await channel.declare_queue(queue, passive=True, robust=False)
            await channel.close()
        except (AMQPError, OSError, RuntimeError, TimeoutError):
            return None
        return declared.declaration_result.message_count

    async def retry(
        self,
        step: int,
        queue: str,
        body: bytes,
        headers: Mapping[str, object],
        message_id: str | None,
    ) -> None:
        """Send a message up the ladder; it comes back to `queue` after the step's time."""
        await self._send(RETRY_STEPS[step][0], queue, _copy(body, headers, message_id))

    async def park(
        self, queue: str, body: bytes, headers: Mapping[str, object], message_id: str | None
    ) -> None:
        """Send a message to the queue's parking place."""
        await self._send(PARKING_EXCHANGE, queue, _copy(body, headers, message_id))

    async def requeue(
        self, queue: str, body: bytes, headers: Mapping[str, object], message_id: str | None
    ) -> None:
        """Send a parked message back to work."""
        await self._send(REQUEUE_EXCHANGE, queue, _copy(body, headers, message_id))

    async def _send(self, exchange: str, key: str, message: aio_pika.Message) -> None:
        target = self._exchanges.get(exchange)
        if target is None or not self.connected:
            raise Unavailable("no connection to RabbitMQ", code="broker-away")
        try:
            await target.publish(message, routing_key=key, mandatory=True, timeout=_CONFIRM_SECONDS)
        except (PublishError, DeliveryError) as error:
            raise Refused(f"{exchange} {key}: {error}") from error
        except (AMQPConnectionError, ChannelInvalidStateError, AMQPError, RuntimeError) as error:
            raise Unavailable(f"RabbitMQ went away: {error}", code="broker-away") from error

    async def _keep_opening(self) -> None:
        while True:
            try:
                await asyncio.wait_for(self._open(), _CONNECT_SECONDS + 5)
            except (AMQPError, OSError, TimeoutError, RuntimeError) as error:
                log.warning("broker.away", error=type(error).__name__)
                await asyncio.sleep(_AGAIN_SECONDS)
            else:
                return

    async def _open(self) -> None:
        if self._connection is None:
            self._connection = await aio_pika.connect_robust(
                self._url,
                timeout=_CONNECT_SECONDS,
                heartbeat=10,
                reconnect_interval=_AGAIN_SECONDS,
                client_properties={"connection_name": f"kesu-{self._service}-publish"},
            )
        channel = await self._connection.channel(publisher_confirms=True, on_return_raises=True)
        names = [EVENTS_EXCHANGE, REQUEUE_EXCHANGE, PARKING_EXCHANGE]
        names += [name for name, _ in RETRY_STEPS]
        # Without a declaration: topology is another step's work, and a passive one would be repeated
        # at every reconnect, looping for ever against a broker that lost its data.
        self._exchanges = {name: await channel.get_exchange(name, ensure=False) for name in names}
        assert isinstance(channel, AbstractRobustChannel)
        self._channel = channel


def _copy(body: bytes, headers: Mapping[str, object], message_id: str | None) -> aio_pika.Message:
    # RabbitMQ 3.10 reads x-death of a republished message and may drop it as a cycle.
    kept = {
        name: value
        for name, value in headers.items()
        if name not in {"x-death", "x-first-death-exchange", "x-first-death-queue", "x-first-death-reason"}
        and not name.startswith(("x-last-death", "x-delivery-count", "x-acquired"))
    }
    return aio_pika.Message(
        body,
        message_id=message_id,
        content_type=CONTENT_TYPE,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        headers=kept,  # type: ignore[arg-type]  # AMQP's own field values, as they came
    )
