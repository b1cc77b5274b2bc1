"""Does looking at what is parked leave it there, whatever policies say? On a real RabbitMQ."""

from __future__ import annotations

import asyncio
from urllib.parse import quote, urlsplit

import aio_pika
import pytest
from typer.testing import CliRunner

from shared.cli.main import app
from shared.clock import SystemClock
from shared.database.transaction import Database
from shared.events.base import write_event
from shared.ids import new_id
from shared.messaging import parking, provision
from shared.messaging.provision import connect
from shared.messaging.topology import (
    PARKING_EXCHANGE,
    SERVICES,
    former_parking_queue,
    parking_queue,
    queues,
    work_queue,
)
from tests.shared.messaging import toy
from tests.shared.messaging.running import is_so, parked, sender, service
from tests.support.waiting import eventually

QUEUE = "kesu.routing.v1"


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


def limit_deliveries(rabbitmq_server, url: str, most: int) -> None:
    """What RabbitMQ 4.0 to 4.2 does by itself with most=20, and an operator's policy on any version."""
    vhost = quote(urlsplit(url).path.lstrip("/"), safe="")
    policy = {"pattern": ".*", "definition": {"delivery-limit": most}, "priority": 9, "apply-to": "queues"}
    rabbitmq_server.management.call("PUT", f"/api/policies/{vhost}/limit", policy)


async def test_looking_at_parked_messages_is_no_delivery_whatever_limit_a_policy_sets(
    broker, rabbitmq_server
):
    await asyncio.to_thread(limit_deliveries, rabbitmq_server, broker, 2)
    async with sender(broker) as post:
        for number in range(3):
            await post.park(QUEUE, b"{%d" % number, {}, str(number))

    for _ in range(10):
        assert [one.message_id for one in await parking.listed(broker, "routing", 10)] == ["0", "1", "2"]

    await eventually(lambda: parked(broker, 3))
    moved = await parking.replay(broker, "routing", lambda p: True, most=10, by="test", clock=SystemClock())
    assert moved == 3


def test_no_queue_that_is_looked_at_counts_looking():
    """A delivery limit is a property of quorum queues alone."""
    kinds = {queue.name: queue.arguments["x-queue-type"] for queue in queues()}

    assert {kinds[parking_queue(service)] for service in SERVICES} == {"classic"}
    assert {kinds[work_queue(service)] for service in SERVICES} == {"quorum"}


async def test_replaying_ends_with_what_was_there_when_it_began(database, broker):
    poison = [toy.registered(new_id(), category="poison") for _ in range(7)]
    headers = {"x-kesu-attempt": 8}

    async with sender(broker) as post:
        for event in poison:
            await post.park(QUEUE, b"{no event", headers, str(event.id))
        async with service(database, broker):
            # The service parks each again as soon as it comes; without an end this goes round and round.
            moved = await parking.replay(
                broker, "routing", lambda p: True, most=20_000, by="test", clock=SystemClock()
            )
            await eventually(lambda: parked(broker, 7))

    assert moved == 7


def test_the_list_says_what_it_leaves_out(amqp_url, monkeypatch):
    monkeypatch.setenv("KESU_AMQP_URL", amqp_url)
    monkeypatch.setenv("COLUMNS", "200")

    async def fill() -> None:
        await provision.apply(amqp_url)
        async with sender(amqp_url) as post:
            for number in range(5):
                detail = {"x-kesu-detail": "[/red] of a stranger"}
                await post.park(QUEUE, b"[" * 5000, detail, str(number))

    asyncio.run(fill())

    cut = CliRunner().invoke(app, ["parked", "list", "--limit", "2"])
    whole = CliRunner().invoke(app, ["parked", "list", "routing", "--limit", "5"])

    assert cut.exit_code == whole.exit_code == 0, cut.output
    assert "routing: the oldest 2 of 5 are shown; --limit shows more." in cut.output
    assert "are shown" not in whole.output
    assert whole.output.count("unreadable") == whole.output.count("[/red]") == 5


async def test_what_an_earlier_release_parked_moves_to_the_queue_of_this_one(database, broker):
    events = [toy.registered(new_id()) for _ in range(3)]
    async with await connect(broker, name="test") as connection:
        channel = await connection.channel()
        arguments = {"x-queue-type": "quorum", "x-overflow": "reject-publish"}
        old = await channel.declare_queue(former_parking_queue("routing"), durable=True, arguments=arguments)
        await old.bind(PARKING_EXCHANGE, routing_key=QUEUE)
        for event in events:
            message = aio_pika.Message(
                write_event(event), message_id=str(event.id), headers={"x-kesu-code": "bug", "x-death": []}
            )
            await channel.default_exchange.publish(message, routing_key=former_parking_queue("routing"))

    await provision.apply(broker)
    await provision.apply(broker)

    found = await parking.listed(broker, "routing", 10)
    assert [one.message_id for one in found] == [str(event.id) for event in events]
    assert {one.code for one in found} == {"bug"}
    async with sender(broker) as post:
        await post.park(QUEUE, b"{", {}, "new")
    assert await parking.count(broker, "routing") == 4, "nothing is parked twice"
    await parking.replay(broker, "routing", lambda p: True, most=10, by="test", clock=SystemClock())
    async with service(database, broker):
        await eventually(lambda: is_so(database, "SELECT count(*) FROM counters", 3))


async def test_dropping_takes_each_away_only_when_it_was_seen(broker):
    async with sender(broker) as post:
        for number in range(3):
            await post.park(QUEUE, b"{", {}, str(number))

    async for one in parking.dropped(broker, "routing", lambda p: True, most=10):
        if one.message_id == "1":
            break

    await eventually(lambda: parked(broker, 2))
    assert [one.message_id for one in await parking.listed(broker, "routing", 10)] == ["1", "2"]
