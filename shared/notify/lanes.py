"""How does a slow channel hold up no other? Each target has a lane of its own with few, own threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class Lane:
    """The way to one target: so many calls at once, so many waiting, and not one more."""

    def __init__(self, name: str, *, threads: int, most_waiting: int) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=f"notify-{name}")
        self._free = asyncio.Semaphore(threads)
        self._most = threads + most_waiting
        self._load = 0
        self._lock = threading.Lock()

    @property
    def is_full(self) -> bool:
        """Whether one more would have to wait longer than is good for its lease."""
        return self._load >= self._most

    async def call(self, work: Callable[[], T], *, timeout_seconds: float) -> T:
        """The work's result. Raises TimeoutError once it has run that long.

        A thread cannot be ended: it keeps its place until its socket gives up, so a broken target
        never has more than its own few threads.
        """
        self._count(1)
        try:
            await self._free.acquire()
        except BaseException:
            self._count(-1)
            raise
        loop = asyncio.get_running_loop()
        future = self._executor.submit(work)
        future.add_done_callback(lambda ended: self._ended(loop, ended))
        async with asyncio.timeout(timeout_seconds):
            return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Take nothing new; threads that still run end by themselves."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _ended(self, loop: asyncio.AbstractEventLoop, _ended: Future[T]) -> None:
        self._count(-1)
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._free.release)

    def _count(self, change: int) -> None:
        with self._lock:
            self._load += change


class Lanes:
    """A lane for each target, made when it is first needed."""

    def __init__(self, *, threads: int = 4, most_waiting: int = 16) -> None:
        self._threads = threads
        self._most_waiting = most_waiting
        self._lanes: dict[str, Lane] = {}

    def to(self, target: str) -> Lane:
        """The target's lane."""
        if target not in self._lanes:
            name = str(len(self._lanes))
            self._lanes[target] = Lane(name, threads=self._threads, most_waiting=self._most_waiting)
        return self._lanes[target]

    def close(self) -> None:
        """Close them all."""
        for lane in self._lanes.values():
            lane.close()
