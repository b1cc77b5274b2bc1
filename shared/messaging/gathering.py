"""May an event wait a moment for company? Where nobody looks at its effect at once, yes.

A register is read by people, a questionnaire goes out in days: what reaches them within a quarter of a
second is written together, and the document of a complaint once for two events (docs/decisions/0058).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from shared.clock import monotonic

E = TypeVar("E")


class Gathering(Generic[E]):
    """Lets go what has gathered, at most once in so many seconds; the first after a pause at once."""

    def __init__(self, let_go: Callable[[E], None], *, apart_seconds: float) -> None:
        self._let_go = let_go
        self._apart = apart_seconds
        self._gathered: list[E] = []
        self._timer: asyncio.TimerHandle | None = None
        self._let_go_at = float("-inf")

    def add(self, entry: E) -> None:
        """Keep it, for no longer than the time apart."""
        if not self._apart:
            self._let_go(entry)
            return
        self._gathered.append(entry)
        if self._timer is None:
            left = max(0.0, self._let_go_at + self._apart - monotonic())
            self._timer = asyncio.get_running_loop().call_later(left, self.end)

    def end(self) -> None:
        """Let go all of it, in its order."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._let_go_at = monotonic()
        gathered, self._gathered = self._gathered, []
        for entry in gathered:
            self._let_go(entry)
