"""Who fires what time has come for? One loop that sleeps until the next timer is due.

Not a scan of complaints: the earliest `wake_at` is the first entry of a partial index. After an outage the
overdue ones fire once each, oldest first, in batches.
"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from shared.database.documents import DocumentStore, StaleState
from shared.database.transaction import FAILURES, Database
from shared.messaging.shell import Shell

log = structlog.get_logger("kesu.timers")
_LONGEST_SLEEP_SECONDS = 1.0
_SHORTEST_SLEEP_SECONDS = 0.005


class Timers:
    """Fires `Due` for one service; several replicas may run it at once."""

    def __init__(self, database: Database, store: DocumentStore[Any], shell: Shell[Any]) -> None:
        self._database = database
        self._store = store
        self._shell = shell
        self._stopping = False

    async def run(self) -> None:
        """Fire until `stop`."""
        failures = 0
        while not self._stopping:
            try:
                if not await self._shell.fire_due():
                    await self._sleep_until_next()
                failures = 0
            except (*FAILURES, StaleState) as error:
                failures += 1
                log.warning("timers.interrupted", error=type(error).__name__)
                await asyncio.sleep(min(5.0, 0.1 * 2**failures))

    def stop(self) -> None:
        """Return from `run` after the batch in hand."""
        self._stopping = True

    async def _sleep_until_next(self) -> None:
        async with self._database.direct() as connection:
            left = await self._store.seconds_to_next(connection)
        longest = _LONGEST_SLEEP_SECONDS
        seconds = longest if left is None else min(longest, max(_SHORTEST_SLEEP_SECONDS, left))
        await asyncio.sleep(seconds)
