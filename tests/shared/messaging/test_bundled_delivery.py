"""What becomes of each event of a bundle, and of the same events told singly to others? On a real RabbitMQ."""

from __future__ import annotations

import asyncio

import aio_pika
import orjson
import pytest

from shared.clock import SystemClock
from shared.database.transaction import Database
from shared.events.base import CONTENT_TYPE, write_event
from shared.ids import new_id
from shared.messaging import parking, provision
from shared.messaging.provision import connect
from shared.messaging.topology import EVENTS_EXCHANGE
from shared.outbox.relay import Relay
from shared.outbox.writing import Letter, write_letters
from tests.shared.messaging import toy
from tests.shared.messaging.running import is_so, parked, send, send_bodies, sender, service
from tests.support.waiting import eventually

SUM = "SELECT sum(count) FROM counters"


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


async def waiting_in(url: str, queue: str) -> int:
    async with await connect(url, name="test") as connection:
        channel = await connection.channel()
        declared = await channel.declare_queue(queue, passive=True)
        return declared.declaration_result.message_count or 0


async def test_a_bad_event_in_a_bundle_is_parked_alone_with_its_own_body_and_id(database, broker):
    good = [toy.registered(new_id()) for _ in range(4)]
    first, second, third, fourth = map(write_event, good)
    bad = orjson.loads(write_event(toy.registered(new_id())))
    bad["data"] = {"kind": 7}

    async with service(database, broker), sender(broker) as post:
        bodies = (first, second, orjson.dumps(bad), third, b"7", fourth)
        await send_bodies(post, "complaint.registered.v1", *bodies)
        await eventually(lambda: is_so(database, SUM, 4))
        await eventually(lambda: parked(broker, 2))

    found = {one.message_id: one for one in await parking.listed(broker, "routing", 10)}
    assert {one.code for one in found.values()} == {"event-malformed"}
    assert (orjson.loads(found[bad["id"]].body), found[bad["id"]].field) == (bad, "complaint_no")
    assert [one.body for name, one in found.items() if name != bad["id"]] == [b"7"]
    assert "?" not in found, "what has no id goes by that of its bundle"
    assert await waiting_in(broker, "kesu.routing.v1") == 0


async def test_a_bundle_that_is_no_json_is_parked_whole_and_one_that_holds_nothing_is_done(database, broker):
    async with service(database, broker), sender(broker) as post:
        await post.send(b'[{"id": ', type_name="complaint.registered.v1", message_id="x")
        await post.send(b"[]", type_name="complaint.registered.v1", message_id="y")
        await send(post, toy.registered(new_id()))
        await eventually(lambda: is_so(database, SUM, 1))
        await eventually(lambda: parked(broker, 1))

    (one,) = await parking.listed(broker, "routing", 10)
    assert (one.code, one.message_id, one.body) == ("event-malformed", "x", b'[{"id": ')
    assert await waiting_in(broker, "kesu.routing.v1") == 0, "what is not acknowledged comes back"


async def test_an_event_that_came_too_early_climbs_the_ladder_without_its_neighbours(database, broker):
    known, unknown = new_id(), new_id()

    async with service(database, broker), sender(broker) as post:
        await send(post, toy.registered(known))
        await send(post, toy.acknowledged(unknown), toy.acknowledged(known))
        await eventually(lambda: is_so(database, SUM, 2))
        await eventually(lambda: _waits(broker, "kesu.retry.5s", 1))
        await send(post, toy.registered(unknown))
        await eventually(lambda: is_so(database, SUM, 4), seconds=15)

    assert await parking.count(broker, "routing") == 0


async def test_a_bundle_that_the_broker_parks_is_listed_by_its_type_and_can_be_replayed(database, broker):
    events = [toy.registered(new_id()) for _ in range(2)]
    body = b"[" + b",".join(map(write_event, events)) + b"]"

    async with sender(broker) as post:
        await post.park("kesu.routing.v1", body, {}, "x")
    (one,) = await parking.listed(broker, "routing", 10)
    await parking.replay(broker, "routing", lambda p: True, most=10, by="test", clock=SystemClock())
    async with service(database, broker):
        await eventually(lambda: is_so(database, SUM, 2))

    assert (one.type, one.complaint, one.code) == ("complaint.registered.v1", "2 events", "broker")


