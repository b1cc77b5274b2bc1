"""How does a service whose database was restored from an older dump catch up with the others? From the log.

Twice through the log: first to see what the service told and heard and its database does not know, then to
take it all back in the order of the log, page by page, each in one transaction with the inbox rows: it may
be broken off anywhere and run again. Nothing that the log holds is told or sent a second time
(docs/decisions/0074).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID

from asyncpg import IntegrityConstraintViolationError

from shared.clock import Clock
from shared.database.documents import DocumentStore, StaleState
from shared.database.numbers import raise_to
from shared.database.transaction import Database, Direct
from shared.deciding import Aggregate, Event, Notice, Recalls
from shared.errors import Rejected
from shared.events.base import EventData, read_event
from shared.ids import moment_of, new_id
from shared.messaging.batch import Plan, Work
from shared.messaging.counted import highest_numbers
from shared.messaging.feeding import MARGIN
from shared.messaging.pieces import Head, Piece
from shared.messaging.replay import Lost, Replay, Told
from shared.messaging.stream import OnProgress, Since, read_log, read_pieces
from shared.messaging.topology import heard_by
from shared.observability.tracing import Trace
from shared.outbox.writing import Strokes
from shared.policy.model import Rulebook

S = TypeVar("S", bound=Aggregate)
_PAGE = 300
_TRIES = 5
_KNOWN = "SELECT complaint_id, told, heard::text FROM {table} WHERE complaint_id = ANY($1::uuid[])"

_SENT = (
    "UPDATE notices SET delivered_at = now() "
    "WHERE key = ANY($1::text[]) AND delivered_at IS NULL AND gave_up_at IS NULL AND id > $2"
)
WriteNotices = Callable[[Direct, Sequence[tuple[UUID, Notice]]], Awaitable[None]]


class Placed(NamedTuple):
    """An event of the log, where it stands there, and whether its own service told it."""

    place: int
    own: bool
    head: Head
    body: bytes


@dataclass(slots=True)
class Report:
    """What a restoration did."""

    own: int = 0
    """Events that the service had told and its database did not know."""
    heard: int = 0
    """Events of others that it had not handled, and has now."""
    told: int = 0
    """Events that it told because of those: nobody had heard them yet."""
    left: int = 0
    """Events that could not be handled here; they are for the service's queue."""
    raised: list[tuple[str, int]] = field(default_factory=list)
    """Site and year of the counters that stood below the log."""
    lost: list[Lost] = field(default_factory=list)
    """What did not come back, complaint by complaint."""


