"""Is the topology there, and as it should be? `kesu topology apply` makes it, `check` only looks.

Both may run any number of times. Services never declare anything: who starts first does not matter.
"""

from __future__ import annotations

import asyncio

import aio_pika
from aio_pika.abc import AbstractQueue, AbstractRobustConnection
from aiormq.exceptions import AMQPConnectionError, ChannelNotFoundEntity, ChannelPreconditionFailed

from shared.clock import SystemClock, monotonic
from shared.errors import Rejected, Unavailable
from shared.ids import new_id
from shared.messaging import words
from shared.messaging.succession import succeed
from shared.messaging.topology import (
    BUNDLES_EXCHANGE,
    LOG_STREAM,
    PARKING_EXCHANGE,
    REQUEUE_EXCHANGE,
    SERVICES,
    Exchange,
    Queue,
    exchanges,
    former_parking_queue,
    outdated_of,
    parking_queue,
    queues,
    work_queue,
)

_FIND_SECONDS = 20.0
_AGAIN_SECONDS = 0.2


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

    Raises Rejected('topology-differs') where something of the same name has other arguments,
    Rejected('services-running') where services of a release before bundles would go unheard.
    """
    connection = await connect(url, name="kesu-topology")
    async with connection:
        await _nobody_of_before(connection)
        logged = not await _is_missing(connection, LOG_STREAM)
        channel = await connection.channel()
        for exchange in exchanges():
            await channel.declare_exchange(exchange.name, aio_pika.ExchangeType(exchange.kind), durable=True)
        for queue in queues():
            was_missing = await _is_missing(connection, queue.name)
            declared = await _declared(connection, queue)
            for source, key in queue.bindings:
                await declared.bind(source, routing_key=key)
            # Of earlier releases; where there is no such binding this changes nothing.
            for source, key in () if was_missing else outdated_of(queue.name):
                await declared.unbind(source, routing_key=key)
            if was_missing and logged and queue.name in map(work_queue, SERVICES):
                await _say_that_it_missed(connection, queue.name)
        for service in SERVICES:
            bound = ((PARKING_EXCHANGE, work_queue(service)),)
            await succeed(connection, former_parking_queue(service), parking_queue(service), bound)
    return len(exchanges()) + len(queues())


async def _say_that_it_missed(connection: AbstractRobustConnection, queue: str) -> None:
    """Its service fetches from the log what came while the queue was away."""
    channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
    word = aio_pika.Message(
        words.BODY,
        headers=dict(words.missed(SystemClock().now())),  # type: ignore[arg-type]  # texts, all of them
        message_id=str(new_id()),
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )
    exchange = await channel.get_exchange(REQUEUE_EXCHANGE, ensure=False)
    await exchange.publish(word, routing_key=queue, mandatory=True, timeout=15)


async def _is_missing(connection: AbstractRobustConnection, queue: str) -> bool:
    channel = await connection.channel()
    try:
        await channel.declare_queue(queue, passive=True)
    except ChannelNotFoundEntity:
        return True
    await channel.close()
    return False


async def _nobody_of_before(connection: AbstractRobustConnection) -> None:
    """Services that know no bundles publish where our queues are unbound below, and an outsider's queue
    there is enough for the broker to confirm it: nobody of ours would ever hear of it.
    """
    if not await _problem(connection, Exchange(BUNDLES_EXCHANGE, "topic")):
        return
    for service in SERVICES:
        channel = await connection.channel()
        try:
            queue = await channel.declare_queue(work_queue(service), passive=True)
        except ChannelNotFoundEntity:
            continue
        if queue.declaration_result.consumer_count:
            raise Rejected(
                "services-running",
                f"{service} runs in a release that this topology would cut off",
                field=queue.name,
                remedy="Stop all four services, run `kesu topology apply`, then start the new ones.",
            )


async def _declared(connection: AbstractRobustConnection, queue: Queue) -> AbstractQueue:
    """The queue, made if it was missing; a broker that has just started gets time to find its own."""
    deadline = monotonic() + _FIND_SECONDS
    while True:
        # A refused declaration closes its channel, so each attempt gets a fresh one.
        channel = await connection.channel()
        try:
            return await channel.declare_queue(queue.name, durable=True, arguments=dict(queue.arguments))
        except ChannelPreconditionFailed as error:
            raise _differs(queue, error) from error
        except ChannelNotFoundEntity as error:
            # "home node is down or inaccessible": a stream is found a moment after its node lets us in.
            if monotonic() > deadline:
                raise Unavailable(
                    f"RabbitMQ has {queue.name} but cannot open it: {error}",
                    remedy="Wait until all nodes of the cluster run, then try again.",
                ) from error
            await asyncio.sleep(_AGAIN_SECONDS)


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
