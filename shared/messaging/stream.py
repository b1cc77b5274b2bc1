"""How is the log of all events read? `kesu.log` is a stream: reading takes nothing away.

A stream does not say where it ends, and silence is no end: a broker that has just started is silent for
seconds. So a reader writes an empty bundle at the end before it begins, and whoever has come to that has
read everything that was confirmed before; if it cannot, it says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import datetime
from typing import NamedTuple

import aio_pika
from aio_pika.abc import AbstractConnection
from aiormq import spec
from aiormq.abc import AbstractChannel, DeliveredMessage
from aiormq.exceptions import AMQPConnectionError, AMQPError, ChannelAccessRefused, ChannelNotFoundEntity

from shared.clock import monotonic
from shared.errors import Unavailable
from shared.ids import new_id
from shared.messaging.hanging_up import lost_if_given_up
from shared.messaging.pieces import Piece, pieces
from shared.messaging.topology import BUNDLES_EXCHANGE, LOG_STREAM, LOG_WORD
from shared.messaging.words import BODY

_PREFETCH = 1000
_ACK_EVERY = 200
_PERSISTENT = 2
_OFFSET = "x-stream-offset"
Since = str | datetime | int
"""first, last, next, an age (7D), a moment, or the number of an entry."""
OnProgress = Callable[[int, int | None], None]
"""Gets how many entries have been read and, when it is known, of how many."""


class Patience(NamedTuple):
    """How long a reader waits for the broker before it gives up."""

    connect_seconds: float = 10.0
    silence_seconds: float = 60.0
    """Without a new entry, also over lost connections; a broker that starts needs some of it."""
    again_seconds: float = 0.5


_PATIENCE = Patience()


class Entry(NamedTuple):
    """A message of the log."""

    offset: int
    body: bytes

    def pieces(self) -> list[Piece]:
        """The events that it holds, and what cannot be read."""
        return list(pieces(self.body))


async def read_log(
    url: str,
    since: Since = "first",
    *,
    on_progress: OnProgress | None = None,
    patience: Patience = _PATIENCE,
) -> AsyncGenerator[Entry, None]:
    """Every entry from there to the end that the log had when this was called, in order, each once.

    Raises Unavailable('log-unread') when the end is not reached, Unavailable('log-missing').
    """
    reader = _Reader(url, patience)
    end, most = await reader.mark_end()
    count = 0
    async with aclosing(reader.entries(since)) as messages:
        async for message in messages:
            if message.header.properties.message_id == end:
                return
            count += 1
            if on_progress is not None:
                on_progress(count, max(most, count) if since == "first" else None)
            yield _entry(message)


async def read_pieces(
    url: str,
    since: Since = "first",
    *,
    on_progress: OnProgress | None = None,
    patience: Patience = _PATIENCE,
) -> AsyncGenerator[Piece, None]:
    """Every event of `read_log`, and what cannot be read."""
    log = read_log(url, since, on_progress=on_progress, patience=patience)
    async with aclosing(log) as entries:
        async for entry in entries:
            for piece in entry.pieces():
                yield piece


async def follow_log(
    url: str, since: Since = "next", *, patience: Patience = _PATIENCE
) -> AsyncGenerator[Entry, None]:
    """Every entry from there on as it comes, for ever; lost connections are waited out."""
    async with aclosing(_Reader(url, patience).entries(since, endless=True)) as messages:
        async for message in messages:
            yield _entry(message)


class _Reader:
    """Reads on where it was after a lost connection."""

    def __init__(self, url: str, patience: Patience) -> None:
        self._url = url
        self._patience = patience
        self._got_on = monotonic()

    async def mark_end(self) -> tuple[str, int]:
        """Write a word of ours at the end; returns its message id and how many entries the log may have.

        A broker that cannot be reached at all is told at once, one that is still starting is waited for.
        """
        name = str(new_id())
        properties = spec.Basic.Properties(message_id=name, delivery_mode=_PERSISTENT)
        try:
            await (await self._connected()).close()
        except (AMQPConnectionError, OSError, TimeoutError) as error:
            raise Unavailable(
                f"RabbitMQ does not answer: {error}", remedy="Check KESU_AMQP_URL and that it runs."
            ) from error
        while True:
            try:
                with lost_if_given_up():
                    return await self._marked(name, properties)
            except _FAILURES as error:
                await self._wait(error, "its end could not be marked")

    async def _marked(self, name: str, properties: spec.Basic.Properties) -> tuple[str, int]:
        async with await self._connected() as connection:
            channel = await _channel(connection)
            async with asyncio.timeout(self._patience.silence_seconds):
                found = await channel.queue_declare(LOG_STREAM, passive=True)
                # An empty bundle: every reader takes it for what it is, nothing.
                await channel.basic_publish(
                    BODY,
                    exchange=BUNDLES_EXCHANGE,
                    routing_key=LOG_WORD,
                    properties=properties,
                    mandatory=True,
                )
            return name, found.message_count or 0

    async def entries(self, since: Since, *, endless: bool = False) -> AsyncGenerator[DeliveredMessage, None]:
        """From there on, without end, each once."""
        place = since
        while True:
            if endless:
                self._got_on = monotonic()
            try:
                async with (
                    await self._connected() as connection,
                    aclosing(self._consumed(connection, place, endless=endless)) as messages,
                ):
                    async for message in messages:
                        self._got_on = monotonic()
                        place = _offset(message) + 1
                        yield message
            except _FAILURES as error:
                await self._wait(error, f"reading broke off at {place}")

    async def _consumed(
        self, connection: AbstractConnection, place: Since, *, endless: bool
    ) -> AsyncGenerator[DeliveredMessage, None]:
        channel = await _channel(connection)
        await channel.basic_qos(prefetch_count=_PREFETCH)
        await channel.queue_declare(LOG_STREAM, passive=True)
        arrived: asyncio.Queue[DeliveredMessage | None] = asyncio.Queue()
        # Also when the stream is deleted: the broker then takes the subscription away.
        channel.on_consumer_cancel_callbacks.add(lambda _: arrived.put(None))
        channel.closing.add_done_callback(lambda _: arrived.put_nowait(None))
        await channel.basic_consume(LOG_STREAM, arrived.put, arguments={_OFFSET: place})
        count = 0
        while True:
            with lost_if_given_up():
                async with asyncio.timeout(None if endless else self._patience.silence_seconds):
                    message = await arrived.get()
            if message is None:
                msg = "the broker ended the subscription"
                raise ConnectionError(msg)
            count += 1
            if count % _ACK_EVERY == 0 or arrived.empty():
                with lost_if_given_up():
                    await channel.basic_ack(message.delivery_tag or 0, multiple=True)
            # The broker begins with the chunk that holds the place, and that may begin earlier.
            if not isinstance(place, int) or _offset(message) >= place:
                yield message

    async def _connected(self) -> AbstractConnection:
        return await aio_pika.connect(
            self._url,
            timeout=self._patience.connect_seconds,
            heartbeat=10,
            client_properties={"connection_name": "kesu-log"},
        )

    async def _wait(self, error: BaseException, what: str) -> None:
        """A moment before the next attempt. Raises Unavailable when patience has an end."""
        if isinstance(error, ChannelAccessRefused):
            raise Unavailable(
                f"this user may not read {LOG_STREAM}: {error}",
                code="log-forbidden",
                remedy="Use an account that may, e.g. that of the provisioning step.",
            ) from error
        if monotonic() - self._got_on < self._patience.silence_seconds:
            await asyncio.sleep(self._patience.again_seconds)
            return
        if isinstance(error, ChannelNotFoundEntity):
            raise Unavailable(
                f"RabbitMQ has no {LOG_STREAM}, or cannot open it: {error}",
                code="log-missing",
                remedy="`kesu topology check` says what is missing, `kesu topology repair` brings it back.",
            ) from error
        raise Unavailable(
            f"the log of events was not read to its end: {what} ({type(error).__name__}: {error})",
            code="log-unread",
            remedy="Check that RabbitMQ runs and that the user may read and write there, then try again.",
        ) from error


_FAILURES = (AMQPError, OSError, TimeoutError, RuntimeError)


async def _channel(connection: AbstractConnection) -> AbstractChannel:
    channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
    return await channel.get_underlay_channel()


def _entry(message: DeliveredMessage) -> Entry:
    return Entry(_offset(message), bytes(message.body))


def _offset(message: DeliveredMessage) -> int:
    return int(str((message.header.properties.headers or {})[_OFFSET]))
