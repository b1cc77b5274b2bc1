"""How does a service stay subscribed? One consumer for the living, one for bulk work, each kept attached."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from aiormq.exceptions import AMQPError

from shared.clock import Clock
from shared.messaging.backlog import BULK, LIVE, Backlog
from shared.messaging.post import Post
from shared.messaging.shell import Shell
from shared.messaging.subscribe import Consumer, OnWord
from shared.settings import ServiceSettings

log = structlog.get_logger("kesu.process")
_WATCH_SECONDS = 2.0
_REATTACH_SECONDS = 10.0
_BULK_SHARE = 4
"""A quarter of the prefetch: each message holds up to a hundred events, all of them in memory."""


class Hearing:
    """The consumers of a service's two queues, and what waits in them."""

    def __init__(
        self,
        service: str,
        settings: ServiceSettings,
        *,
        shell: Shell[Any],
        post: Post,
        clock: Clock,
        on_word: OnWord | None = None,
    ) -> None:
        def consumer(prefetch: int, *, bulk: bool) -> Consumer[Any]:
            return Consumer(
                service=service,
                amqp_url=settings.amqp_url,
                shell=shell,
                post=post,
                clock=clock,
                prefetch=prefetch,
                inbox_days=settings.inbox_days,
                bulk=bulk,
                on_word=on_word,
            )

        self._post = post
        self.live = consumer(settings.prefetch, bulk=False)
        self.bulk = consumer(max(1, settings.prefetch // _BULK_SHARE), bulk=True)
        self.backlog = Backlog({LIVE: self.live, BULK: self.bulk}, post.waiting_in, clock)
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def attached(self) -> bool:
        """Whether the broker has this process as a consumer of both queues."""
        return self.live.attached and self.bulk.attached

    @property
    def tasks(self) -> tuple[asyncio.Task[None], ...]:
        """What keeps it so; none of them ends by itself."""
        return tuple(self._tasks)

    async def queues_are_there(self) -> bool:
        """Whether the broker could be asked for both queues just now, and had them."""
        found = [await self._post.waiting_in(one.queue) for one in (self.live, self.bulk)]
        return None not in found

    def start(self, on_end: Callable[[asyncio.Task[None]], None]) -> None:
        """Begin to subscribe; the broker may come later: a site registers while its link is down."""
        self._tasks = [
            asyncio.create_task(self._keep(self.live), name="consumer"),
            asyncio.create_task(self._keep(self.bulk), name="bulk consumer"),
            asyncio.create_task(self.backlog.run(), name="backlog"),
        ]
        for task in self._tasks:
            task.add_done_callback(on_end)

    async def stop(self) -> None:
        """Cancel both consumers and wait for what is in hand."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(self.live.stop(), self.bulk.stop())

    async def _keep(self, consumer: Consumer[Any]) -> None:
        """Subscribe, and subscribe anew if the broker took the subscription away and it did not heal.

        The library restores a lost connection itself; what it may miss is a queue that did not exist
        yet, or a consumer that the server cancelled (engineering.md section 1.7).
        """
        missing = 0
        while True:
            if not consumer.attached:
                missing += 1
                if missing == 1 or (missing * _WATCH_SECONDS >= _REATTACH_SECONDS and self._post.connected):
                    await self._attach(consumer)
                    missing = 1
            else:
                missing = 0
            await asyncio.sleep(_WATCH_SECONDS)

    async def _attach(self, consumer: Consumer[Any]) -> None:
        try:
            await consumer.restart()
        except (AMQPError, OSError, RuntimeError, TimeoutError) as error:
            log.warning(
                "consumer.not_attached",
                queue=consumer.queue,
                error=type(error).__name__,
                detail=str(error)[:200],
            )
