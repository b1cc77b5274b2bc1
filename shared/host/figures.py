"""How fresh are the figures that are counted in a database? As fresh as can be without anybody waiting.

Prometheus asks every few seconds and gives up after ten. Counting begins when it asks; what is counted
within a moment is shown at once, what takes longer is shown the next time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from shared.clock import monotonic
from shared.database.transaction import FAILURES
from shared.observability import metrics

_FRESH_SECONDS = 5.0
_REST = 50.0
"""Counting a large register takes a moment: it may cost at most a fiftieth of the time."""
_WAIT_SECONDS = 0.25


class Figures:
    """Counts anew at most every five seconds, at large registers more seldom, one count at a time."""

    def __init__(self, count: Callable[[], Awaitable[None]]) -> None:
        self._count = count
        self._counting: asyncio.Task[None] | None = None
        self._counted_until = float("-inf")

    async def up_to_date(self) -> None:
        """Count if it is time; wait a moment for it. Never raises what the servers say."""
        if self._counting is None or self._counting.done():
            if monotonic() <= self._counted_until:
                return
            self._counting = asyncio.create_task(self._counted(), name="figures")
        await asyncio.wait({self._counting}, timeout=_WAIT_SECONDS)

    async def _counted(self) -> None:
        began = monotonic()
        try:
            await self._count()
        except FAILURES:
            metrics.OUTBOX_OLDEST.set(float("nan"))
        self._counted_until = began + max(_FRESH_SECONDS, _REST * (monotonic() - began))
