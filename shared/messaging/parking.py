"""What waits in the parking queues, and how does it get out? Behind `kesu parked`.

Reading does not take anything away: messages are fetched without acknowledgement and go back when the
channel closes, which a parking queue does not count (docs/decisions/0066). Nobody goes further than the
queue was long at the beginning: what a service parks again meanwhile is another round's work. Replaying
publishes the untouched body to the work queue, and only when that is confirmed
is the parked copy acknowledged, so a crash in between leaves two copies, never none; the inbox drops one.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from shared.clock import Clock
from shared.messaging.ladder import ATTEMPT
from shared.messaging.pieces import pieces
from shared.messaging.provision import connect
from shared.messaging.topology import REQUEUE_EXCHANGE, parking_queue, work_queue

_OURS = (ATTEMPT, "x-kesu-code", "x-kesu-detail", "x-kesu-field", "x-kesu-last-failure")


@dataclass(frozen=True, slots=True)
class Parked:
    """One parked message as an operator sees it; the body holds nothing personal in the open."""

    service: str
    message_id: str
    type: str
    complaint: str
    code: str
    detail: str
    field: str
    attempts: int
    first_failure: str
    body: bytes


Wanted = Callable[[Parked], bool]


async def count(url: str, service: str) -> int:
    """How many messages are parked for the service."""
    connection = await connect(url, name="kesu-parked")
    async with connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(parking_queue(service), passive=True)
        return queue.declaration_result.message_count or 0


async def listed(url: str, service: str, most: int) -> list[Parked]:
    """The oldest parked messages, without taking them. All are in memory at once."""
    return [parked async for parked in each(url, service, most)]


async def each(url: str, service: str, most: int) -> AsyncGenerator[Parked, None]:
    """The oldest parked messages, one after the other, without taking them."""
    connection = await connect(url, name="kesu-parked")
    async with connection:
        async for message in _messages(connection, service, most):
            yield _seen(service, message)


async def found(url: str, service: str, message_id: str) -> Parked | None:
    """The oldest parked message of this id, without taking it; None: there is none."""
    # Closed before this returns: the loop of a command ends with it, and no connection must outlive that.
    async with aclosing(each(url, service, await count(url, service))) as messages:
        async for parked in messages:
            if parked.message_id == message_id:
                return parked
    return None


async def replay(url: str, service: str, wanted: Wanted, *, most: int, by: str, clock: Clock) -> int:
    """Send the wanted messages back to work; returns how many."""
    connection = await connect(url, name="kesu-parked")
    moved = 0
    async with connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        exchange = await channel.get_exchange(REQUEUE_EXCHANGE, ensure=False)
        async for message in _messages(connection, service, most):
            if not wanted(_seen(service, message)):
                continue
            headers = {name: value for name, value in message.headers.items() if name not in _OURS}
            headers |= {"x-kesu-replayed-by": by, "x-kesu-replayed-at": clock.now().isoformat()}
            copy = aio_pika.Message(
                message.body,
                headers=headers,
                message_id=message.message_id,
                type=message.type,
                content_type=message.content_type,
                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            )
            await exchange.publish(copy, routing_key=work_queue(service), mandatory=True, timeout=15)
            await message.ack()
            moved += 1
    return moved


async def drop(url: str, service: str, wanted: Wanted, *, most: int) -> list[Parked]:
    """Take the wanted messages away for good; returns them, for the operator's record."""
    return [parked async for parked in dropped(url, service, wanted, most=most)]


async def dropped(url: str, service: str, wanted: Wanted, *, most: int) -> AsyncIterator[Parked]:
    """Take the wanted messages away, each when the caller has seen it and asks for the next."""
    connection = await connect(url, name="kesu-parked")
    async with connection:
        async for message in _messages(connection, service, most):
            parked = _seen(service, message)
            if wanted(parked):
                yield parked
                await message.ack()


async def _messages(
    connection: aio_pika.abc.AbstractConnection, service: str, most: int
) -> AsyncIterator[AbstractIncomingMessage]:
    channel = await connection.channel()
    queue = await channel.declare_queue(parking_queue(service), passive=True)
    for _ in range(min(most, queue.declaration_result.message_count or 0)):
        message = await queue.get(no_ack=False, fail=False)
        if message is None:
            return
        yield message


def _seen(service: str, message: AbstractIncomingMessage) -> Parked:
    headers = message.headers
    kind, subject = _named(message.body)
    attempts = headers.get(ATTEMPT)
    return Parked(
        service=service,
        message_id=message.message_id or "?",
        type=kind,
        complaint=subject,
        code=str(headers.get("x-kesu-code", "broker")),
        detail=str(headers.get("x-kesu-detail", "dead-lettered by the broker")),
        field=str(headers.get("x-kesu-field", "")),
        attempts=attempts if isinstance(attempts, int) else 0,
        first_failure=str(headers.get("x-kesu-first-failure", "")),
        body=message.body,
    )


def _named(body: bytes) -> tuple[str, str]:
    """What the message is and whom it is about, for people; whatever it holds."""
    heads = [piece.head for piece in pieces(body)]
    first = heads[0] if heads else None
    if first is None:
        return "unreadable", "?"
    # The broker itself parks a bundle as it is.
    return first.type, str(first.subject) if len(heads) == 1 else f"{len(heads)} events"
