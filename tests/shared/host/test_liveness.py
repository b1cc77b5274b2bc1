"""Does a process ask for a restart when that helps, and only then?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aio_pika
from prometheus_client import REGISTRY

from shared.host.liveness import Limits, Liveness
from shared.messaging import provision
from shared.messaging.post import Post
from tests.support.waiting import eventually

QUICK = Limits(
    lag_seconds=0.2, detached_seconds=0.1, beat_seconds=0.01, look_seconds=0.01, answer_seconds=0.05
)


class Subscription:
    """What a process knows of its queue."""

    def __init__(self, *, attached: bool = True, queue: bool = True, silent: bool = False) -> None:
        self.attached = attached
        self.queue = queue
        self.silent = silent
        self.looks = 0

    def is_attached(self) -> bool:
        self.looks += 1
        return self.attached

    async def finds_queue(self) -> bool:
        if self.silent:
            await asyncio.Event().wait()
        return self.queue


@asynccontextmanager
async def watched(subscription: Subscription) -> AsyncIterator[Liveness]:
    liveness = Liveness(subscription.is_attached, subscription.finds_queue, QUICK)
    task = asyncio.create_task(liveness.run())
    yield liveness
    task.cancel()


async def looked_long_enough(subscription: Subscription) -> None:
    """Until it was looked at for more than the limit after the first look."""
    begun = time.monotonic()
    await eventually(lambda: time.monotonic() - begun > 4 * QUICK.detached_seconds and subscription.looks > 5)


def _measured(what: str) -> float:
    return REGISTRY.get_sample_value(f"kesu_event_loop_lag_seconds_{what}") or 0.0


async def test_a_process_that_misses_a_queue_that_is_there_is_restarted():
    subscription = Subscription(attached=False)

    async with watched(subscription) as liveness:
        await eventually(lambda: liveness.complaints() == ["consumer"])
        subscription.attached = True

        await eventually(lambda: liveness.complaints() == [])


async def test_a_broker_without_the_queue_is_no_reason_to_restart():
    subscription = Subscription(attached=False, queue=False)

    async with watched(subscription) as liveness:
        await looked_long_enough(subscription)

        assert liveness.complaints() == []


async def test_a_link_that_fell_silent_is_no_reason_to_restart():
    subscription = Subscription(attached=False, silent=True)

    async with watched(subscription) as liveness:
        await looked_long_enough(subscription)

        assert liveness.complaints() == []


async def test_a_loop_that_is_stuck_is_told_as_long_as_it_is():
    async with watched(Subscription()) as liveness:
        beats = _measured("count")
        await eventually(lambda: _measured("count") > beats)
        before = _measured("sum")
        time.sleep(0.3)  # The very thing that a handler must not do.

        assert liveness.complaints() == ["loop"]
        await eventually(lambda: liveness.complaints() == [])
        await eventually(lambda: _measured("sum") - before > 0.2)


def _open_channels(post: Post) -> int:
    assert post._connection is not None
    assert post._connection.transport is not None
    return sum(channel is not None for channel in post._connection.transport.connection.channels.values())


async def test_a_real_broker_is_asked_for_the_queue(amqp_url):
    post = Post(amqp_url, service="routing")

    async def finds_queue() -> bool:
        return await post.waiting_in("kesu.routing.v1") is not None

    assert not await finds_queue()  # not connected yet
    post.open()
    await eventually(lambda: post.connected)
    assert not await finds_queue()  # connected, but the topology is another step's work
    before = _open_channels(post)
    for _ in range(10):
        await finds_queue()
    await eventually(lambda: _open_channels(post) == before, what="channels that looked are closed")
    await provision.apply(amqp_url)
    assert await finds_queue()
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        await channel.queue_delete("kesu.routing.v1")
    assert not await finds_queue()
    await post.close()
