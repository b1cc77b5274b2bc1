"""Does a service notice that its queue or a binding was taken away, mend it, and get what it missed?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import aio_pika
import pytest

from shared.clock import SystemClock, monotonic
from shared.database.transaction import Database
from shared.events.base import write_event
from shared.host.watching import Watch
from shared.ids import new_id
from shared.local.amqp_greeting import door
from shared.messaging import parking, provision
from shared.messaging.post import Post
from shared.messaging.subscribe import Consumer
from shared.messaging.topology import LOG_STREAM, work_queue
from shared.observability import metrics
from tests.shared.messaging import toy
from tests.shared.messaging.running import is_so, send, sender
from tests.support.waiting import eventually

QUEUE = work_queue("routing")
COUNT = "SELECT coalesce(sum(count), 0) FROM counters"
REGISTERED, ACKNOWLEDGED = "complaint.registered.v1.#", "complaint.acknowledged.v1.#"
pytestmark = pytest.mark.timeout(90)


@dataclass
class Settings:
    amqp_url: str
    inbox_days: int = 35


@dataclass
class Desk:
    """The toy desk with a watch, as a process runs them."""

    database: Database
    url: str
    watch: Watch
    consumer: Consumer

    async def handled(self, wanted: int) -> None:
        await eventually(lambda: is_so(self.database, COUNT, wanted), 30, what=f"{wanted} handled")

    async def sound(self) -> None:
        await eventually(lambda: self.probing.sound_at is not None, 20, what="a sound round")

    async def ill(self, *words: str) -> None:
        """Until the problems name all of these."""
        await eventually(
            lambda: all(word in " ".join(self.watch.problems()) for word in words), 15, what=f"{words}"
        )

    async def well(self) -> None:
        await eventually(lambda: not self.watch.problems() and self.consumer.attached, 30, what="no problems")

    @property
    def probing(self):
        return self.watch._probing[QUEUE]


@asynccontextmanager
async def a_desk(database: Database, url: str) -> AsyncIterator[Desk]:
    post, clock = Post(url, service="routing"), SystemClock()
    watch = Watch("routing", Settings(url), post, database, clock, leads=lambda: True)
    shell = toy.shell(database)
    consumer = Consumer(
        service="routing", amqp_url=url, shell=shell, post=post, clock=clock, prefetch=50, inbox_days=35,
        on_word=watch.hear,
    )  # fmt: skip
    post.open()
    await consumer.start()
    running = [asyncio.create_task(shell.run()), asyncio.create_task(watch.run())]
    yield Desk(database, url, watch, consumer)
    watch.stop()
    await consumer.stop()
    shell.stop()
    await asyncio.wait_for(asyncio.gather(*running), 15)
    await post.close()


@pytest.fixture
async def database(database_url: str, amqp_url: str):
    database = Database(database_url, service="toy")
    await toy.make_tables(database)
    await provision.apply(amqp_url)
    yield database
    await database.close()


@pytest.fixture
async def desk(database, amqp_url):
    async with a_desk(database, amqp_url) as one:
        yield one


@asynccontextmanager
async def channel_to(url: str) -> AsyncIterator[aio_pika.abc.AbstractChannel]:
    async with await aio_pika.connect(url) as connection:
        yield await connection.channel()


async def unbind(url: str, key: str, queue: str = QUEUE) -> None:
    async with channel_to(url) as channel:
        await (await channel.get_queue(queue, ensure=False)).unbind("kesu.bundles", key)


async def test_a_deleted_queue_is_noticed_made_anew_and_what_it_missed_is_handled_once(desk, amqp_url):
    complaints, lost = [new_id() for _ in range(20)], metrics.LOST._value.get()
    async with sender(amqp_url) as post:
        await send(post, *(toy.registered(one) for one in complaints))
        await desk.handled(20)
        async with channel_to(amqp_url) as channel:
            await channel.queue_delete(QUEUE)
        await send(post, *(toy.acknowledged(one) for one in complaints))
        await eventually(lambda: not desk.consumer.attached, 5)
        await desk.ill(f"{QUEUE} is missing")
        await send(post, *(toy.registered(one, sequence=3) for one in complaints))
        await desk.handled(60)

    await desk.well()
    assert metrics.LOST._value.get() > lost
    assert await is_so(
        desk.database, "SELECT count(*) FROM counters WHERE state->'seen' = '[1, 2, 3]'", len(complaints)
    )
    assert await parking.count(amqp_url, "routing") == 0


async def test_a_lost_binding_is_noticed_mended_and_what_it_missed_is_handled(desk, amqp_url):
    complaints = [new_id() for _ in range(10)]
    await desk.sound()
    async with sender(amqp_url) as post:
        await unbind(amqp_url, REGISTERED)
        await send(post, *(toy.registered(one) for one in complaints))
        await desk.ill(f"{QUEUE} does not hear {REGISTERED} of kesu.bundles")
        await desk.handled(10)

    await desk.well()
    await send_and_see(desk, amqp_url, 11)


async def send_and_see(desk: Desk, url: str, wanted: int) -> None:
    async with sender(url) as post:
        await send(post, toy.registered(new_id()))
        await desk.handled(wanted)


async def test_a_process_that_never_saw_its_binding_reads_the_whole_log(database, amqp_url):
    complaint = new_id()
    await unbind(amqp_url, REGISTERED)
    async with sender(amqp_url) as post:
        await send(post, toy.registered(complaint))
    async with a_desk(database, amqp_url) as desk:
        await desk.handled(1)
        await desk.well()


async def test_a_queue_that_was_made_anew_while_nobody_ran_says_so_itself(database, amqp_url):
    async with sender(amqp_url) as post:
        async with channel_to(amqp_url) as channel:
            await channel.queue_delete(QUEUE)
        await send(post, toy.registered(new_id()))
    await provision.apply(amqp_url)

    async with a_desk(database, amqp_url) as desk:
        await desk.handled(1)
        await desk.well()


async def test_a_fresh_topology_has_missed_nothing(amqp_url):
    await provision.apply(amqp_url)

    async with channel_to(amqp_url) as channel:
        queue = await channel.declare_queue(QUEUE, passive=True)
        assert queue.declaration_result.message_count == 0


async def test_what_belongs_to_all_is_reported_and_not_made_by_a_service(desk, amqp_url):
    await desk.sound()
    async with channel_to(amqp_url) as channel:
        await channel.queue_delete("kesu.retry.1m")
        await channel.exchange_delete("kesu.parking")

    await desk.ill("kesu.retry.1m is missing", "kesu.parking is missing")
    await provision.apply(amqp_url)
    await desk.well()


async def test_a_log_that_hears_nothing_any_more_is_noticed_when_something_is_sent(desk, amqp_url):
    await desk.sound()
    await unbind(amqp_url, "*.*.*", LOG_STREAM)
    await desk.watch._post.send(b"[]", type_name="complaint.registered.v1", message_id=str(new_id()))

    await desk.ill("kesu.bundles leads nowhere for kesu.log.word")
    await provision.apply(amqp_url)
    await desk.well()


async def test_probes_stand_in_no_log_and_do_nothing(desk, amqp_url):
    await desk.sound()

    async with channel_to(amqp_url) as channel:
        log = await channel.declare_queue(LOG_STREAM, passive=True)
        assert log.declaration_result.message_count == 0
    assert await is_so(desk.database, "SELECT count(*) FROM inbox", 0)


@pytest.fixture
def restricted(amqp_url, rabbitmq_server):
    """URL of a user who may declare nothing, and the management API with the place of its rights."""
    management, vhost = rabbitmq_server.management, door(amqp_url).vhost
    name = f"reader-{new_id().hex}"
    management.call("PUT", f"/api/users/{name}", {"password": "secret", "tags": ""})
    rights = {"configure": "^$", "write": "kesu\\..*", "read": "kesu\\..*"}
    management.call("PUT", f"/api/permissions/{vhost}/{name}", rights)
    parts = urlsplit(amqp_url)
    url = urlunsplit(parts._replace(netloc=f"{name}:secret@{parts.netloc.rpartition('@')[2]}"))
    yield url, management, f"{vhost}/{name}"
    management.call("DELETE", f"/api/users/{name}")


async def test_without_the_right_it_says_what_is_missing_and_who_can_mend_it(database, amqp_url, restricted):
    url, _, _ = restricted
    async with a_desk(database, url) as desk:
        await desk.sound()
        async with channel_to(amqp_url) as channel:
            await channel.queue_delete(QUEUE)
        await desk.ill(f"{QUEUE} is missing", "`kesu topology repair`")
        await provision.apply(amqp_url)
        await eventually(lambda: not desk.watch.problems(), 20)


async def test_a_user_who_may_not_probe_reports_no_loss_and_events_go_on(database, restricted):
    url, management, place = restricted
    own = {"exchange": "kesu.bundles", "write": "^complaint\\.(registered|accepted)\\.v1$", "read": ".*"}
    management.call("PUT", f"/api/topic-permissions/{place}", own)
    async with a_desk(database, url) as desk:
        await eventually(lambda: desk.watch._probed > monotonic(), 20, what="probing given up")
        for wanted in (1, 2):
            await desk.watch._post.send(
                b"[" + write_event(toy.registered(new_id())) + b"]",
                type_name="complaint.registered.v1",
                message_id=str(new_id()),
            )
            await desk.handled(wanted)

        assert desk.watch.problems() == []
        assert desk.probing.sound_at is None
