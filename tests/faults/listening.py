"""What does another system hear, in which order and how soon? A queue that is consumed while the suite works."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from aio_pika.abc import AbstractIncomingMessage

from shared.clock import SystemClock
from shared.messaging.provision import connect
from shared.messaging.topology import EVENTS_EXCHANGE


class Listener:
    """Remembers every event with the moment at which it came, in the order of its queue."""

    def __init__(self, url: str, queue: str, keys: Sequence[str]) -> None:
        self._url = url
        self._queue = queue
        self._keys = keys
        self._clock = SystemClock()
        self._came: list[tuple[datetime, bytes]] = []
        self._marks: list[tuple[datetime, str]] = [(self._clock.now(), "at first")]

    @property
    def count(self) -> int:
        """How many messages came."""
        return len(self._came)

    def mark(self, name: str) -> None:
        """What is registered from now on counts under this name."""
        self._marks.append((self._clock.now(), name))

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Declare, bind and consume while the block runs."""
        connection = await connect(self._url, name="kesu-rig-listener")
        async with connection:
            channel = await connection.channel()
            queue = await channel.declare_queue(
                self._queue, durable=True, arguments={"x-queue-type": "quorum"}
            )
            for key in self._keys:
                await queue.bind(EVENTS_EXCHANGE, routing_key=key)
            # Neither acknowledged nor read now: this process is to measure the suite and not itself.
            await queue.consume(self._take, no_ack=True)
            yield
            await asyncio.sleep(0.5)

    async def _take(self, message: AbstractIncomingMessage) -> None:
        self._came.append((self._clock.now(), message.body))

    @property
    def _heard(self) -> Iterator[tuple[datetime, Mapping[str, Any]]]:
        return ((at, orjson.loads(body)) for at, body in self._came)

    def delays(self, complaints: set[UUID]) -> dict[str, list[float]]:
        """Seconds from the entry in the register to the first `clock.started`, by the mark it fell under."""
        entered: dict[UUID, datetime] = {}
        found: dict[str, list[float]] = {name: [] for _, name in self._marks}
        for at, event in self._heard:
            who = UUID(event["subject"])
            if event["type"] == "complaint.registered.v1" and who in complaints:
                entered.setdefault(who, datetime.fromisoformat(event["time"]))
            elif event["type"] == "clock.started.v1" and (since := entered.pop(who, None)) is not None:
                name = [name for moment, name in self._marks if moment <= since or name == "at first"][-1]
                found[name].append((at - since).total_seconds())
        return found

    def breaches(self, complaints: set[UUID]) -> list[tuple[float, float]]:
        """How late each breach of these fired, and how late it came here after its due date, in seconds."""
        return [
            (
                float(event["data"]["lag_seconds"]),
                (at - datetime.fromisoformat(event["data"]["due_at"])).total_seconds(),
            )
            for at, event in self._heard
            if event["type"] == "clock.breached.v1" and UUID(event["subject"]) in complaints
        ]

    def out_of_order(self) -> list[tuple[UUID, str]]:
        """Complaints of which an event came after a later one of the same producer for the first time."""
        latest: dict[tuple[str, str], int] = defaultdict(int)
        seen: set[str] = set()
        late: dict[UUID, str] = {}
        for _, event in self._heard:
            if event["id"] in seen:
                continue
            seen.add(event["id"])
            whose = (event["subject"], event["source"].rsplit("/", 1)[-1])
            if event["sequence"] < latest[whose]:
                late.setdefault(UUID(event["subject"]), f"{event['type']} after number {latest[whose]}")
            latest[whose] = max(latest[whose], event["sequence"])
        return list(late.items())
