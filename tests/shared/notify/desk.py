"""What do the tests of telling people have in common? A small company, a database with notices, a clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, select

from shared.access.links import Links
from shared.clock import SystemClock
from shared.database.notice_tables import attempts, create, notices
from shared.database.transaction import Database
from shared.deciding import Notice
from shared.ids import new_id
from shared.notify.digest import Bounds
from shared.notify.dispatcher import Dispatcher
from shared.notify.patience import Patience
from shared.notify.reporting import nobody_asks
from shared.notify.table import Waiting, write_notices
from shared.policy.model import Organisation, Person, Rulebook
from shared.sealed.sealer import Sealer

SECRET = "a secret of more than thirty-two letters"
SEALER = Sealer({"k1": b"0" * 32}, secret=SECRET)
LINKS = Links(SECRET)
PUBLIC = {
    "case": "https://intake.example/",
    "ack": "https://escalation.example",
    "survey": "https://surveys.example",
}
QUICK = Patience(
    first=timedelta(milliseconds=50),
    longest=timedelta(milliseconds=200),
    digest=Bounds(least=10_000),
)
"""Each by itself; digests have tests of their own."""


def a_person(person: str = "wang.lei", *contacts: str, language: str = "zh") -> Person:
    return Person(person, "王磊", contacts=contacts or (f"{person}@sh01.example",), language=language)


def a_rulebook(*people: Person) -> Rulebook:
    known = {person.id: person for person in people or (a_person(),)}
    return Rulebook(Organisation("Kesu Demo Group", {}, {}, known, {}), {})


def an_alarm(key: str = "k", to: str = "wang.lei", **values: str) -> Notice:
    filled = {
        "complaint_no": "SH01-2026-000042",
        "clock": "answer",
        "due_at": "2026-10-08 16:00 (Asia/Shanghai)",
        "level": "1",
        "site": "sh01",
        "department": "quality",
        "link": "ack:0198c1a2-0000-7000-8000-000000000001",
    }
    return Notice(key, to, "clock-breached", "zh", {**filled, **values})


def a_letter(complaint_id: UUID, email: str = "li@customer.example", key: str = "letter") -> Notice:
    sealed = SEALER.seal({"name": "李先生", "email": email}, about=complaint_id)
    values = {"complaint_no": "SH01-2026-000042", "link": f"case:{complaint_id}"}
    return Notice(key, "customer", "complaint-acknowledged", "zh", values, sealed)


async def a_database(url: str) -> Database:
    database = Database(url, service="test")

    def tables(connection: Connection) -> None:
        create(Operations(MigrationContext.configure(connection)))

    async with database.transaction() as connection:
        await connection.run_sync(tables)
    return database


async def keep(database: Database, *told: Notice, complaint_id: UUID | None = None) -> None:
    async with database.batch() as connection:
        await write_notices(connection, [(complaint_id or new_id(), notice) for notice in told])


async def rows(database: Database) -> list[dict]:
    async with database.reading() as connection:
        found = await connection.execute(select(notices).order_by(notices.c.key))
        return [dict(row._mapping) for row in found]


async def all_delivered(database: Database) -> bool:
    return all(row["delivered_at"] for row in await rows(database))


async def outcomes(database: Database) -> list[tuple[str, str]]:
    async with database.reading() as connection:
        found = await connection.execute(
            select(attempts.c.channel, attempts.c.outcome).order_by(attempts.c.id)
        )
        return [tuple(row) for row in found]


@asynccontextmanager
async def dispatching(
    database: Database,
    smtp_url: str = "",
    *,
    rules: Rulebook | None = None,
    patience: Patience = QUICK,
    on_sent: Callable[[str, str], None] | None = None,
    on_undelivered: Callable[[Waiting], None] = nobody_asks,
    clock=None,
) -> AsyncIterator[Dispatcher]:
    """A running dispatcher; stopped in an orderly way at the end."""
    book = rules or a_rulebook()
    dispatcher = Dispatcher(
        database,
        rules=lambda: book,
        sealer=SEALER,
        links=LINKS,
        smtp_url=smtp_url,
        mail_from="kesu@demo.example",
        public_urls=PUBLIC,
        clock=clock or SystemClock(),
        patience=patience,
        on_sent=on_sent or (lambda channel, outcome: None),
        on_undelivered=on_undelivered,
    )
    running = asyncio.create_task(dispatcher.run())
    try:
        yield dispatcher
    finally:
        dispatcher.stop()
        await asyncio.wait_for(running, 20)
