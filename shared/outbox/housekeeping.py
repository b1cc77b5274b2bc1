"""How long is a handled event or a used key remembered? As long as a repetition may still come.

Whatever is older than the inbox remembers is parked by the consumer instead of handled, because nobody
could tell whether it is new; so forgetting loses nothing (engineering.md section 2.4).
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog
from sqlalchemy import text

from shared.clock import Clock
from shared.database.transaction import FAILURES, Database
from shared.ids import oldest_id

log = structlog.get_logger("kesu.housekeeping")
_ROUND_SECONDS = 3600.0
_AT_ONCE = 5000

# By id, not by a date column: UUIDv7 is ordered by time, so this is a range of the primary key.
_INBOX = text(
    "DELETE FROM inbox WHERE event_id IN "
    "(SELECT event_id FROM inbox WHERE event_id < :bound ORDER BY event_id LIMIT :most)"
)
_KEYS = text(
    "DELETE FROM idempotency WHERE key IN "
    "(SELECT key FROM idempotency WHERE created_at < :moment LIMIT :most)"
)


class Housekeeping:
    """Forgets in small steps, once an hour."""

    def __init__(self, database: Database, clock: Clock, *, days: int) -> None:
        self._database = database
        self._clock = clock
        self._kept = timedelta(days=days)
        self._stopped = asyncio.Event()

    async def run(self) -> None:
        """Forget until `stop`."""
        while not self._stopped.is_set():
            try:
                await self.forget()
            except FAILURES as error:
                log.warning("housekeeping.failed", error=type(error).__name__)
            try:
                async with asyncio.timeout(_ROUND_SECONDS):
                    await self._stopped.wait()
            except TimeoutError:
                continue

    def stop(self) -> None:
        """Return from `run`."""
        self._stopped.set()

    async def forget(self) -> int:
        """Delete what is older than the horizon and a day; returns how many rows."""
        moment = self._clock.now() - self._kept - timedelta(days=1)
        gone = 0
        steps = (
            (_INBOX, {"bound": oldest_id(moment), "most": _AT_ONCE}),
            (_KEYS, {"moment": moment, "most": _AT_ONCE}),
        )
        for statement, values in steps:
            deleted = _AT_ONCE
            while deleted == _AT_ONCE:
                async with self._database.transaction() as connection:
                    deleted = (await connection.execute(statement, values)).rowcount
                gone += deleted
        return gone
