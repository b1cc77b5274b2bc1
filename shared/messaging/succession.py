"""How do messages get from a queue of an earlier release into its successor? One by one, never neither.

Arguments of a queue cannot change, so a queue that needs others has another name. Its old one is unbound,
its messages are published to the new one, confirmed and only then acknowledged. A crash in between leaves
a message in both; the inbox drops the second copy. The old queue stays, empty: somebody else may hold
messages of it that it does not count, and AMQP cannot delete a quorum queue only if it is empty.
"""

from __future__ import annotations

import aio_pika
from aio_pika.abc import AbstractConnection, AbstractIncomingMessage
from aiormq.exceptions import ChannelNotFoundEntity

from shared.messaging.properties import without_deaths

_CONFIRM_SECONDS = 15


async def succeed(
    connection: AbstractConnection, former: str, successor: str, bound: tuple[tuple[str, str], ...]
) -> int:
    """Unbind `former` from `bound` and move everything that waits in it. Returns how many were moved.

    Where there is no `former` nothing is done.
    """
    channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
    try:
        old = await channel.declare_queue(former, passive=True)
    except ChannelNotFoundEntity:
        return 0
    for source, key in bound:
        await old.unbind(source, routing_key=key)
    moved = 0
    while (message := await old.get(no_ack=False, fail=False)) is not None:
        await channel.default_exchange.publish(
            _copy(message), routing_key=successor, mandatory=True, timeout=_CONFIRM_SECONDS
        )
        await message.ack()
        moved += 1
    return moved


def _copy(message: AbstractIncomingMessage) -> aio_pika.Message:
    return aio_pika.Message(
        message.body,
        headers=without_deaths(message.headers),
        message_id=message.message_id,
        type=message.type,
        content_type=message.content_type,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )
