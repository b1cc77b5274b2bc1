"""What do people ask the register?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement

from services.intake.domain.complaint import Complaint
from services.intake.store.tables import STORE, complaints
from shared.database.transaction import Database
from shared.participation import Scope

LONGEST_PAGE = 200


@dataclass(frozen=True, slots=True)
class Filters:
    """Which complaints a list shows; None: all. `received_to` is exclusive."""

    site: str | None = None
    status: str | None = None
    kind: str | None = None
    channel: str | None = None
    department: str | None = None
    received_from: datetime | None = None
    received_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, newest first; `following` is where the next begins, None on the last."""

    items: tuple[Complaint, ...]
    following: UUID | None


class ComplaintQueries:
    """Reads the register; never under a lock, never writing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, filters: Filters, scope: Scope, *, after: UUID | None = None, limit: int = 50
    ) -> Page:
        """Complaints newest first, at most `limit` and never more than 200."""
        size = max(1, min(limit, LONGEST_PAGE))
        conditions = [*_wanted(filters), *_allowed(scope)]
        if after is not None:
            conditions.append(complaints.c.complaint_id < after)
        statement = (
            STORE.states().where(*conditions).order_by(complaints.c.complaint_id.desc()).limit(size + 1)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(statement)).all()
        items = tuple(STORE.decode(row.state) for row in rows[:size])
        following = items[-1].complaint_id if len(rows) > size else None
        return Page(items, following)

    async def by_id(self, complaint_id: UUID) -> Complaint | None:
        """The complaint of this id."""
        return await self._one(complaints.c.complaint_id == complaint_id)

    async def by_number(self, complaint_no: str) -> Complaint | None:
        """The complaint of this number, e.g. SH01-2026-000042."""
        return await self._one(complaints.c.complaint_no == complaint_no.upper())

    async def _one(self, condition: ColumnElement[bool]) -> Complaint | None:
        async with self._database.reading() as connection:
            result = await connection.execute(STORE.states().where(condition))
            value: Mapping[str, Any] | str | None = result.scalar_one_or_none()
        return None if value is None else STORE.decode(value)


def _wanted(filters: Filters) -> list[ColumnElement[bool]]:
    columns = complaints.c
    equal = {
        columns.site: filters.site,
        columns.status: filters.status,
        columns.kind: filters.kind,
        columns.channel: filters.channel,
        columns.department: filters.department,
    }
    conditions: list[ColumnElement[bool]] = [
        column == value for column, value in equal.items() if value is not None
    ]
    if filters.received_from is not None:
        conditions.append(columns.received_at >= filters.received_from)
    if filters.received_to is not None:
        conditions.append(columns.received_at < filters.received_to)
    return conditions


def _allowed(scope: Scope) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if scope.sites is not None:
        conditions.append(complaints.c.site.in_(sorted(scope.sites)))
    if scope.departments is not None:
        conditions.append(complaints.c.department.in_(sorted(scope.departments)))
    return conditions