async def _waits(url: str, queue: str, wanted: int) -> bool:
    return await waiting_in(url, queue) == wanted


async def test_an_event_of_a_bundle_is_handled_once_however_it_comes_again(database, broker):
    events = [toy.registered(new_id()) for _ in range(3)]

    async with service(database, broker), sender(broker) as post:
        await send(post, *events)
        await send(post, *events)
        await post.requeue("kesu.routing.v1", write_event(events[0]), {}, str(events[0].id))
        await send(post, toy.registered(new_id()))
        await eventually(lambda: is_so(database, SUM, 4))

    assert await parking.count(broker, "routing") == 0


async def test_an_outsider_that_binds_while_the_suite_works_hears_all_from_then_on_singly_and_in_order(
    database, broker
):
    told: dict[str, list[str]] = {"complaint.accepted.v1": [], "complaint.paused.v1": []}

    async def go_on(count: int) -> None:
        for number in range(count):
            kind = list(told)[number % 3 == 0]
            letters = [_letter(kind) for _ in range(1 + number % 4)]
            async with database.batch() as connection:
                await write_letters(connection, letters)
            told[kind] += [str(letter.event_id) for letter in letters]
            relay.wake()
            await asyncio.sleep(0.005)

    async with sender(broker) as post, await connect(broker, name="outsider") as connection:
        relay = Relay(database, post)
        working = asyncio.create_task(relay.run())
        await go_on(60)
        channel = await connection.channel()
        queue = await channel.declare_queue("ext.audit.all", durable=True)
        await queue.bind(EVENTS_EXCHANGE, routing_key="#")
        before = {kind: len(names) for kind, names in told.items()}
        await go_on(60)
        await eventually(lambda: is_so(database, "SELECT count(*) FROM outbox", 0))
        relay.stop()
        await asyncio.wait_for(working, 10)
        heard = [message async for message in _all_of(queue)]

    for kind, names in told.items():
        of_kind = [message.message_id for message in heard if message.type == kind]
        assert of_kind == names[len(names) - len(of_kind) :], "in order, without a gap"
        assert len(of_kind) >= len(names) - before[kind], "everything from the binding on"
        assert len(of_kind) < len(names), "and not what nobody listened to"
    assert {message.content_type for message in heard} == {CONTENT_TYPE}
    assert all(orjson.loads(message.body)["id"] == message.message_id for message in heard)
    assert all(message.routing_key == f"{message.type}.sh01" for message in heard)


def _letter(kind: str) -> Letter:
    event_id = new_id()
    body = orjson.dumps({"id": str(event_id), "type": kind, "subject": str(new_id())})
    return Letter(event_id, kind, f"{kind}.sh01", None, body)


async def _all_of(queue: aio_pika.abc.AbstractQueue):
    while (message := await queue.get(no_ack=True, fail=False)) is not None:
        yield message


async def test_an_outsiders_queue_that_is_full_and_rejects_holds_up_nobody_and_repeats_nothing(
    database, broker
):
    async with await connect(broker, name="outsider") as connection:
        channel = await connection.channel()
        full = await channel.declare_queue(
            "ext.audit.full", durable=True, arguments={"x-max-length": 1, "x-overflow": "reject-publish"}
        )
        other = await channel.declare_queue("ext.audit.other", durable=True)
        for queue in (full, other):
            await queue.bind(EVENTS_EXCHANGE, routing_key="#")
        async with service(database, broker), sender(broker) as post:
            for expected in (5, 10):
                await send(post, *(toy.registered(new_id()) for _ in range(5)))
                await eventually(lambda: is_so(database, SUM, expected))  # noqa: B023 - awaited here
                await eventually(lambda: is_so(database, "SELECT count(*) FROM outbox", 0))

            assert len([message async for message in _all_of(full)]) == 1
            heard = [message.message_id async for message in _all_of(other)]
            assert len(heard) == len(set(heard)) == 10
