"""How does a message leave this process? One connection for publishing, apart from the consuming one.

A broker that throttles publishers stalls whatever else uses their connection, heartbeats and
acknowledgements included; hence two (engineering.md section 1.5).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import cast

import aio_pika
import aiormq
import structlog
from aio_pika.abc import AbstractRobustChannel, AbstractRobustConnection
from aio_pika.exceptions import (
    AMQPConnectionError,
    ChannelInvalidStateError,
    DeliveryError,
    PublishError,
)
from aiormq import spec
from aiormq.exceptions import AMQPError, ChannelAccessRefused

from shared.clock import monotonic
from shared.errors import Unavailable
from shared.events.base import BATCH_CONTENT_TYPE, CONTENT_TYPE
from shared.messaging.hanging_up import lost_if_given_up
from shared.messaging.properties import PERSISTENT, copied
from shared.messaging.topology import (
    BUNDLES_EXCHANGE,
    EVENTS_EXCHANGE,
    PARKING_EXCHANGE,
    REQUEUE_EXCHANGE,
    RETRY_STEPS,
)
from shared.messaging.words import BODY
from shared.outbox.flight import Refused

log = structlog.get_logger("kesu.post")
_CONFIRM_SECONDS = 15.0
_CONNECT_SECONDS = 10.0
_AGAIN_SECONDS = 2.0
_ANSWER_SECONDS = 0.5
_SILENT_SECONDS = 10.0


class Unroutable(Refused):
    """No queue is bound for this message."""


class NotAllowed(Refused):
    """The broker's user may not send this."""


