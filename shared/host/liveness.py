"""Would a restart help this process? Only if its loop is stuck, or it misses a queue that is there.

A broker that is away, or that has no such queue, says nothing against the process: every other one would
fare the same, and intake registers meanwhile. That is readiness, not liveness (docs/decisions/0049).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from shared.clock import monotonic
from shared.observability import metrics


@dataclass(frozen=True, slots=True)
class Limits:
    """How long something may last before a restart is called for."""

    lag_seconds: float = 5.0
    detached_seconds: float = 60.0
    beat_seconds: float = 0.5
    look_seconds: float = 2.0
    answer_seconds: float = 5.0


class Liveness:
    """Watches the loop and the subscription; `complaints` says what is wrong now.

    `is_attached` tells whether the queue is consumed, `finds_queue` whether the broker could be asked
    for it just now and had it.
    """

    def __init__(
        self,
        is_attached: Callable[[], bool],
        finds_queue: Callable[[], Awaitable[bool]],
        limits: Limits = Limits(),
    ) -> None:
        self._is_attached = is_attached
        self._finds_queue = finds_queue
        self._limits = limits
        self._due = 0.0
        self._missing_since: float | None = None

    async def run(self) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as watching:
            watching.create_task(self._beat())
            watching.create_task(self._look())

    async def _beat(self) -> None:
        while True:
            self._due = monotonic() + self._limits.beat_seconds
            await asyncio.sleep(self._limits.beat_seconds)
            metrics.LOOP_LAG.observe(self.lag())

    async def _look(self) -> None:
        while True:
            if self._is_attached() or not await self._queue_is_there():
                self._missing_since = None
            elif self._missing_since is None:
                self._missing_since = monotonic()
            await asyncio.sleep(self._limits.look_seconds)

    async def _queue_is_there(self) -> bool:
        try:
            async with asyncio.timeout(self._limits.answer_seconds):
                return await self._finds_queue()
        except TimeoutError:
            return False  # A link that fell silent; a restart would not make it speak.

    def lag(self) -> float:
        """Seconds by which the loop is late with its next beat."""
        return max(0.0, monotonic() - self._due) if self._due else 0.0

    def complaints(self) -> list[str]:
        """`loop` while it is stuck, `consumer` when it has missed a queue that is there for too long."""
        missing = self._missing_since
        late = self.lag() > self._limits.lag_seconds
        deaf = missing is not None and monotonic() - missing > self._limits.detached_seconds
        return [name for name, wrong in (("loop", late), ("consumer", deaf)) if wrong]
