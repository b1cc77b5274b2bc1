"""Does a service find its queue when that comes later, and again when it was taken away?"""

from __future__ import annotations

import asyncio

import aio_pika
import pytest
from aiormq.exceptions import AMQPError

from shared.clock import SystemClock
from shared.database.transaction import Database
from shared.messaging import provision
from shared.messaging.post import Post
from shared.messaging.subscribe import Consumer
from tests.shared.messaging import toy
from tests.support.waiting import eventually


@pytest.fixture
async def consumer(database_url: str, amqp_url: str):
    database = Database(database_url, service="toy")
    await toy.make_tables(database)
    shell = toy.shell(database)
    task = asyncio.create_task(shell.run())
    post = Post(amqp_url, service="routing")
    consumer = Consumer(
        service="routing",
        amqp_url=amqp_url,
        shell=shell,
        post=post,
        clock=SystemClock(),
        prefetch=10,
        inbox_days=35,
    )
    yield consumer
    await consumer.stop()
    shell.stop()
    await task
    await database.close()


async def test_without_a_queue_it_says_so_and_with_one_it_attaches(consumer, amqp_url):
    with pytest.raises(AMQPError):
        await consumer.restart()
    assert not consumer.attached

    await provision.apply(amqp_url)
    await consumer.restart()

    assert consumer.attached


async def test_it_knows_that_its_queue_was_deleted_and_attaches_to_the_new_one(consumer, amqp_url):
    await provision.apply(amqp_url)
    await consumer.restart()
    connection = await aio_pika.connect(amqp_url)
    async with connection:
        channel = await connection.channel()
        await channel.queue_delete("kesu.routing.v1")

        await provision.apply(amqp_url)
        await consumer.restart()

        async def consumed() -> bool:
            probe = await connection.channel()
            queue = await probe.declare_queue("kesu.routing.v1", passive=True)
            return queue.declaration_result.consumer_count == 1

        await eventually(consumed)
    assert consumer.attached
