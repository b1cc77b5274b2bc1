"""What do the tables hold for the auditor, and where are its statements kept?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Column, Date, DateTime, Table, Text, func, select
from sqlalchemy.dialects.postgresql import JSONB, insert

from services.escalation.store.tables import metadata
from shared.database.transaction import Database

statements = Table(
    "audit_statements",
    metadata,
    Column("day", Date, primary_key=True),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("statement", JSONB, nullable=False),
    Column("signature", Text, nullable=False),
)
_PAGE = 500
_SHEETS = (
    "SELECT s.complaint_id, s.state::text, s.wake_at, s.heard::text, "
    "(SELECT coalesce(array_agg(n.key), '{}') FROM notices AS n WHERE n.complaint_id = s.complaint_id) "
    "FROM sheets AS s WHERE s.state IS NOT NULL AND s.complaint_id > $1 "
    "ORDER BY s.complaint_id LIMIT $2"
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A complaint's row as it stands in the table; the state is not decoded."""

    complaint: UUID
    state: str
    wake_at: datetime | None
    heard: Mapping[str, int]
    notices: frozenset[str]
    """Keys of its notices, delivered or not."""


async def kept_sheets(database: Database) -> AsyncIterator[Sheet]:
    """Every sheet with the timer beside it, what was heard, and the keys of its notices; page by page."""
    after = UUID(int=0)
    while True:
        async with database.direct() as connection:
            rows = await connection.fetch(_SHEETS, after, _PAGE)
        for complaint, state, wake_at, heard, keys in rows:
            yield Sheet(UUID(bytes=complaint.bytes), state, wake_at, orjson.loads(heard), frozenset(keys))
        if len(rows) < _PAGE:
            return
        after = rows[-1][0]


async def how_many_sheets(database: Database) -> int:
    """About how many there are, for showing how far an audit has come."""
    async with database.direct() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM sheets WHERE state IS NOT NULL"))


async def last_signature(database: Database, before: date) -> str:
    """The signature of the newest statement of an earlier day; empty: there is none."""
    statement = select(statements.c.signature).where(statements.c.day < before)
    async with database.reading() as connection:
        found = await connection.execute(statement.order_by(statements.c.day.desc()).limit(1))
        return str(found.scalar_one_or_none() or "")


async def keep_statement(database: Database, day: date, statement: dict[str, Any]) -> None:
    """Keep it as the day's; a later one of the same day takes its place."""
    values = {"day": day, "statement": statement, "signature": str(statement["signature"])}
    fresh = insert(statements).values(**values)
    changed = {name: fresh.excluded[name] for name in ("statement", "signature")}
    async with database.transaction() as connection:
        await connection.execute(
            fresh.on_conflict_do_update(index_elements=["day"], set_={**changed, "made_at": func.now()})
        )


@dataclass(frozen=True, slots=True)
class Findings:
    """What the newest statement tells of."""

    made_at: datetime
    by_kind: Mapping[str, int]


async def newest_findings(database: Database) -> Findings | None:
    """How many differences of each kind the newest statement tells of; None: there was never an audit."""
    newest = select(statements.c.made_at, statements.c.statement).order_by(statements.c.made_at.desc())
    async with database.reading() as connection:
        found = (await connection.execute(newest.limit(1))).one_or_none()
    return Findings(found.made_at, dict(found.statement["by_kind"])) if found is not None else None
