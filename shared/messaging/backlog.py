"""How much waits to be handled, how old is the oldest of it, and may more bulk work come in?

A queue that grows is seen by nobody who looks at outboxes only, and bulk work is taken in faster than four
services can handle it: whoever brings it is slowed down before it piles up (docs/decisions/0062).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.clock import Clock, monotonic
from shared.database.transaction import Database
from shared.errors import Unavailable
from shared.messaging.topology import SERVICES, bulk_queue
from shared.observability import metrics

Lane = str
LIVE: Lane = "live"
BULK: Lane = "bulk"
_LOOK_SECONDS = 2.0
_AGAIN_SECONDS = 0.2
_PATIENCE_SECONDS = 10.0
MOST_MESSAGES = 100
"""In one bulk queue, each of up to 100 events: seconds of work, so what is imported and still open is not
long without its clocks."""
MOST_IN_OUTBOX = 3000
_IN_OUTBOX = "SELECT count(*) FROM outbox WHERE bulk"

WaitingIn = Callable[[str], Awaitable[int | None]]


class Subscription(Protocol):
    """A consumer as far as its backlog is concerned."""

    @property
    def queue(self) -> str:
        """The queue's name."""
        ...

    @property
    def attached(self) -> bool:
        """Whether the broker has it as a consumer of the queue."""
        ...

    @property
    def oldest(self) -> datetime | None:
        """When the oldest event happened that it has in hand; None: there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """What one lane holds: messages in the queue (None: not known), and the age of the oldest event."""

    messages: int | None
    oldest_seconds: float


class Backlog:
    """Looks at a service's queues again and again."""

    def __init__(self, lanes: Mapping[Lane, Subscription], waiting_in: WaitingIn, clock: Clock) -> None:
        self._lanes = lanes
        self._waiting_in = waiting_in
        self._clock = clock
        self._messages: dict[Lane, int | None] = dict.fromkeys(lanes)
        self._unheard_since: dict[Lane, float] = {}
        """Since when (monotonic) messages wait and this process is not subscribed."""

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(_LOOK_SECONDS)

    async def look(self) -> None:
        """Ask the broker once, and bring the figures up to date."""
        for lane, subscription in self._lanes.items():
            messages = await self._waiting_in(subscription.queue)
            self._messages[lane] = messages
            if messages and not subscription.attached:
                self._unheard_since.setdefault(lane, monotonic())
            elif messages is not None:
                self._unheard_since.pop(lane, None)
        for lane, waiting in self.now().items():
            metrics.WAITING.labels(lane).set(float("nan") if waiting.messages is None else waiting.messages)
            metrics.OLDEST_UNHANDLED.labels(lane).set(waiting.oldest_seconds)

    def now(self) -> dict[Lane, Waiting]:
        """What waits in each lane: the messages as they were when last looked at, the age at this moment.

        Of a queue the oldest events are those in hand. A process that stands by has none and says 0; one
        that lost its subscription counts from the moment at which it saw messages wait.
        """
        return {lane: Waiting(self._messages[lane], self._age(lane)) for lane in self._lanes}

    def _age(self, lane: Lane) -> float:
        oldest = self._lanes[lane].oldest
        if oldest is not None:
            return max(0.0, (self._clock.now() - oldest).total_seconds())
        since = self._unheard_since.get(lane)
        return 0.0 if since is None else monotonic() - since


class Room:
    """Lets bulk work in while there is room for it: in this service's outbox and in every bulk queue."""

    def __init__(self, database: Database, waiting_in: WaitingIn) -> None:
        self._database = database
        self._waiting_in = waiting_in
        self._looking = asyncio.Lock()
        self._looked_at = float("-inf")
        self._full: Sequence[str] = ()

    async def wait(self) -> None:
        """Return when there is room. Raises Unavailable('bulk-backlog') after ten seconds without any."""
        deadline = monotonic() + _PATIENCE_SECONDS
        while full := await self._where_full():
            if monotonic() > deadline:
                raise Unavailable(
                    f"earlier rows are not handled yet: {', '.join(full)}",
                    code="bulk-backlog",
                    remedy="Send the same again in a few seconds; nothing is added twice.",
                )
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _where_full(self) -> Sequence[str]:
        async with self._looking:  # whoever waits for this goes by the same answer
            if monotonic() - self._looked_at >= _AGAIN_SECONDS:
                self._full = await self._look()
                self._looked_at = monotonic()
        return self._full

    async def _look(self) -> Sequence[str]:
        async with self._database.direct() as connection:
            pending = await connection.fetchval(_IN_OUTBOX)
        full = [f"{pending} events in the outbox"] if pending >= MOST_IN_OUTBOX else []
        for service in SERVICES:
            messages = await self._waiting_in(bulk_queue(service))
            if messages is not None and messages >= MOST_MESSAGES:
                full.append(f"{messages} messages for {service}")
        return full
