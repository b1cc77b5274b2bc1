"""How do committed events reach the broker? One leader per database publishes the outbox in order.

No cursor: whatever is visible is read, published with pipelined confirms, and deleted only when the broker
confirmed that it routed it. A crash anywhere leaves the row, so it is published again; the consumers'
inboxes drop the second copy (architecture.md section 5, engineering.md section 2.3).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any, Protocol

import structlog
from sqlalchemy import Row, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.transaction import Database
from shared.observability import metrics

log = structlog.get_logger("kesu.relay")
_LOCK_KEY = 7130002
_WINDOW = 500
_POLL_SECONDS = 1.0
_RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)
_LONGEST_SILENCE_SECONDS = 30  # more than a confirm may take and the pause after it (15 s + 5 s)

_TRY = text("SELECT pg_try_advisory_lock(:key)")
_READ = text(
    "SELECT seq, event_id, type, routing_key, traceparent, body FROM outbox "
    "WHERE not_before IS NULL OR not_before <= now() ORDER BY seq LIMIT :most"
)
_DELETE = text("DELETE FROM outbox WHERE seq = ANY(CAST(:seqs AS bigint[]))")
_FAILED = text(
    "UPDATE outbox SET attempts = attempts + 1, last_error = :error, "
    "not_before = now() + make_interval(secs => least(60, power(2, attempts))) "
    "WHERE seq = ANY(CAST(:seqs AS bigint[]))"
)
_LAG = text("SELECT count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0) FROM outbox")


class Refused(Exception):
    """The broker took the message and would not route or keep it; another try may go better."""


class Publisher(Protocol):
    """The way to the broker: returns when the event is confirmed and routed.

    Raises Refused for this one message, OSError or a connection error for all.
    """

    async def publish(
        self, body: bytes, *, event_id: str, type_name: str, key: str, traceparent: str | None
    ) -> None:
        """Send one event."""
        ...


class Relay:
    """Publishes one service's outbox while it is the leader; otherwise it waits to become it."""

    def __init__(self, database: Database, publisher: Publisher) -> None:
        self._database = database
        self._publisher = publisher
        self._woken = asyncio.Event()
        self._stopping = False
        self._running = False
        self.leader = False

    def wake(self) -> None:
        """Something was committed."""
        self._woken.set()

    async def run(self) -> None:
        """Lead or wait until `stop`; failures of database and broker are waited out."""
        failures = 0
        while not self._stopping:
            try:
                async with self._database.reading() as connection:
                    if await self._lead(connection):
                        failures = 0
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                log.warning("relay.database_away", error=type(error).__name__)
            finally:
                self.leader = False
                metrics.LEADER.set(0)
            if not self._stopping:
                await asyncio.sleep(_RETRY_SECONDS[min(failures, len(_RETRY_SECONDS) - 1)])
                failures += 1

    def stop(self) -> None:
        """Publish what is there once more, then return from `run`."""
        self._stopping = True
        self._woken.set()

    async def _lead(self, connection: AsyncConnection) -> bool:
        """Hold the leader's lock and publish; returns whether it was ours."""
        if not (await connection.execute(_TRY, {"key": _LOCK_KEY})).scalar():
            return False
        # A delete that is lost in a crash only means a second copy, so it need not wait for the disk.
        await connection.execute(text("SET synchronous_commit = off"))
        # A leader that was stopped (SIGSTOP, a paused machine) must not keep the lock: the server hangs
        # up, a standby leads, and the stale one finds its connection gone. Never so long while it works.
        await connection.execute(text(f"SET idle_session_timeout = '{_LONGEST_SILENCE_SECONDS}s'"))
        self.leader = True
        metrics.LEADER.set(1)
        try:
            await self._publish_until_stopped(connection)
        finally:
            # The connection goes back to the pool; a lock left on it would have no owner.
            await _quietly(connection.execute(text("SELECT pg_advisory_unlock_all()")))
            await _quietly(connection.execute(text("RESET synchronous_commit")))
            await _quietly(connection.execute(text("RESET idle_session_timeout")))
        return True

    async def _publish_until_stopped(self, connection: AsyncConnection) -> None:
        failures = 0
        while True:
            self._woken.clear()
            last_round = self._stopping
            rows = (await connection.execute(_READ, {"most": _WINDOW})).all()
            if rows and await self._publish(connection, rows):
                failures = 0
                if len(rows) == _WINDOW:
                    continue
            elif rows:
                if last_round:
                    return
                await asyncio.sleep(_RETRY_SECONDS[min(failures, len(_RETRY_SECONDS) - 1)])
                failures += 1
            if last_round:
                return
            try:
                await asyncio.wait_for(self._woken.wait(), _POLL_SECONDS)
            except TimeoutError:
                await self._measure(connection)

    async def _publish(self, connection: AsyncConnection, rows: Sequence[Row[Any]]) -> bool:
        """Send the rows side by side, in order; returns whether the broker was there."""
        results = await asyncio.gather(
            *(
                self._publisher.publish(
                    row.body,
                    event_id=str(row.event_id),
                    type_name=row.type,
                    key=row.routing_key,
                    traceparent=row.traceparent,
                )
                for row in rows
            ),
            return_exceptions=True,
        )
        sent = [row for row, result in zip(rows, results, strict=True) if result is None]
        if sent:
            await connection.execute(_DELETE, {"seqs": [row.seq for row in sent]})
            for row in sent:
                metrics.PUBLISHED.labels(row.type).inc()
        refused = [
            (row, result) for row, result in zip(rows, results, strict=True) if isinstance(result, Refused)
        ]
        if refused:
            log.error("relay.refused", count=len(refused), first=str(refused[0][1])[:200])
            await connection.execute(
                _FAILED,
                {"seqs": [row.seq for row, _ in refused], "error": str(refused[0][1])[:500]},
            )
        other = [r for r in results if r is not None and not isinstance(r, Refused)]
        if other:
            log.warning("relay.broker_away", waiting=len(other), error=type(other[0]).__name__)
        return not other

    async def _measure(self, connection: AsyncConnection) -> None:
        pending, age = (await connection.execute(_LAG)).one()
        metrics.OUTBOX_PENDING.set(pending)
        metrics.OUTBOX_OLDEST.set(float(age))


async def _quietly(action: Awaitable[object]) -> None:
    try:
        await action
    except (SQLAlchemyError, OSError, TimeoutError):
        log.debug("relay.release_failed")


async def lag(connection: AsyncConnection) -> tuple[int, float]:
    """How many events wait in the outbox, and the age of the oldest in seconds."""
    pending, age = (await connection.execute(_LAG)).one()
    return int(pending), float(age)
