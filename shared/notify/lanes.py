"""How does a slow channel hold up no other? Each target has a lane of its own with few, own threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from shared.clock import monotonic

T = TypeVar("T")


class Lane:
    """The way to one target: so many calls at once, so many waiting, and not one more."""

    def __init__(self, *, threads: int, most_waiting: int) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="notify")
        self._free = asyncio.Semaphore(threads)
        self._most = threads + most_waiting
        self._load = 0
        self._used_at = monotonic()
        self._lock = threading.Lock()

    @property
    def is_full(self) -> bool:
        """Whether one more would have to wait longer than is good for its lease."""
        return self._load >= self._most

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs or waits in it."""
        return not self._load

    @property
    def idle_for(self) -> float:
        """Seconds since the last call ended; below zero while there is one."""
        with self._lock:
            return -1.0 if self._load else monotonic() - self._used_at

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
            self._used_at = monotonic()


class Lanes:
    """A lane for each target, made when it is needed, ended when it has been idle; never more than `most`."""

    def __init__(
        self, *, threads: int = 4, most_waiting: int = 16, most: int = 64, idle_seconds: float = 60.0
    ) -> None:
        self._threads = threads
        self._most_waiting = most_waiting
        self._most = most
        self._idle_seconds = idle_seconds
        self._lanes: dict[str, Lane] = {}

    def __len__(self) -> int:
        """How many there are, in use or idle."""
        return len(self._lanes)

    def is_full(self, target: str) -> bool:
        """Whether one more call to the target would wait too long, or would be one lane too many."""
        lane = self._lanes.get(target)
        if lane is not None:
            return lane.is_full
        return len(self._lanes) >= self._most and not any(one.is_idle for one in self._lanes.values())

    async def call(self, target: str, work: Callable[[], T], *, timeout_seconds: float) -> T:
        """The work's result. Raises TimeoutError once it has run that long."""
        return await self._to(target).call(work, timeout_seconds=timeout_seconds)

    def end_idle(self, *, after_seconds: float | None = None) -> None:
        """End the lanes that nobody has used for so long, with their threads."""
        bound = self._idle_seconds if after_seconds is None else after_seconds
        for target, lane in tuple(self._lanes.items()):
            if lane.idle_for >= bound:
                lane.close()
                del self._lanes[target]

    def close(self) -> None:
        """Close them all."""
        for lane in self._lanes.values():
            lane.close()

    def _to(self, target: str) -> Lane:
        lane = self._lanes.get(target)
        if lane is None:
            if len(self._lanes) >= self._most:
                self.end_idle(after_seconds=0.0)
            lane = self._lanes[target] = Lane(threads=self._threads, most_waiting=self._most_waiting)
        return lane
