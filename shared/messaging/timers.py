"""Who fires what time has come for? One loop that sleeps until the next timer is due.

Not a scan of complaints: the earliest `wake_at` is the first entry of a partial index. After an outage the
overdue ones fire once each, oldest first, in batches.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import structlog

from shared.clock import monotonic
from shared.database.documents import DocumentStore, StaleState
from shared.database.transaction import FAILURES, Database
from shared.messaging.shell import Shell

log = structlog.get_logger("kesu.timers")
# A timer that another replica or another part of this one has armed is noticed that late at most.
_LONGEST_SLEEP_SECONDS = 0.5
_SHORTEST_SLEEP_SECONDS = 0.005
_MANY = 50
"""So many at once are the beginning of a burst."""
_LONGEST_BURST_SECONDS = 15.0


class Timers:
    """Fires `Due` for one service; several replicas may run it at once."""

    def __init__(
        self,
        database: Database,
        store: DocumentStore[Any],
        shell: Shell[Any],
        *,
        on_burst: Callable[[], None] | None = None,
    ) -> None:
        """`on_burst` is called while much falls due together: what can wait should let timers pass."""
        self._database = database
        self._store = store
        self._shell = shell
        self._on_burst = on_burst
        self._burst_since: float | None = None
        self._stopping = False

    async def run(self) -> None:
        """Fire until `stop`."""
        failures = 0
        while not self._stopping:
            try:
                fired = await self._shell.fire_due()
                self._tell_of_burst(fired)
                if not fired:
                    await self._sleep_until_next()
                failures = 0
            except (*FAILURES, StaleState) as error:
                failures += 1
                log.warning("timers.interrupted", error=type(error).__name__)
                await asyncio.sleep(min(5.0, 0.1 * 2**failures))

    def stop(self) -> None:
        """Return from `run` after the batch in hand."""
        self._stopping = True

    def _tell_of_burst(self, fired: int) -> None:
        """First everything is fired and committed, then told; but nobody waits for the end of a flood."""
        if fired < _MANY:
            self._burst_since = None
            return
        self._burst_since = self._burst_since or monotonic()
        if self._on_burst is not None and monotonic() - self._burst_since < _LONGEST_BURST_SECONDS:
            self._on_burst()

    async def _sleep_until_next(self) -> None:
        async with self._database.direct() as connection:
            left = await self._store.seconds_to_next(connection)
        longest = _LONGEST_SLEEP_SECONDS
        seconds = longest if left is None else min(longest, max(_SHORTEST_SLEEP_SECONDS, left))
        await asyncio.sleep(seconds)
