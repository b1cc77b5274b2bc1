"""How long did the journeys take? From sending to the commit that arms the clock in escalation."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from benchmarks.load import Sent
from shared.clock import monotonic
from shared.errors import Unavailable

_LOOK_EVERY_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Journeys:
    """What a set of complaints took."""

    count: int
    seconds: float
    """From the first that was sent to the last that arrived."""
    latencies: tuple[float, ...]
    """Seconds of each, sorted."""

    @property
    def rate(self) -> float:
        """Complaints per second."""
        return self.count / self.seconds

    def percentile(self, share: float) -> float:
        """Seconds within which this share of them (0 to 1) arrived."""
        return self.latencies[min(self.count - 1, int(share * self.count))]


def journeys_of(sent: Sent, arrived: dict[UUID, float]) -> Journeys:
    """Match the two ends; every complaint sent must have arrived."""
    latencies = sorted(arrived[complaint] - at for complaint, at in sent.items())
    seconds = max(arrived[complaint] for complaint in sent) - min(sent.values())
    return Journeys(len(sent), seconds, tuple(latencies))


async def completed(database: str, arrived: str, sent: Sent, *, patience_seconds: float = 60) -> Journeys:
    """The journeys once all have ended. Raises Unavailable when they do not.

    The time of a commit is PostgreSQL's own note of it, taken on the clock that the sender reads too.
    """
    deadline = monotonic() + patience_seconds
    connection = await asyncpg.connect(database)
    try:
        while True:
            rows = await connection.fetch(arrived)
            found = {row[0]: row[1].timestamp() for row in rows}
            missing = len(sent.keys() - found.keys())
            if not missing:
                return journeys_of(sent, found)
            if monotonic() > deadline:
                raise Unavailable(f"{missing} of {len(sent)} complaints did not reach escalation")
            await asyncio.sleep(_LOOK_EVERY_SECONDS if missing < 200 else 5 * _LOOK_EVERY_SECONDS)
    finally:
        await connection.close()
