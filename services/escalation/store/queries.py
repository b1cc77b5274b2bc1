"""What can be read of clock sheets: one, the one an alarm belongs to, a page of alarms, and figures?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Select, func, or_, select, text
from sqlalchemy.dialects.postgresql import array

from services.escalation.domain.proving import Learned
from services.escalation.domain.sheet import ClockSheet
from services.escalation.store.forecasts import Newest
from services.escalation.store.outcomes import Ended, Key, Totals, ended_between, recent
from services.escalation.store.reports import By, Standing, standings
from services.escalation.store.scoping import Count
from services.escalation.store.tables import STORE, sheets
from shared.database.notice_tables import notices
from shared.database.transaction import Database
from shared.participation import Scope

__all__ = ["Count", "Scope", "SheetQueries"]

_c = sheets.c
_n = notices.c
_UNDELIVERED = (
    select(_n.template, func.count())
    .where(
        _n.delivered_at.is_(None),
        or_(_n.gave_up_at.isnot(None), _n.created_at < func.now() - timedelta(minutes=15)),
        # One that waits for the morning is not late yet.
        or_(_n.attempts > 0, _n.not_before < func.now()),
    )
    .group_by(_n.template)
)


WITHIN = ("1h", "8h", "1d")
_DUE = text(
    "SELECT site, coalesce(department, ''), min(earliest_due), "
    "count(*) FILTER (WHERE earliest_due < now() + interval '1 hour'), "
    "count(*) FILTER (WHERE earliest_due < now() + interval '8 hours'), "
    "count(*) FILTER (WHERE earliest_due < now() + interval '1 day') "
    "FROM sheets WHERE earliest_due IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"
)


@dataclass(frozen=True, slots=True)
class DueCount:
    """When the next clock of a department is due, and how many complaints have one due within that time."""

    site: str
    department: str
    next_due_at: datetime
    within: Mapping[str, int]


class SheetQueries:
    """Reads of the table; nothing here writes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._newest = Newest(database)
        self._totals = Totals(database)

    async def learned(self) -> Learned | None:
        """What is known of how clocks end; None before anything was learned."""
        return await self._newest.learned()

    async def sheet(self, complaint_id: UUID) -> ClockSheet | None:
        """The complaint's sheet, if it is registered here."""
        return await self._one(STORE.states().where(_c.complaint_id == complaint_id))

    async def sheet_of(self, escalation_id: UUID) -> ClockSheet | None:
        """The sheet that holds this alarm."""
        holds = _c.escalation_ids.contains(array([escalation_id]))
        return await self._one(STORE.states().where(holds))

    async def alarmed(
        self, scope: Scope, *, is_open: bool | None, after: UUID | None, limit: int
    ) -> tuple[ClockSheet, ...]:
        """At most `limit` sheets with alarms behind the one named by `after`, oldest complaint first.

        `is_open`: with an alarm that waits for an answer, or with none such; None: either.
        """
        statement = STORE.states().where(func.cardinality(_c.escalation_ids) > 0)
        if is_open is not None:
            waiting = func.cardinality(_c.open_levels)
            statement = statement.where(waiting > 0 if is_open else waiting == 0)
        async with self._database.reading() as connection:
            rows = await connection.execute(_within(statement, scope, after).limit(limit))
            return tuple(STORE.decode(row.state) for row in rows)

    async def unfinished(self, scope: Scope, *, after: UUID | None, limit: int) -> tuple[UUID, ...]:
        """At most `limit` complaints with an open clock behind the one named by `after`, oldest first."""
        statement = _within(select(_c.complaint_id).where(_c.is_open), scope, after)
        async with self._database.reading() as connection:
            return tuple(row.complaint_id for row in await connection.execute(statement.limit(limit)))

    async def standings(self, site: str, at: datetime, *, by: By, scope: Scope) -> tuple[Standing, ...]:
        """How the clocks of a site stood at that moment, by department or category."""
        return await standings(self._database, site, at, by=by, scope=scope)

    async def running_counts(self) -> tuple[Count, ...]:
        """Running clocks by site and name."""
        return await self._counts(_c.running, _c.earliest_due.isnot(None))

    async def alarm_counts(self) -> tuple[Count, ...]:
        """Alarms that wait for an answer, by site and level."""
        return await self._counts(_c.open_levels, func.cardinality(_c.open_levels) > 0)

    async def undelivered(self) -> tuple[tuple[str, int], ...]:
        """How many notices of each template wait too long or were given up; customers' letters too."""
        async with self._database.reading() as connection:
            rows = await connection.execute(_UNDELIVERED)
            return tuple((template, number) for template, number in rows)

    async def due_counts(self) -> tuple[DueCount, ...]:
        """What breaches next at each site and department, and how much within an hour, eight and a day."""
        async with self._database.reading() as connection:
            rows = await connection.execute(_DUE)
            return tuple(
                DueCount(site, department, next_due_at, dict(zip(WITHIN, numbers, strict=True)))
                for site, department, next_due_at, *numbers in rows
            )

    async def ended_totals(self) -> tuple[dict[Key, int], dict[Key, int]]:
        """How clocks have ended so far: the live ones, and those of imported pasts."""
        return await self._totals.counted()

    async def ended_recently(self) -> dict[Key, tuple[int, int]]:
        """How many live clocks ended in the last hour and in the last day."""
        return await recent(self._database)

    async def ended_between(
        self, site: str, since: datetime, until: datetime, *, by: By, scope: Scope, history: bool
    ) -> tuple[Ended, ...]:
        """How the clocks of a site ended from `since` to before `until`, by department or category."""
        return await ended_between(self._database, site, since, until, by=by, scope=scope, history=history)

    async def _counts(self, listed: Column[Any], condition: ColumnElement[bool]) -> tuple[Count, ...]:
        """How often each entry of these lists occurs at each site."""
        each = select(_c.site, func.unnest(listed).label("of")).where(condition).subquery()
        statement = select(each.c.site, each.c.of, func.count()).group_by(each.c.site, each.c.of)
        async with self._database.reading() as connection:
            rows = await connection.execute(statement)
            return tuple(Count(site, str(of), number) for site, of, number in rows)

    async def _one(self, statement: Select[Any]) -> ClockSheet | None:
        async with self._database.reading() as connection:
            document = (await connection.execute(statement)).scalar_one_or_none()
        return None if document is None else STORE.decode(document)


def _within(statement: Select[Any], scope: Scope, after: UUID | None) -> Select[Any]:
    """Those of the scope behind that complaint, in the order of complaints."""
    if scope.sites is not None:
        statement = statement.where(_c.site.in_(scope.sites))
    if scope.departments is not None:
        # What no department has yet is everybody's business at the site.
        own = _c.department.in_(scope.departments)
        statement = statement.where(or_(own, _c.department.is_(None)))
    if after is not None:
        statement = statement.where(_c.complaint_id > after)
    return statement.order_by(_c.complaint_id)