class Post:
    """Publishes with confirms; every send either is in a queue afterwards or raises."""

    def __init__(self, url: str, *, service: str) -> None:
        self._url = url
        self._service = service
        self._connection: AbstractRobustConnection | None = None
        self._channel: AbstractRobustChannel | None = None
        self._opening: asyncio.Task[None] | None = None
        self._words: aiormq.abc.AbstractChannel | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._silent_until = float("-inf")
        self.sent = 0
        """Bundles that were confirmed."""
        self.unrouted: dict[tuple[str, str], str] = {}
        """Ways among ourselves, (exchange, key), that led to no queue when they were last tried."""

    @property
    def connected(self) -> bool:
        """Whether there is a live channel to the broker."""
        return (
            self._connection is not None
            and self._connection.connected.is_set()
            and self._channel is not None
            and not self._channel.is_closed
        )

    def open(self) -> asyncio.Task[None]:
        """Begin to connect; the task goes on in the background until it succeeds."""
        self._opening = asyncio.create_task(self._keep_opening(), name="post-open")
        return self._opening

    async def close(self) -> None:
        """Stop trying and hang up."""
        if self._opening is not None:
            self._opening.cancel()
        if self._connection is not None:
            await self._connection.close()
        for closing in tuple(self._closing):
            closing.cancel()

    async def send(self, body: bytes, *, type_name: str, message_id: str) -> None:
        """Send a bundle of events of one type to our own services and the log (the relay's door)."""
        properties = spec.Basic.Properties(
            message_id=message_id,
            message_type=type_name,
            content_type=BATCH_CONTENT_TYPE,
            delivery_mode=PERSISTENT,
        )
        await self._send(BUNDLES_EXCHANGE, type_name, body, properties)
        self.sent += 1

    async def tell(
        self, body: bytes, *, event_id: str, type_name: str, key: str, traceparent: str | None
    ) -> bool:
        """Send one event to whoever else listens; returns whether any queue took it."""
        properties = spec.Basic.Properties(
            message_id=event_id,
            message_type=type_name,
            content_type=CONTENT_TYPE,
            delivery_mode=PERSISTENT,
            headers={"traceparent": traceparent} if traceparent else None,
        )
        try:
            await self._send(EVENTS_EXCHANGE, key, body, properties)
        except Unroutable:
            return False
        return True

    async def word(self, exchange: str, key: str, headers: Mapping[str, object], name: str) -> None:
        """Send an empty bundle, which every consumer takes for nothing, with something in its headers.

        Words have a channel of their own: a right that is missing closes it, and no event must go with it.
        Raises Unroutable when no queue gets it, NotAllowed, Unavailable.
        """
        try:
            with lost_if_given_up():
                channel = await self._for_words()
                await self._publish(channel, exchange, key, BODY, copied(headers, name))
        except ChannelAccessRefused as error:
            raise NotAllowed(f"{exchange} {key}: {error}") from error

    async def _for_words(self) -> aiormq.abc.AbstractChannel:
        transport = self._connection.transport if self._connection is not None else None
        if transport is None or not self.connected:
            raise Unavailable("no connection to RabbitMQ", code="broker-away")
        if self._words is None or self._words.is_closed:
            self._words = await transport.connection.channel(publisher_confirms=True, on_return_raises=True)
        return self._words

    async def waiting_in(self, queue: str) -> int | None:
        """How many messages wait in a queue; None while the broker is away, silent, or does not know it."""
        if monotonic() < self._silent_until:
            return None
        try:
            async with asyncio.timeout(_ANSWER_SECONDS), self.looking() as channel:
                return (await channel.queue_declare(queue, passive=True)).message_count or 0
        except TimeoutError:
            # Whoever asks next must not wait as well: a link that fell silent is found dead only later.
            self._silent_until = monotonic() + _SILENT_SECONDS
            return None
        except (AMQPError, OSError, RuntimeError, Unavailable):
            return None

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[aiormq.abc.AbstractChannel]:
        """A channel for looking whether something is there; a refusal closes it, and nothing brings it back.

        Raises Unavailable.
        """
        transport = self._connection.transport if self._connection is not None else None
        if transport is None or not self.connected:
            raise Unavailable("no connection to RabbitMQ", code="broker-away")
        with lost_if_given_up():
            channel = await transport.connection.channel(publisher_confirms=False)
        try:
            with lost_if_given_up():
                yield channel
        finally:
            # Beside, because a link that fell silent does not answer to that either.
            closing = asyncio.create_task(_closed(channel), name="post-look")
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    async def retry(
        self,
        step: int,
        queue: str,
        body: bytes,
        headers: Mapping[str, object],
        message_id: str | None,
    ) -> None:
        """Send a message up the ladder; it comes back to `queue` after the step's time."""
        await self._send(RETRY_STEPS[step][0], queue, body, copied(headers, message_id))

    async def park(
        self, queue: str, body: bytes, headers: Mapping[str, object], message_id: str | None
    ) -> None:
        """Send a message to the queue's parking place."""
        await self._send(PARKING_EXCHANGE, queue, body, copied(headers, message_id))

    async def requeue(
        self, queue: str, body: bytes, headers: Mapping[str, object], message_id: str | None
    ) -> None:
        """Send a parked message back to work."""
        await self._send(REQUEUE_EXCHANGE, queue, body, copied(headers, message_id))

    async def _send(self, exchange: str, key: str, body: bytes, properties: spec.Basic.Properties) -> None:
        if self._channel is None or not self.connected:
            raise Unavailable("no connection to RabbitMQ", code="broker-away")
        try:
            with lost_if_given_up():
                channel = await self._channel.get_underlay_channel()
                await self._publish(channel, exchange, key, body, properties)
        except ChannelAccessRefused as error:
            raise Unavailable(f"RabbitMQ went away: {error}", code="broker-away") from error

    async def _publish(
        self,
        channel: aiormq.abc.AbstractChannel,
        exchange: str,
        key: str,
        body: bytes,
        properties: spec.Basic.Properties,
    ) -> None:
        try:
            # wait=False: the confirm tells more than the socket's having taken it, and waiting for
            # that would send each message of a batch on its own (docs/decisions/0002).
            await cast(aiormq.Channel, channel).basic_publish(
                body,
                exchange=exchange,
                routing_key=key,
                properties=properties,
                mandatory=True,
                timeout=_CONFIRM_SECONDS,
                wait=False,
            )
        except PublishError as error:
            if exchange != EVENTS_EXCHANGE:
                self.unrouted[exchange, key] = str(error)
            raise Unroutable(f"{exchange} {key}: {error}") from error
        except DeliveryError as error:
            raise Refused(f"{exchange} {key}: {error}") from error
        except ChannelAccessRefused:
            raise
        except (AMQPConnectionError, ChannelInvalidStateError, AMQPError, OSError, RuntimeError) as error:
            raise Unavailable(f"RabbitMQ went away: {error}", code="broker-away") from error
        if self.unrouted:
            self.unrouted.pop((exchange, key), None)

    async def _keep_opening(self) -> None:
        while True:
            try:
                async with asyncio.timeout(_CONNECT_SECONDS + 5):
                    await self._open()
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
        # Exchanges are not declared here: topology is another step's work, and a passive declaration
        # would be repeated at every reconnect, looping for ever against a broker that lost its data.
        assert isinstance(channel, AbstractRobustChannel)
        self._channel = channel


async def _closed(channel: aiormq.abc.AbstractChannel) -> None:
    if not channel.is_closed:
        with suppress(AMQPError, OSError, RuntimeError):
            await channel.close()
