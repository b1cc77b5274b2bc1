"""Is everything there that a service leans on, and what of it may the service bring back by itself?

It makes anew what is its own and nobody else's, exactly as the topology of its release has it: its queues
and their bindings (docs/decisions/0069). Exchanges, log and retry ladder belong to all: they are reported.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from aiormq.abc import AbstractChannel
from aiormq.exceptions import AMQPError, ChannelAccessRefused, ChannelNotFoundEntity

from shared.messaging.topology import (
    BUNDLES_EXCHANGE,
    LOG_STREAM,
    SERVICES,
    Queue,
    exchanges,
    own_queues,
    queues,
)

BROKEN = (AMQPError, OSError, RuntimeError, TimeoutError)
"""What a broker or the way to it fails with."""


class Looks(Protocol):
    """What gives channels for looking."""

    def looking(self) -> AbstractAsyncContextManager[AbstractChannel]:
        """A channel of its own. Raises Unavailable."""
        ...


class NotOurs(Exception):
    """The broker's user may not make this."""


async def missing(post: Looks, service: str) -> list[str]:
    """Names of exchanges and queues that the service needs and that are not there.

    Raises BROKEN, Unavailable.
    """
    gone: list[str] = []
    names = [(exchange.name, False) for exchange in exchanges()]
    names += [(queue.name, True) for queue in _needed(service)]
    while names:
        async with post.looking() as channel:
            while names:
                name, is_queue = names.pop(0)
                try:
                    await _look(channel, name, is_queue=is_queue)
                except ChannelNotFoundEntity:
                    gone.append(name)
                    break  # the refusal closed the channel
                except ChannelAccessRefused:
                    break  # from 4.3.1 on one may not even look at what one has no right on
    return gone


async def how_many_in_log(post: Looks) -> int | None:
    """How many entries the log has; None: the broker's user may not look. Raises BROKEN, Unavailable."""
    async with post.looking() as channel:
        try:
            return (await channel.queue_declare(LOG_STREAM, passive=True)).message_count or 0
        except ChannelAccessRefused:
            return None


async def make(post: Looks, queue: Queue) -> None:
    """Declare the queue and all its bindings, exactly as the topology has them.

    Raises NotOurs, BROKEN, Unavailable.
    """
    async with post.looking() as channel:
        try:
            await channel.queue_declare(queue.name, durable=True, arguments=dict(queue.arguments))  # type: ignore[arg-type]  # AMQP's own field values
        except ChannelAccessRefused as error:
            raise NotOurs(str(error)) from error
    await bind(post, queue, queue.bindings)


async def bind(post: Looks, queue: Queue, ways: Iterable[tuple[str, str]]) -> None:
    """Make these bindings of the queue; those that are there stay as they are.

    Raises NotOurs, BROKEN, Unavailable.
    """
    async with post.looking() as channel:
        try:
            for source, key in ways:
                await channel.queue_bind(queue.name, source, routing_key=key)
        except ChannelAccessRefused as error:
            raise NotOurs(str(error)) from error


def can_be_mended(gone: Iterable[str]) -> bool:
    """Whether the service may make its queues anew: only in a topology that was applied once."""
    return not {BUNDLES_EXCHANGE, LOG_STREAM} & set(gone)


def _needed(service: str) -> tuple[Queue, ...]:
    mine = {queue.name for queue in own_queues(service)}
    shared = [queue for queue in queues() if not _is_a_services(queue)]
    return (*(queue for queue in queues() if queue.name in mine), *shared)


def _is_a_services(queue: Queue) -> bool:
    return any(queue.name.startswith(f"kesu.{service}.") for service in SERVICES)


async def _look(channel: AbstractChannel, name: str, *, is_queue: bool) -> None:
    if is_queue:
        await channel.queue_declare(name, passive=True)
    else:
        await channel.exchange_declare(name, passive=True)
