"""Does a message get from one service's outbox to another's state and to the log? On a real RabbitMQ."""

from __future__ import annotations

import asyncio

import pytest

from shared.clock import SystemClock
from shared.database.transaction import Database
from shared.events.base import write_event
from shared.ids import new_id
from shared.messaging import parking, provision
from shared.messaging.stream import read_pieces
from shared.outbox.flight import Refused
from tests.shared.messaging import toy
from tests.shared.messaging.running import is_so, parked, send, sender, service
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


async def in_log(url: str) -> list[bytes]:
    return [piece.body async for piece in read_pieces(url)]


async def test_what_is_heard_is_told_on_and_stands_in_the_log(database, broker):
    complaints = [new_id() for _ in range(50)]

    async with service(database, broker), sender(broker) as post:
        await asyncio.gather(*(send(post, toy.registered(c)) for c in complaints))
        await eventually(lambda: is_so(database, "SELECT count(*) FROM counters", 50))
        await eventually(lambda: is_so(database, "SELECT count(*) FROM outbox", 0))

    bodies = await in_log(broker)
    assert sum(b'"complaint.registered.v1"' in body for body in bodies) == 50
    assert sum(b'"complaint.accepted.v1"' in body for body in bodies) == 50


async def test_rubbish_is_parked_with_its_reason_and_the_rest_goes_on(database, broker):
    complaint = new_id()
    event = toy.registered(complaint)

    async with service(database, broker), sender(broker) as post:
        await post.send(b"{not json", type_name=event.type, message_id="x")
        await send(post, event)
        await eventually(lambda: is_so(database, "SELECT count(*) FROM counters", 1))
        await eventually(lambda: parked(broker, 1))

    (aside,) = await parking.listed(broker, "routing", 10)
    assert (aside.code, aside.body) == ("event-malformed", b"{not json")
    assert await parking.count(broker, "routing") == 1, "listing must not take anything away"


async def test_a_parked_message_can_be_replayed_and_dropped(database, broker):
    first, second = toy.registered(new_id()), toy.registered(new_id())
    async with sender(broker) as post:
        for event in (first, second):
            await post.park("kesu.routing.v1", write_event(event), {"x-kesu-code": "test"}, str(event.id))

    gone = await parking.drop(broker, "routing", lambda p: p.message_id == str(second.id), most=10)
    moved = await parking.replay(broker, "routing", lambda p: True, most=10, by="test", clock=SystemClock())
    async with service(database, broker):
        await eventually(lambda: is_so(database, "SELECT count(*) FROM counters", 1))

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

    assert len(before) == 19
    assert after == []
