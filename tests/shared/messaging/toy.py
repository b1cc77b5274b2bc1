"""Which service is small enough to test the kernel with? A desk that counts what it hears and tells it on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Column, Integer, MetaData
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.clock import SystemClock
from shared.database import kernel_tables
from shared.database.documents import DocumentStore, document_table
from shared.database.transaction import Database
from shared.deciding import Context, Decision, Due, Event
from shared.errors import Conflict, NotYet
from shared.events.base import EventData
from shared.events.intake import ComplaintAcknowledged, ComplaintRegistered
from shared.events.routing import ComplaintAccepted
from shared.ids import new_id
from shared.messaging.batch import Plan
from shared.messaging.shell import Shell
from shared.policy.model import Organisation, Rulebook

metadata = MetaData()
counters = document_table("counters", metadata, Column("count", Integer))


@dataclass(frozen=True, slots=True)
class Counter:
    complaint_id: UUID
    site: str
    count: int = 0
    seen: tuple[int, ...] = ()
    wake_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Add:
    complaint_id: UUID
    amount: int = 1
    wake_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Numbered:
    complaint_id: UUID
    site: str
    numbered: bool = True


STORE = DocumentStore(counters, Counter, {"count": lambda state: state.count})


def hear_registered(state, event, context: Context) -> Decision[Counter]:
    if event.data.category == "poison":
        raise ZeroDivisionError
    before = state or Counter(event.subject, event.site)
    after = replace(before, count=before.count + 1, seen=(*before.seen, event.sequence))
    return Decision(after, (told("heard"),))


def hear_acknowledged(state, event, context: Context) -> Decision[Counter]:
    if state is None:
        raise NotYet("unknown-complaint", "registered has not come")
    return Decision(replace(state, count=state.count + 1, seen=(*state.seen, event.sequence)))


def add(state, command: Add, context: Context) -> Decision[Counter]:
    before = state or Counter(command.complaint_id, "sh01")
    if command.amount < 0:
        raise Conflict("negative", "cannot take away", field="amount")
    wake_at = context.now + command.wake_after if command.wake_after else None
    after = replace(before, count=before.count + command.amount, wake_at=wake_at)
    return Decision(after, (told("added"),))


def give_number(state, command: Numbered, context: Context) -> Decision[Counter]:
    number = context.next_number(command.site)
    if command.site == "ber1":
        raise Conflict("refused", "this site refuses after having taken a number")
    return Decision(Counter(command.complaint_id, command.site, 1), answer=number)


def due(state, message: Due, context: Context) -> Decision[Counter]:
    return Decision(replace(state, count=state.count + 100, wake_at=None), (told("fired"),))


PLAN = Plan(
    "routing",
    {ComplaintRegistered: hear_registered, ComplaintAcknowledged: hear_acknowledged},
    {Add: add, Due: due, Numbered: give_number},
    frozenset({"intake"}),
)


def told(by: str) -> EventData:
    return ComplaintAccepted(complaint_no="SH01-2026-000001", at=datetime(2026, 11, 21, tzinfo=UTC), by=by)


class _Site:
    timezone = "Asia/Shanghai"


def rulebook() -> Rulebook:
    sites: Mapping = {"sh01": _Site(), "ber1": _Site()}
    return Rulebook(Organisation("toy", sites, {}, {}, {}), {})


def registered(complaint: UUID, *, sequence: int = 1, category: str = "quality", event_id=None) -> Event:
    moment = datetime(2026, 11, 21, 8, tzinfo=UTC)
    data = ComplaintRegistered(
        complaint_no="SH01-2026-000001", kind="complaint", category=category, type="quality", channel="web",
        received_at=moment, registered_at=moment, customer_ref="c-1", language="zh",
    )  # fmt: skip
    return envelope(complaint, data, sequence, event_id)


def acknowledged(complaint: UUID, *, sequence: int = 2, event_id=None) -> Event:
    data = ComplaintAcknowledged(
        complaint_no="SH01-2026-000001", at=datetime(2026, 11, 21, 8, tzinfo=UTC), by="p-li"
    )
    return envelope(complaint, data, sequence, event_id)


def envelope(complaint: UUID, data: EventData, sequence: int, event_id=None) -> Event:
    return Event(
        id=event_id or new_id(), type=data.type_name, site="sh01", producer=data.producer, subject=complaint,
        time=datetime(2026, 11, 21, 8, tzinfo=UTC), sequence=sequence, correlation_id="c", traceparent=None,
        data=data,
    )  # fmt: skip


async def make_tables(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.run_sync(metadata.create_all)
        await connection.run_sync(kernel_tables.metadata.create_all)


async def _no_notices(connection: AsyncConnection, notices: object) -> None:
    return None


def shell(database: Database, **more) -> Shell:
    given = {"on_commit": lambda harvest: None, "on_work": lambda work: None} | more
    return Shell(
        plan=PLAN, store=STORE, database=database, rules=rulebook, clock=SystemClock(),
        write_notices=_no_notices, **given,
    )  # fmt: skip
