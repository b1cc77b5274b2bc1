"""Who is next? The living first, and bulk work behind them, a part of it in every batch.

History that is imported, or all clocks recomputed, comes by the thousand and nobody waits for a single one
of them; for what comes in meanwhile somebody does (docs/decisions/0062).
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from uuid import UUID

from shared.clock import monotonic
from shared.deciding import Event
from shared.messaging.batch import Work

MOST_BULK = 300
"""In one batch, while nobody else comes."""
BESIDE_THE_LIVING = 150
"""The same while some do: whoever comes next waits for so many at most."""
LEAST_BULK = 15
"""However many of the living wait: bulk work never stands still."""

_MEANWHILE_SECONDS = 1.0

Entry = tuple[Work, Callable[[Work], None], float]
"""What is to be done, whom to tell, and since when (monotonic) it waits."""


class Lanes:
    """What waits for one batch shell."""

    def __init__(self) -> None:
        self._live: deque[Entry] = deque()
        self._bulk: deque[Entry] = deque()
        self._behind: Counter[UUID] = Counter()
        """Complaints with bulk work that waits."""
        self._live_at = float("-inf")
        """When (monotonic) the last batch with some of the living was taken."""
        self._arrived = asyncio.Event()

    def __len__(self) -> int:
        """How many wait."""
        return len(self._live) + len(self._bulk)

    def put(self, entry: Entry) -> None:
        """Behind those of its lane; an event also behind the bulk work of its complaint."""
        work = entry[0]
        if work.bulk or (
            self._behind and isinstance(work.message, Event) and work.complaint_id in self._behind
        ):
            self._behind[work.complaint_id] += 1
            self._bulk.append(entry)
        else:
            self._live.append(entry)
        self._arrived.set()

    def wake(self) -> None:
        """Let `something` return although nothing came."""
        self._arrived.set()

    async def something(self) -> None:
        """Return when something waits."""
        await self._arrived.wait()

    def take(self, most: int) -> list[Entry]:
        """The next batch: `most` of the living, and behind them what there is room for of the bulk."""
        live = [self._live.popleft() for _ in range(min(most, len(self._live)))]
        if live:
            self._live_at = monotonic()
        share = BESIDE_THE_LIVING if monotonic() - self._live_at < _MEANWHILE_SECONDS else MOST_BULK
        room = max(LEAST_BULK, min(share, most - len(live)))
        bulk = [self._bulk.popleft() for _ in range(min(room, len(self._bulk)))]
        for work, _, _ in bulk:
            self._behind[work.complaint_id] -= 1
            if not self._behind[work.complaint_id]:
                del self._behind[work.complaint_id]
        if not self:
            self._arrived.clear()
        return live + bulk