@dataclass(frozen=True, slots=True)
class Restoring(Generic[S]):
    """One service's database, and how it takes back what it lost."""

    plan: Plan[S]
    recalls: Recalls
    store: DocumentStore[S]
    database: Database
    amqp_url: str
    rules: Callable[[], Rulebook]
    clock: Clock
    write_notices: WriteNotices
    inbox_days: int
    numbered: bool = False
    """Whether the service gives complaints their numbers."""

    async def run(self, since: Since = "first", *, on_progress: OnProgress | None = None) -> Report:
        """Take back what the log holds from there on; a database that lacks none of its own is left alone.

        May run beside the service and any number of times. Raises Unavailable when the log cannot be read.
        """
        report, told = Report(), Told()
        if self.numbered:
            report.raised = await self._counters(since)
        end = await self._look(since, told, report, on_progress)
        if not told.types:
            return report
        page: list[Placed] = []
        async with aclosing(self._entries(since, on_progress)) as entries:
            async for one in entries:
                if one.place > end:
                    break
                page.append(one)
                if len(page) >= _PAGE:
                    await self._take(page, told, report)
                    page = []
        await self._take(page, told, report)
        return report

    async def _counters(self, since: Since) -> list[tuple[str, int]]:
        async with aclosing(read_pieces(self.amqp_url, since)) as pieces:
            highest = await highest_numbers(pieces)
        async with self.database.batch() as connection:
            return await raise_to(connection, highest)

    async def _look(self, since: Since, told: Told, report: Report, on_progress: OnProgress | None) -> int:
        """See which of its own events the database does not know; returns the place of the last entry."""
        end, page = -1, list[Placed]()
        async with aclosing(self._entries(since, on_progress)) as entries:
            async for one in entries:
                end = one.place
                if one.own:
                    told.newest = one.place
                    page.append(one)
                if len(page) >= _PAGE:
                    await self._note_own(page, told, report)
                    page = []
        await self._note_own(page, told, report)
        return end

    async def _note_own(self, page: Sequence[Placed], told: Told, report: Report) -> None:
        async with self.database.direct() as connection:
            known = await self._known(connection, page)
        for _, _, head, _ in page:
            before, _ = known.get(head.subject, (0, ""))
            if head.sequence > before:
                report.own += 1
                told.types.setdefault(head.subject, {}).setdefault(head.sequence, head.type)

    async def _known(self, connection: Direct, page: Sequence[Placed]) -> dict[UUID, tuple[int, str]]:
        ids = sorted({one.head.subject for one in page})
        rows = await connection.fetch(_KNOWN.format(table=self.store.table.name), ids)
        return {UUID(bytes=row[0].bytes): (row[1], row[2]) for row in rows}

    async def _entries(self, since: Since, on_progress: OnProgress | None) -> AsyncGenerator[Placed, None]:
        heard = frozenset(heard_by(self.plan.service))
        log = read_log(self.amqp_url, since, on_progress=on_progress)
        async with aclosing(log) as entries:
            async for entry in entries:
                for piece in entry.pieces():
                    placed = _placed(entry.offset, piece, self.plan.service, heard)
                    if placed is not None:
                        yield placed

    async def _take(self, page: Sequence[Placed], told: Told, report: Report) -> None:
        """One page in one transaction; if it cannot be written, each complaint of it alone."""
        if not page:
            return
        try:
            await self._written(page, told, report)
        except IntegrityConstraintViolationError as error:
            by_complaint: dict[UUID, list[Placed]] = {}
            for one in page:
                by_complaint.setdefault(one.head.subject, []).append(one)
            if len(by_complaint) > 1:
                for alone in by_complaint.values():
                    await self._take(alone, told, report)
                return
            (complaint,) = by_complaint
            report.lost.append(Lost(complaint, f"cannot be written: {error.detail or error}"))

    async def _written(self, page: Sequence[Placed], told: Told, report: Report) -> None:
        for attempt in range(1, _TRIES + 1):
            settled = dict(told.settled)
            try:
                async with self.database.batch() as connection:
                    replay = await self._in_transaction(connection, page, told)
            except StaleState:
                # The service itself wrote one of them meanwhile.
                told.settled = settled
                if attempt == _TRIES:
                    raise
            except IntegrityConstraintViolationError:
                told.settled = settled
                raise
            else:
                report.heard += len(replay.harvest.handled)
                report.told += len(replay.harvest.letters)
                report.left += len(replay.left)
                report.lost += replay.lost
                return

    async def _in_transaction(self, connection: Direct, page: Sequence[Placed], told: Told) -> Replay[S]:
        strokes, rules = Strokes(self.store), self.rules()
        ids = {one.head.subject for one in page}
        rows, seen = await strokes.read(connection, ids, [one.head.id for one in page])
        heard = [Work(event, Trace("", None)) for one in page if (event := _event(one.body)) is not None]
        rules = await self.plan.rules_for(connection, rules, heard, rows)
        replay = Replay(
            self.plan, rows, recalls=self.recalls, told=told, seen=seen, rules=rules, new_id=new_id
        )
        horizon = self.clock.now() - timedelta(days=self.inbox_days) + MARGIN
        for one in page:
            event = _event(one.body)
            if event is None:
                continue
            row = rows.get(one.head.subject)
            if one.own:
                replay.recall(event)
            elif not _forgotten(one.head, row.heard if row is not None else {}, horizon):
                replay.hear(event, one.place)
        await self._write(connection, strokes, replay)
        return replay

    async def _write(self, connection: Direct, strokes: Strokes[S], replay: Replay[S]) -> None:
        harvest = replay.harvest
        dirty = sorted((row for row in replay.rows.values() if row.dirty), key=lambda row: row.complaint_id)
        await strokes.write(connection, dirty, harvest.letters, harvest.handled)
        if harvest.notices:
            await self.write_notices(connection, harvest.notices)
        if replay.sent:
            first = new_id()
            await self.write_notices(connection, replay.sent)
            await connection.execute(_SENT, [notice.key for _, notice in replay.sent], first)
        if harvest.told and self.plan.note is not None:
            await self.plan.note(connection, harvest.told)


def _placed(place: int, piece: Piece, service: str, heard: frozenset[str]) -> Placed | None:
    head = piece.head
    if head is None or (head.producer != service and head.type not in heard):
        return None
    return Placed(place, head.producer == service, head, piece.body)


def _forgotten(head: Head, heard: Mapping[str, int], horizon: datetime) -> bool:
    """Whether it was handled so long ago that the inbox does not know it any more."""
    made = moment_of(head.id)
    return made is not None and made < horizon and heard.get(head.producer, 0) >= head.sequence


def _event(body: bytes) -> Event[EventData] | None:
    try:
        return read_event(body)
    except Rejected:
        return None
