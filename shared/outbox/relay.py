"""How do committed events reach the broker? One leader per database publishes the outbox in order.

No cursor: whatever is visible and not under way is read, published with pipelined confirms (in bundles to
our own services and the log, singly to others), and deleted only when the broker has said of both that it is
done. A crash anywhere leaves the row, so it is published again; the consumers' inboxes drop the second copy
(architecture.md section 5, engineering.md section 2.3, docs/decisions/0057).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Protocol

import structlog

from shared.clock import monotonic
from shared.database.transaction import FAILURES, Database, Direct
from shared.ids import new_id
from shared.observability import metrics
from shared.outbox.bundles import Bundle, bundled
from shared.outbox.flight import Flight, Refused, Settled, Waiting
from shared.outbox.outsiders import Outsiders, Singly

log = structlog.get_logger("kesu.relay")
_LOCK_KEY = 7130002
_WINDOW = 1000
_BULK_WINDOW = 1000
_BULK_AT_ONCE = 200
"""Most of the bulk lane in one round: so many messages at most stand before the living on the way out."""
_SETTLED_AT_ONCE = 300
_POLL_SECONDS = 1.0
_SETTLE_SECONDS = 0.15
_GATHER_SECONDS = 0.01
_GIVE_WAY_SECONDS = 0.5
_RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)
_LONGEST_SILENCE_SECONDS = 30  # more than a confirm may take and the pause after it (15 s + 5 s)

_TRY = "SELECT pg_try_advisory_lock($1)"
_OF_LANE = (
    "(SELECT seq, event_id, type, routing_key, traceparent, body, subject, bulk FROM outbox "
    "WHERE {0} AND (not_before IS NULL OR not_before <= now()) AND seq <> ALL($1::bigint[]) "
    "ORDER BY seq LIMIT {1})"
)
_READ = _OF_LANE.format("NOT bulk", "$2") + " UNION ALL " + _OF_LANE.format("bulk", "$3")
_DELETE = "DELETE FROM outbox WHERE seq = ANY($1::bigint[])"
_FAILED = (
    "UPDATE outbox SET attempts = attempts + 1, last_error = $2, "
    "not_before = now() + make_interval(secs => least(60, power(2, attempts))) "
    "WHERE seq = ANY($1::bigint[])"
)
_LAG = "SELECT count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0) FROM outbox"


class Publisher(Singly, Protocol):
    """The way to the broker, for bundles among ourselves and for single events to others."""

    async def send(self, body: bytes, *, type_name: str, message_id: str, bulk: bool) -> None:
        """Send a bundle to our own services and the log; returns when it is confirmed and routed.

        Raises Refused for this one message, OSError or a connection error for all.
        """
        ...


class Relay:
    """Publishes one service's outbox while it is the leader; otherwise it waits to become it."""

    def __init__(self, database: Database, publisher: Publisher) -> None:
        self._database = database
        self._publisher = publisher
        self._flight = Flight(self._settled)
        self._outsiders = Outsiders(publisher, self._told_outside)
        self._woken = asyncio.Event()
        self._stopping = False
        self._confirmed = 0
        self._gives_way_until = 0.0
        self._ours: set[int] = set()
        """Rows whose bundle arrived and that need not go to our own again."""
        self._told: set[int] = set()
        """Rows that were told to others and must not be told to them again."""
        self.leader = False

    def give_way(self) -> None:
        """Send nothing for a moment: something more urgent needs the processor."""
        self._gives_way_until = monotonic() + _GIVE_WAY_SECONDS

    def wake(self) -> None:
        """Something was committed."""
        self._woken.set()

    async def run(self) -> None:
        """Lead or wait until `stop`; failures of database and broker are waited out."""
        failures = 0
        while not self._stopping:
            try:
                async with self._database.direct() as connection:
                    if await self._lead(connection):
                        failures = 0
            except FAILURES as error:
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
        self._outsiders.no_more_waiting()
        self._woken.set()

    async def _lead(self, connection: Direct) -> bool:
        """Hold the leader's lock and publish; returns whether it was ours."""
        if not await connection.fetchval(_TRY, _LOCK_KEY):
            return False
        # A delete that is lost in a crash only means a second copy, so it need not wait for the disk.
        await connection.execute("SET synchronous_commit = off")
        # A leader that was stopped (SIGSTOP, a paused machine) must not keep the lock: the server hangs
        # up, a standby leads, and the stale one finds its connection gone. Never so long while it works.
        await connection.execute(f"SET idle_session_timeout = '{_LONGEST_SILENCE_SECONDS}s'")
        self.leader = True
        metrics.LEADER.set(1)
        try:
            await self._publish_until_stopped(connection)
        finally:
            # The connection goes back to the pool; a lock left on it would have no owner.
            await _quietly(connection.execute("SELECT pg_advisory_unlock_all()"))
            await _quietly(connection.execute("RESET synchronous_commit"))
            await _quietly(connection.execute("RESET idle_session_timeout"))
        return True

    async def _publish_until_stopped(self, connection: Direct) -> None:
        self._ours.clear()
        self._told.clear()
        failures = 0
        try:
            while True:
                self._woken.clear()
                last_round = self._stopping
                if await self._write(connection, self._flight.take()):
                    # Whatever is under way is read anew, from the first row on: nothing may overtake what
                    # was lost.
                    self._abandon()
                    if last_round:
                        return
                    await asyncio.sleep(_RETRY_SECONDS[min(failures, len(_RETRY_SECONDS) - 1)])
                    failures += 1
                else:
                    failures = 0
                sent = await self._send(connection)
                if last_round and not sent and not len(self._flight):
                    return
                await self._pause(connection)
        finally:
            self._abandon()

    def _abandon(self) -> None:
        self._flight.abandon()
        self._outsiders.abandon()

    async def _send(self, connection: Direct) -> int:
        """Read what is not under way yet and send it, in order; returns how many."""
        flight = self._flight
        room = max(0, _WINDOW - (len(flight) - flight.bulk))
        bulk_room = max(0, min(_BULK_AT_ONCE, _BULK_WINDOW - flight.bulk))
        if not room + bulk_room or (monotonic() < self._gives_way_until and not self._stopping):
            return 0
        rows = [Waiting(*row) for row in await connection.fetch(_READ, flight.rows, room, bulk_room)]
        if flight.lost:
            return 0  # some of those before these are to be sent again first
        live = [row for row in rows if not row.bulk]
        # A complaint's event in the bulk lane may follow one in the other (never the other way round, see
        # writing.py): it waits until that lane was read to its end.
        bulk = [row for row in rows if row.bulk] if len(live) < room else []
        for lane in (live, bulk):
            self._begin(lane)
        if bulk and len(bulk) == bulk_room:
            self._woken.set()  # there is more of it: look again as soon as the living had their turn
        return len(live) + len(bulk)

    def _begin(self, rows: Sequence[Waiting]) -> None:
        """Send rows of one lane both ways, but no way that they went before."""
        inside = [row for row in rows if row.seq not in self._ours]
        outside = [row for row in rows if row.seq not in self._told]
        for row in rows:
            self._flight.begin(row, (row.seq not in self._ours) + (row.seq not in self._told))
        for bundle in bundled(inside):
            self._flight.send(bundle.rows, self._send_bundle(bundle))
        self._outsiders.tell(outside)

    async def _send_bundle(self, bundle: Bundle) -> None:
        bulk = bundle.rows[0].bulk
        await self._publisher.send(bundle.body, type_name=bundle.type, message_id=str(new_id()), bulk=bulk)
        self._ours.update(row.seq for row in bundle.rows)

    def _told_outside(self, row: Waiting, error: BaseException | None) -> None:
        if error is None:
            self._told.add(row.seq)
        self._flight.ended(row, error)

    async def _pause(self, connection: Direct) -> None:
        """Until something was committed or settled; rounds are never closer than the gathering time."""
        began = monotonic()
        seconds = _SETTLE_SECONDS if len(self._flight) else _POLL_SECONDS
        try:
            # Not wait_for: on Python 3.11 it may swallow a cancellation that comes as the wait ends.
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            if not len(self._flight):
                await self._measure(connection)
        left = _GATHER_SECONDS - (monotonic() - began)
        if left > 0 and not self._stopping:
            await asyncio.sleep(left)

    def _settled(self) -> None:
        """One more is settled; deleting them one by one would cost more than sending them."""
        self._confirmed += 1
        if self._stopping or self._confirmed >= _SETTLED_AT_ONCE or self._flight.lost:
            self._woken.set()

    async def _write(self, connection: Direct, settled: Sequence[Settled]) -> bool:
        """Delete what was confirmed, put off what was refused; returns whether the broker was away."""
        self._confirmed = 0
        sent = [one.row for one in settled if one.error is None]
        if sent:
            await connection.execute(_DELETE, [row.seq for row in sent])
            self._ours.difference_update(row.seq for row in sent)
            self._told.difference_update(row.seq for row in sent)
            for row in sent:
                metrics.PUBLISHED.labels(row.type).inc()
        refused = [one for one in settled if isinstance(one.error, Refused)]
        if refused:
            reason = str(refused[0].error)
            log.error("relay.refused", count=len(refused), first=reason[:200])
            await connection.execute(_FAILED, [one.row.seq for one in refused], reason[:500])
        away = [one for one in settled if one.error is not None and not isinstance(one.error, Refused)]
        if away:
            log.warning("relay.broker_away", waiting=len(away), error=type(away[0].error).__name__)
        return bool(away)

    async def _measure(self, connection: Direct) -> None:
        pending, age = await lag(connection)
        metrics.OUTBOX_PENDING.set(pending)
        metrics.OUTBOX_OLDEST.set(age)


async def _quietly(action: Awaitable[object]) -> None:
    try:
        await action
    except FAILURES:
        log.debug("relay.release_failed")


async def lag(connection: Direct) -> tuple[int, float]:
    """How many events wait in the outbox, and the age of the oldest in seconds."""
    ((pending, age),) = await connection.fetch(_LAG)
    return int(pending), float(age)
