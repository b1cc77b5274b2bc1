"""How does work get done? In batches: load, decide, save and tell, in one transaction (group commit).

Events, commands and timers: while one batch commits and for half as long again the next one gathers (ADR
0058). While the database is away events are held, and commands get a clear answer after some seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import structlog
from asyncpg import IntegrityConstraintViolationError

from shared.clock import Clock, monotonic
from shared.database.documents import DocumentStore, StaleState
from shared.database.numbers import Numbers
from shared.database.transaction import Database, Direct, is_passing, sqlstate
from shared.deciding import Aggregate, Decision, Due, Event, Notice
from shared.errors import Unavailable
from shared.ids import new_id
from shared.messaging.batch import Fold, Harvest, Plan, Skip, Work
from shared.messaging.gathering import Gathering
from shared.messaging.lanes import Entry, Lanes
from shared.messaging.years import Years
from shared.observability import metrics
from shared.observability.tracing import Trace, new_trace
from shared.outbox.writing import Idempotency, Strokes, keep_keys, known_keys
from shared.policy.model import Rulebook

S = TypeVar("S", bound=Aggregate)
log = structlog.get_logger("kesu.shell")
_COMMAND_PATIENCE_SECONDS = 8.0
_BACKOFF_SECONDS = (0.05, 0.2, 0.5, 1.0, 2.0, 5.0)
_MOST_RERUNS, _FAILED_TIMER_SECONDS = 20, 60
_REST_SHARE, _LONGEST_REST_SECONDS = 0.5, 0.03

NoticeWriter = Callable[[Direct, Sequence[tuple[UUID, Notice]]], Any]


class Shell(Generic[S]):
    """One service's batch shell. `run` is its only writer besides `fire_due`, which runs beside it."""

    def __init__(
        self,
        *,
        plan: Plan[S],
        store: DocumentStore[S],
        database: Database,
        rules: Callable[[], Rulebook],
        clock: Clock,
        write_notices: NoticeWriter,
        on_commit: Callable[[Harvest], None],
        on_work: Callable[[Work], None],
        most: int = 300,
        events_apart_seconds: float = 0.0,
    ) -> None:
        self._plan = plan
        self._store = store
        self._strokes = Strokes(store)
        self._database = database
        self._rules = rules
        self._clock = clock
        self._write_notices = write_notices
        self._on_commit = on_commit
        self._on_work = on_work
        self._most = most
        self._waiting = Lanes()
        self._events = Gathering(self._waiting.put, apart_seconds=events_apart_seconds)
        self._stopping = False
        self.held_since: float | None = None
        """Since when (monotonic) the database has kept a batch waiting; None: it does not."""

    async def submit(
        self,
        message: Any,
        *,
        trace: Trace | None = None,
        idempotency: Idempotency | None = None,
        bulk: bool = False,
    ) -> Work:
        """Have one message worked on, `bulk` behind the living; returns when its effect is committed.

        The error, if any, is in the returned work; it is not raised here.
        """
        future: asyncio.Future[Work] = asyncio.get_running_loop().create_future()

        def answer(work: Work) -> None:
            if not future.done():  # the caller may have hung up
                future.set_result(work)

        self.hand_over(Work(message, trace or new_trace(), idempotency, bulk=bulk), answer)
        return await future

    def hand_over(self, work: Work, done: Callable[[Work], None]) -> None:
        """Have it worked on; `done` is called when its effect is committed, and must not raise.

        Raises Unavailable when the process is shutting down.
        """
        if self._stopping:
            raise Unavailable("this process is shutting down", remedy="Try again in a moment.")
        wait = self._events.add if isinstance(work.message, Event) else self._waiting.put
        wait((work, done, monotonic()))

    async def command(self, message: Any, **given: Any) -> Decision[Any]:
        """Like `submit` and with its arguments, for a door: returns the decision and raises the error."""
        work = await self.submit(message, **given)
        if work.error is not None:
            raise work.error
        assert work.decision is not None
        return work.decision

    async def run(self) -> None:
        """Work until `stop`; whatever waits then is still done."""
        rested = 0.0
        while True:
            await self._waiting.something()
            await self._rest_until(rested)
            began = monotonic()
            if batch := self._waiting.take(self._most):
                await self._until_done(batch)
            rested = monotonic() + min(_REST_SHARE * (monotonic() - began), _LONGEST_REST_SECONDS)
            if self._stopping and not self._waiting:
                return

    async def _rest_until(self, moment: float) -> None:
        """Let more gather: a batch costs a fixed sum. Where batches are quick little is waited for."""
        if not self._stopping:
            await asyncio.sleep(max(0.0, moment - monotonic()))

    def stop(self) -> None:
        """Take nothing new; `run` returns when what waits is done."""
        if not self._stopping:
            self._stopping = True
            self._events.end()
            self._waiting.wake()

    async def fire_due(self) -> int:
        """Claim what time has come for and fire it, in one transaction. Returns how many.

        If they cannot be written together each is tried alone: one that is broken holds up nobody else.
        """
        ids: list[UUID] = []
        try:
            async with self._database.batch() as connection:
                ids, now = await self._store.claim_due(connection, self._most)
                if not ids or now is None:
                    return 0
                works = [Work(Due(identifier), new_trace()) for identifier in ids]
                harvest = await self._in_transaction(connection, works, now)
        except Exception as error:
            if not ids or is_passing(error) or isinstance(error, StaleState):
                raise
            return await self._fire_each(ids)
        self._committed(works, harvest)
        await self._put_off([work for work in works if work.error is not None])
        return len(works)

    async def _fire_each(self, ids: Sequence[UUID]) -> int:
        for identifier in ids:
            work = Work(Due(identifier), new_trace())
            try:
                async with self._database.batch() as connection:
                    harvest = await self._in_transaction(connection, [work], self._clock.now())
            except Exception as error:
                if is_passing(error) or isinstance(error, StaleState):
                    raise
                work.error = error
            else:
                self._committed([work], harvest)
            await self._put_off([work] if work.error is not None else [])
        return len(ids)

    async def _put_off(self, failed: Sequence[Work]) -> None:
        for work in failed:  # they stay due, behind the others
            log.error("timer.failed", complaint=str(work.complaint_id), exc_info=work.error)
        if failed:
            metrics.TIMERS_FAILED.inc(len(failed))
            ids = [work.complaint_id for work in failed]
            async with self._database.batch() as connection:
                await self._store.defer(connection, ids, _FAILED_TIMER_SECONDS)

    async def _until_done(self, batch: list[Entry]) -> None:
        attempt = 0
        while batch:
            try:
                await self._commit([work for work, _, _ in batch])
            except (StaleState, IntegrityConstraintViolationError) as error:
                # Another replica handled one of them in between: what it wrote is visible now.
                attempt += 1
                if attempt > _MOST_RERUNS or not _is_race(error):
                    await self._one_by_one(batch, error)
                    return
            except Exception as error:  # noqa: BLE001 - sorted below; nothing is swallowed
                if not is_passing(error):
                    await self._one_by_one(batch, error)
                    return
                batch = await self._hold(batch, error, attempt)
                attempt += 1
            else:
                self.held_since = None
                self._resolve(batch)
                return

    async def _hold(self, batch: list[Entry], error: Exception, attempt: int) -> list[Entry]:
        """Keep events until the database is back; answer commands that have waited too long."""
        if self.held_since is None:
            self.held_since = monotonic()
        kind = type(error).__name__
        log.warning("database.away", held=len(batch), attempt=attempt, error=kind, sqlstate=sqlstate(error))
        await asyncio.sleep(_BACKOFF_SECONDS[min(attempt, len(_BACKOFF_SECONDS) - 1)])
        kept = []
        for work, done, since in batch:
            patient = isinstance(work.message, (Event, Skip))
            if patient or monotonic() - since < _COMMAND_PATIENCE_SECONDS:
                kept.append((work, done, since))
                continue
            # The commit may even have succeeded; the same Idempotency-Key finds out.
            work.error = Unavailable(
                "the database does not answer; whether this was stored is not known",
                code="database-away",
                remedy="Repeat the request with the same Idempotency-Key.",
            )
            self._resolve([(work, done, since)])
        return kept

    async def _one_by_one(self, batch: list[Entry], error: BaseException) -> None:
        """The batch as a whole cannot be written: find the message to blame by running each alone."""
        if len(batch) == 1:
            work, _, _ = batch[0]
            log.error("work.unwritable", complaint=str(work.complaint_id), exc_info=error)
            work.error = error
            self._resolve(batch)
            return
        for entry in batch:
            await self._until_done([entry])

    async def _commit(self, works: list[Work]) -> None:
        for work in works:
            work.error, work.decision, work.duplicate = None, None, False
        async with self._database.batch() as connection:
            harvest = await self._in_transaction(connection, works, self._clock.now())
        self._committed(works, harvest)

    async def _in_transaction(self, connection: Direct, works: Sequence[Work], now: datetime) -> Harvest:
        events = [work.message.id for work in works if isinstance(work.message, Event)]
        given = [work.idempotency.key for work in works if work.idempotency is not None]
        keys = await known_keys(connection, given) if given else {}
        ids = {work.complaint_id for work in works} | {complaint for _, complaint in keys.values()}
        rules = self._rules()
        numbers = Numbers(Years(rules, now))
        counted = {work.message.site for work in works if getattr(work.message, "numbered", False)}
        if counted:
            await numbers.lock(connection, counted & rules.organisation.sites.keys())
        rows, seen = await self._strokes.read(connection, ids, events)
        rules = await self._plan.rules_for(connection, rules, works, rows)
        fold = Fold(self._plan, rows, seen=seen, keys=keys, numbers=numbers, rules=rules, new_id=new_id)
        for work in works:
            started = monotonic()
            fold.apply(work, now)
            work.seconds = monotonic() - started
        await self._write(connection, fold, numbers)
        return fold.harvest

    async def _write(self, connection: Direct, fold: Fold[S], numbers: Numbers) -> None:
        harvest = fold.harvest
        dirty = sorted((row for row in fold.rows.values() if row.dirty), key=lambda row: row.complaint_id)
        await self._strokes.write(connection, dirty, harvest.letters, harvest.handled)
        if harvest.keys:
            await keep_keys(connection, harvest.keys)
        if harvest.notices:
            await self._write_notices(connection, harvest.notices)
        if numbers.used:
            await numbers.write(connection)
        if harvest.told and (note := self._plan.note) is not None:
            await note(connection, harvest.told)

    def _committed(self, works: Sequence[Work], harvest: Harvest) -> None:
        for work in works:
            self._on_work(work)
        self._on_commit(harvest)

    def _resolve(self, batch: Sequence[Entry]) -> None:
        for work, done, _ in batch:
            done(work)


def _is_race(error: BaseException) -> bool:
    return isinstance(error, StaleState) or sqlstate(error) == "23505"
