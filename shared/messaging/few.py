"""How is much done beside the work without a task for each? A few at a time, in the order of asking."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

Job = Callable[[], Awaitable[None]]
"""Must not raise: nobody waits for it."""


class Few:
    """Runs jobs in the background, at most so many at once; those that wait cost no task."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._waiting: deque[Job] = deque()
        self._running: set[asyncio.Task[None]] = set()

    def soon(self, job: Job) -> None:
        """Run it when its turn has come."""
        self._waiting.append(job)
        if len(self._running) < self._at_once:
            task = asyncio.create_task(self._run(), name="few")
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _run(self) -> None:
        while self._waiting:
            await self._waiting.popleft()()
