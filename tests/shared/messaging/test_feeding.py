"""Does a service get from the log what its queue missed: each event, in order, and nothing twice?"""

from __future__ import annotations

from datetime import timedelta

import aio_pika
import orjson
import pytest

from shared.clock import SystemClock
from shared.database.transaction import Database
from shared.events.base import write_event
from shared.ids import derived_id, new_id
from shared.messaging import provision
from shared.messaging.feeding import Fed, Feeding, bundles
from shared.messaging.pieces import Piece
from shared.messaging.topology import LOG_STREAM, work_queue
from tests.shared.messaging import toy
from tests.shared.messaging.running import is_so, parked, send, send_bodies, sender, service
from tests.support.waiting import eventually

QUEUE = work_queue("routing")
COUNT = "SELECT coalesce(sum(count), 0) FROM counters"


@pytest.fixture
async def desk(database_url: str, amqp_url: str):
    database = Database(database_url, service="toy")
    await toy.make_tables(database)
    await provision.apply(amqp_url)
    yield database
    await database.close()


def feeding(database: Database, url: str, *, inbox_days: int = 35) -> Feeding:
    return Feeding("routing", url, database, SystemClock(), inbox_days)


async def lose_queue(url: str) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        await channel.queue_delete(QUEUE)


async def test_what_a_deleted_queue_missed_is_handled_once_and_in_order(desk, amqp_url):
    complaints = [new_id() for _ in range(5)]
    async with sender(amqp_url) as post:
        await send(post, *(toy.registered(one) for one in complaints))
        async with service(desk, amqp_url):
            await eventually(lambda: is_so(desk, COUNT, 5))
        await lose_queue(amqp_url)
        await send(post, *(toy.acknowledged(one) for one in complaints))
        for number in (3, 4, 5):
            await send(post, *(toy.registered(one, sequence=number) for one in complaints))
    await provision.apply(amqp_url)

    fed = await feeding(desk, amqp_url).from_log()
    async with service(desk, amqp_url):
        await eventually(lambda: is_so(desk, COUNT, 25))
        again = await feeding(desk, amqp_url).from_log()

    assert (fed.read, fed.fed, fed.unreadable) == (25, 20, 0)
    assert again.fed == 0
    in_order = "SELECT count(*) FROM counters WHERE state->'seen' = '[1, 2, 3, 4, 5]'"
    assert await is_so(desk, in_order, 5)


async def test_what_is_parked_unreadable_too_old_or_not_for_the_service_is_passed_over(desk, amqp_url):
    old = derived_id(SystemClock().now() - timedelta(days=40), "old")
    malformed = orjson.loads(write_event(toy.registered(new_id())))
    malformed["data"]["kind"] = 7
    async with sender(amqp_url) as post:
        async with service(desk, amqp_url):
            await send_bodies(post, "complaint.registered.v1", orjson.dumps(malformed))
            await eventually(lambda: parked(amqp_url, 1))
        await send(post, toy.registered(new_id(), event_id=old))
        for body in (b"[" * 5000, b'{"x":', b"\xff\xfe", b'{"type":"\\ud800"}', b"7"):
            await put_into_log(amqp_url, body)

    fed = await feeding(desk, amqp_url).from_log()

    assert fed == Fed(read=1, fed=0, too_old=1, unreadable=5)


async def put_into_log(url: str, body: bytes) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        await channel.default_exchange.publish(aio_pika.Message(body), routing_key=LOG_STREAM)


async def test_the_place_to_begin_lies_before_the_newest_event_that_was_handled(desk, amqp_url):
    now = SystemClock().now()

    before = await feeding(desk, amqp_url).missed_since(now)
    async with sender(amqp_url) as post, service(desk, amqp_url):
        await send(post, toy.registered(new_id()))
        await eventually(lambda: is_so(desk, COUNT, 1))
    unchanged = await feeding(desk, amqp_url).missed_since(now)
    after = await feeding(desk, amqp_url).missed_since(SystemClock().now())

    assert (before, unchanged) == ("first", "first")
    assert (now - after).total_seconds() == pytest.approx(3600, abs=10)


def test_bundles_hold_all_in_order_and_none_is_too_large():
    some = [Piece(b"%d" % number, None) for number in range(250)] + [Piece(b"x" * 300_000, None)] * 2

    made = bundles(some)

    assert [body.count(b",") + 1 for body in made] == [100, 100, 51, 1]
    assert b",".join(body[1:-1] for body in made) == b",".join(one.body for one in some)
    assert bundles([]) == []
