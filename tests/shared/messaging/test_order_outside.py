"""Does another system hear each complaint's events in their order, whatever their keys and whatever happens?

On a real broker: with a binding that comes while the suite works, leaders that are killed in the middle, and
an import beside the living.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from uuid import UUID

import aio_pika
import orjson
import pytest

from shared.database.transaction import Database
from shared.ids import new_id
from shared.messaging import provision
from shared.messaging.post import Post
from shared.messaging.provision import connect
from shared.messaging.topology import EVENTS_EXCHANGE
from shared.outbox.relay import Relay
from shared.outbox.writing import Letter, write_letters
from tests.shared.messaging import toy
from tests.shared.messaging.running import is_so
from tests.support.waiting import eventually

KINDS = ("complaint.assigned", "complaint.accepted", "clock.started", "clock.breached", "escalation.raised")
"""The last one is nobody's: it must not hold up those behind it for long, nor be counted as missing."""


@pytest.fixture
async def database(database_url: str):
    database = Database(database_url, service="toy")
    await toy.make_tables(database)
    yield database
    await database.close()


@pytest.fixture
async def broker(amqp_url: str) -> str:
    await provision.apply(amqp_url)
    return amqp_url


@dataclass
class Producer:
    """Commits the next events of complaints chosen by a seed, as a service would."""

    database: Database
    random: Random
    told: dict[UUID, int] = field(default_factory=lambda: defaultdict(int))
    subjects: list[UUID] = field(default_factory=lambda: [new_id() for _ in range(25)])

    async def commit(self, count: int, *, bulk: bool = False) -> None:
        letters = [self._next(self.random.choice(self.subjects), bulk=bulk) for _ in range(count)]
        async with self.database.batch() as connection:
            await write_letters(connection, letters)

    def _next(self, subject: UUID, *, bulk: bool) -> Letter:
        self.told[subject] += 1
        kind = f"{self.random.choice(KINDS)}.v1"
        body = {"id": str(new_id()), "type": kind, "subject": str(subject), "sequence": self.told[subject]}
        key = f"{kind}.{self.random.choice(('sh01', 'ber1'))}"
        return Letter(UUID(body["id"]), kind, key, None, orjson.dumps(body), subject, bulk)


class Leader:
    """A replica's relay with its own connection to the broker; `kill` is what SIGKILL does to both."""

    def __init__(self, database: Database, url: str) -> None:
        self._own = Database(database.url, service="toy")
        self.post = Post(url, service="toy")
        self.relay = Relay(self._own, self.post)
        self.post.open()
        self._task = asyncio.create_task(self.relay.run())

    async def kill(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self.post.close()
        await self._own.close()


@asynccontextmanager
async def an_outsider(url: str, name: str, *keys: str) -> AsyncIterator[aio_pika.abc.AbstractQueue]:
    async with await connect(url, name=name) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(name, durable=True, arguments={"x-queue-type": "quorum"})
        for key in keys:
            await queue.bind(EVENTS_EXCHANGE, routing_key=key)
        yield queue


async def heard_by(queue: aio_pika.abc.AbstractQueue) -> dict[str, list[int]]:
    """The numbers of each complaint's events in the order in which they came for the first time."""
    numbers: dict[str, list[int]] = defaultdict(list)
    while (message := await queue.get(no_ack=True, fail=False)) is not None:
        event = orjson.loads(message.body)
        if event["sequence"] not in numbers[event["subject"]]:
            numbers[event["subject"]].append(event["sequence"])
    return numbers


def out_of_order(heard: dict[str, list[int]]) -> list[list[int]]:
    return [numbers for numbers in heard.values() if numbers != sorted(numbers)]


async def test_whoever_binds_while_the_suite_works_hears_each_complaint_in_order_and_without_a_gap(
    database, broker
):
    producer, leader = Producer(database, Random(1)), Leader(database, broker)
    await eventually(lambda: leader.post.connected)
    await producer.commit(60)
    before = dict(producer.told)
    async with an_outsider(broker, "ext.audit.all", "#") as queue:
        for _ in range(60):
            await producer.commit(4)
            leader.relay.wake()
            await asyncio.sleep(0.005)
        await eventually(lambda: is_so(database, "SELECT count(*) FROM outbox", 0))
        heard = await heard_by(queue)
    await leader.kill()

    for subject, told in producer.told.items():
        numbers = heard[str(subject)]
        assert numbers == list(range(told - len(numbers) + 1, told + 1)), "in order, without a gap"
        assert len(numbers) >= told - before.get(subject, 0), "everything from the binding on"


async def test_while_leaders_are_killed_each_complaint_is_heard_in_order(database, broker):
    """The next one knows of no key whether anybody listens, and judges them at different moments."""
    producer = Producer(database, Random(2))
    async with an_outsider(broker, "ext.audit.some", "complaint.#", "clock.#") as queue:
        for _ in range(4):
            leader = Leader(database, broker)
            for _ in range(15):
                await producer.commit(8)
                leader.relay.wake()
                await asyncio.sleep(0.02)
            await leader.kill()
        last = Leader(database, broker)
        await eventually(lambda: is_so(database, "SELECT count(*) FROM outbox", 0), seconds=20)
        heard = await heard_by(queue)
        await last.kill()

    assert out_of_order(heard) == []
    assert sum(map(len, heard.values())) > 200


async def test_beside_an_import_each_complaint_is_heard_in_order_and_the_living_do_not_wait(database, broker):
    producer, leader = Producer(database, Random(3)), Leader(database, broker)
    await eventually(lambda: leader.post.connected)
    living = Producer(database, Random(4), subjects=[new_id() for _ in range(5)])
    async with an_outsider(broker, "ext.audit.both", "complaint.#", "clock.#") as queue:
        await producer.commit(3000, bulk=True)
        for _ in range(10):
            # Some of what was imported is worked on while it is still on its way.
            await producer.commit(20)
            await living.commit(5)
            leader.relay.wake()
            await asyncio.sleep(0.01)
        await eventually(lambda: is_so(database, "SELECT count(*) FROM outbox WHERE NOT bulk", 0))
        async with database.direct() as connection:
            behind = await connection.fetchval("SELECT count(*) FROM outbox WHERE bulk")
        await eventually(lambda: is_so(database, "SELECT count(*) FROM outbox", 0), seconds=30)
        heard = await heard_by(queue)
    await leader.kill()

    assert behind > 1000, "the living went out while most of the import waited"
    assert out_of_order(heard) == []
