"""How does the small desk of `toy` run on a real broker, and who sends it events as another service does?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text

from shared.clock import SystemClock
from shared.database.transaction import Database
from shared.deciding import Event
from shared.events.base import write_event
from shared.ids import new_id
from shared.messaging import parking
from shared.messaging.post import Post
from shared.messaging.subscribe import Consumer
from shared.outbox.relay import Relay
from tests.shared.messaging import toy
from tests.support.waiting import eventually


@asynccontextmanager
async def service(database: Database, url: str) -> AsyncIterator[Consumer]:
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
    try:
        yield consumer
    finally:
        await consumer.stop()
        shell.stop()
        relay.stop()
        await asyncio.wait_for(asyncio.gather(*tasks), 10)
        await post.close()


@asynccontextmanager
async def sender(url: str) -> AsyncIterator[Post]:
    post = Post(url, service="test")
    post.open()
    try:
        await eventually(lambda: post.connected)
        yield post
    finally:
        await post.close()


async def send(post: Post, *events: Event) -> None:
    """In a bundle, as a relay does."""
    await send_bodies(post, events[0].type, *(write_event(event) for event in events))


async def send_bodies(post: Post, kind: str, *bodies: bytes) -> None:
    await post.send(b"[" + b",".join(bodies) + b"]", type_name=kind, message_id=str(new_id()))


async def is_so(database: Database, query: str, wanted: int) -> bool:
    """Whether this query finds this number."""
    async with database.reading() as connection:
        return (await connection.execute(text(query))).scalar() == wanted


async def parked(url: str, wanted: int) -> bool:
    return await parking.count(url, "routing") == wanted
