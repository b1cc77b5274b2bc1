"""Is the topology there, and as it should be? `kesu topology apply` makes it, `check` only looks.

Both may run any number of times. Services never declare anything: who starts first does not matter.
"""

from __future__ import annotations

import aio_pika
from aio_pika.abc import AbstractRobustConnection
from aiormq.exceptions import AMQPConnectionError, ChannelNotFoundEntity, ChannelPreconditionFailed

from shared.errors import Rejected, Unavailable
from shared.messaging.topology import Exchange, Queue, exchanges, queues


async def connect(url: str, *, name: str) -> AbstractRobustConnection:
    """A connection that heals itself. Raises Unavailable with a remedy."""
    try:
        return await aio_pika.connect_robust(
            url, timeout=10, heartbeat=10, client_properties={"connection_name": name}
        )
    except (AMQPConnectionError, OSError) as error:
        raise Unavailable(
            f"RabbitMQ does not answer: {error}", remedy="Check KESU_AMQP_URL and that it runs."
        ) from error


async def apply(url: str) -> int:
    """Declare everything that is missing. Returns the number of exchanges and queues.

    Raises Rejected('topology-differs') where something of the same name has other arguments.
    """
    connection = await connect(url, name="kesu-topology")
    async with connection:
        channel = await connection.channel()
        for exchange in exchanges():
            await channel.declare_exchange(exchange.name, aio_pika.ExchangeType(exchange.kind), durable=True)
        for queue in queues():
            try:
                declared = await channel.declare_queue(
                    queue.name,
                    durable=True,
                    arguments=dict(queue.arguments),
                )
            except ChannelPreconditionFailed as error:
                raise _differs(queue, error) from error
            for source, key in queue.bindings:
                await declared.bind(source, routing_key=key)
    return len(exchanges()) + len(queues())


async def check(url: str) -> list[str]:
    """What is missing or different, one sentence each; empty if all is well."""
    problems: list[str] = []
    connection = await connect(url, name="kesu-topology-check")
    async with connection:
        wanted: list[Exchange | Queue] = [*exchanges(), *queues()]
        for one in wanted:
            problem = await _problem(connection, one)
            if problem:
                problems.append(problem)
    return problems


async def _problem(connection: AbstractRobustConnection, one: Exchange | Queue) -> str | None:
    # A failed declaration closes its channel, so each gets a fresh one.
    channel = await connection.channel()
    try:
        if isinstance(one, Exchange):
            await channel.declare_exchange(
                one.name, aio_pika.ExchangeType(one.kind), durable=True, passive=True
            )
        else:
            await channel.declare_queue(one.name, passive=True)
            await channel.declare_queue(one.name, durable=True, arguments=dict(one.arguments))
    except ChannelNotFoundEntity:
        return f"{one.name} is missing; run `kesu topology apply`."
    except ChannelPreconditionFailed as error:
        return f"{one.name} differs from what this release needs: {error}"
    finally:
        if not channel.is_closed:
            await channel.close()
    return None


def _differs(queue: Queue, error: ChannelPreconditionFailed) -> Rejected:
    return Rejected(
        "topology-differs",
        f"queue {queue.name} exists with other arguments: {error}",
        field=queue.name,
        remedy="Drain and delete it, then run `kesu topology apply` again.",
    )
