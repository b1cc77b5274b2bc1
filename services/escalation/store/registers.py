"""Which complaints does each of the four databases know, and by which number? Read for the auditor only.

The audit is an operator's: services themselves never look into each other's databases.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from shared.database.transaction import Database

TABLES: Mapping[str, str] = {
    "intake": "complaints",
    "routing": "cases",
    "escalation": "sheets",
    "surveys": "invitations",
}
_PAGE = 5000
_ROWS = (
    "SELECT complaint_id, complaint_no, created_at FROM {table} "
    "WHERE state IS NOT NULL AND complaint_id > $1 ORDER BY complaint_id LIMIT $2"
)
_OF_NUMBERS = (
    "SELECT complaint_no, complaint_id FROM {table} "
    "WHERE state IS NOT NULL AND complaint_no = ANY($1::text[])"
)
_TWICE = (
    "SELECT complaint_no, array_agg(complaint_id ORDER BY complaint_id) FROM {table} "
    "WHERE state IS NOT NULL AND complaint_no IS NOT NULL GROUP BY complaint_no HAVING count(*) > 1"
)


class Known(NamedTuple):
    """A complaint that a database has a document of."""

    complaint: UUID
    number: str
    since: datetime


async def known_in(database: Database, service: str) -> AsyncIterator[Known]:
    """Every complaint of one service by rising id, page by page."""
    after = UUID(int=0)
    while True:
        async with database.direct() as connection:
            rows = await connection.fetch(_ROWS.format(table=TABLES[service]), after, _PAGE)
        for complaint, number, since in rows:
            yield Known(UUID(bytes=complaint.bytes), number or "", since)
        if len(rows) < _PAGE:
            return
        after = rows[-1][0]


async def holders(database: Database, service: str, numbers: Iterable[str]) -> dict[str, UUID]:
    """Which complaint has each of these numbers there."""
    async with database.direct() as connection:
        rows = await connection.fetch(_OF_NUMBERS.format(table=TABLES[service]), sorted(set(numbers)))
    return {row[0]: UUID(bytes=row[1].bytes) for row in rows}


async def given_twice(database: Database, service: str) -> list[tuple[str, list[UUID]]]:
    """Numbers that two complaints of one service have."""
    async with database.direct() as connection:
        rows = await connection.fetch(_TWICE.format(table=TABLES[service]))
    return [(row[0], [UUID(bytes=one.bytes) for one in row[1]]) for row in rows]
