"""Does a message get from one service's outbox to another's state and to the log? On a real RabbitMQ."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from shared.clock import SystemClock
from shared.database.transaction import Database
from shared.events.base import routing_key, write_event
from shared.ids import new_id
from shared.messaging import parking, provision
from shared.messaging.post import Post
from shared.messaging.stream import read_stream
from shared.messaging.subscribe import Consumer
from shared.outbox.relay import Refused, Relay
from tests.shared.messaging import toy
from tests.support.waiting import eventually


@pytest.fixture
async def broker(amqp_url: str):
    await provision.apply(amqp_url)
    return amqp_url


@pytest.fixture
async def database(database_url: str):
    database = Database(database_url, service="toy")
    await toy.make_tables(database)
    yield database
    await database.close()


@asynccontextmanager
async def service(database: Database, url: str):
    post = Post(url, service="routing")
    relay = Relay(database, post)
    shell = toy.shell(database, on_commit=lambda harvest: relay.wake())
    consumer = Consumer(
        service="routing",
        amqp_url=url,
        shell=shell,
        post=post,
        clock=SystemClock(),
        prefetch=50,
        inbox_days=35,
    )
    post.open()
    tasks = [asyncio.create_task(shell.run()), asyncio.create_task(relay.run())]
    await consumer.start()
    yield consumer
    await consumer.stop()
    shell.stop()
    relay.stop()
    await asyncio.wait_for(asyncio.gather(*tasks), 10)
    await post.close()


@asynccontextmanager
async def sender(url: str):
    post = Post(url, service="test")
    post.open()
    await eventually(lambda: post.connected)
    yield post
    await post.close()


async def send(post: Post, event) -> None:
    await post.publish(
        write_event(event),
        event_id=str(event.id),
        type_name=event.type,
        key=routing_key(event),
        traceparent=None,
    )


async def count(database: Database, query: str) -> int:
    async with database.reading() as connection:
        return (await connection.execute(text(query))).scalar()


async def in_log(url: str) -> list[bytes]:
    return [body async for body in read_stream(url, "first", idle_seconds=1.0)]


async def test_what_is_heard_is_told_on_and_stands_in_the_log(database, broker):
    complaints = [new_id() for _ in range(50)]

    async with service(database, broker), sender(broker) as post:
        await asyncio.gather(*(send(post, toy.registered(c)) for c in complaints))
        await eventually(lambda: _is(database, "SELECT count(*) FROM counters", 50))
        await eventually(lambda: _is(database, "SELECT count(*) FROM outbox", 0))

    bodies = await in_log(broker)
    assert sum(b'"complaint.registered.v1"' in body for body in bodies) == 50
    assert sum(b'"complaint.accepted.v1"' in body for body in bodies) == 50


async def _is(database: Database, query: str, wanted: int) -> bool:
    return await count(database, query) == wanted


async def test_rubbish_is_parked_with_its_reason_and_the_rest_goes_on(database, broker):
    complaint = new_id()
    event = toy.registered(complaint)

    async with service(database, broker), sender(broker) as post:
        await post.publish(
            b"{not json", event_id="x", type_name=event.type, key=routing_key(event), traceparent=None
        )
        await send(post, event)
        await eventually(lambda: _is(database, "SELECT count(*) FROM counters", 1))
        await eventually(lambda: _parked(broker, 1))

    (parked,) = await parking.listed(broker, "routing", 10)
    assert (parked.code, parked.body) == ("event-malformed", b"{not json")
    assert await parking.count(broker, "routing") == 1, "listing must not take anything away"


async def _parked(url: str, wanted: int) -> bool:
    return await parking.count(url, "routing") == wanted


async def test_an_event_that_came_too_early_is_handled_after_the_ladder(database, broker):
    complaint = new_id()

    async with service(database, broker), sender(broker) as post:
        await send(post, toy.acknowledged(complaint, sequence=2))
        await send(post, toy.registered(complaint, sequence=1))
        await eventually(lambda: _is(database, "SELECT max(count) FROM counters", 2), seconds=15)

    assert await parking.count(broker, "routing") == 0


async def test_a_parked_message_can_be_replayed_and_dropped(database, broker):
    first, second = toy.registered(new_id()), toy.registered(new_id())
    async with sender(broker) as post:
        for event in (first, second):
            await post.park("kesu.routing.v1", write_event(event), {"x-kesu-code": "test"}, str(event.id))

    gone = await parking.drop(broker, "routing", lambda p: p.message_id == str(second.id), most=10)
    moved = await parking.replay(broker, "routing", lambda p: True, most=10, by="test", clock=SystemClock())
    async with service(database, broker):
        await eventually(lambda: _is(database, "SELECT count(*) FROM counters", 1))

    assert (len(gone), moved) == (1, 1)
    assert await parking.count(broker, "routing") == 0


async def test_an_event_that_no_queue_takes_is_refused_and_kept(database, amqp_url):
    await provision.apply(amqp_url)
    async with sender(amqp_url) as post:
        with pytest.raises(Refused):
            await post.park("kesu.nobody.v1", b"{}", {}, None)


async def test_the_check_finds_what_is_missing_and_nothing_after_the_step_ran(amqp_url):
    before = await provision.check(amqp_url)
    await provision.apply(amqp_url)
    await provision.apply(amqp_url)
    after = await provision.check(amqp_url)

    assert len(before) == 18
    assert after == []
