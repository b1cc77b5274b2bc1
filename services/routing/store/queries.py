"""Which cases are there? Everything that lists and metrics read; nothing here writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Select, cast, func, select, tuple_

from services.routing.domain.case import Case
from services.routing.store.presences import PresenceQueries
from services.routing.store.tables import IS_WORK, STORE, cases

_STATES = STORE.states()


@dataclass(frozen=True, slots=True)
class Filter:
    """Which cases a list is about; None: any. `sites` and `departments` are the reader's scope."""

    department: str | None = None
    status: str | None = None
    sites: tuple[str, ...] | None = None
    departments: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class OpenCases:
    """How many cases of one severity a department of a site has open."""

    site: str
    department: str
    severity: str
    count: int


@dataclass(frozen=True, slots=True)
class StrandedCases:
    """How many cases of a site wait for the same reason, and how long the oldest has."""

    site: str
    reason: str
    count: int
    oldest_seconds: float


class CaseQueries(PresenceQueries):
    """Reads cases; each method is one statement."""

    async def find(self, identifier: UUID | str) -> Case | None:
        """The case of this id, or of this complaint number."""
        column = cases.c.complaint_id if isinstance(identifier, UUID) else cases.c.complaint_no
        async with self._database.reading() as connection:
            result = await connection.execute(_STATES.where(column == identifier))
            row = result.first()
        return STORE.decode(row.state) if row is not None else None

    async def listed(self, wanted: Filter, *, after: UUID | None, limit: int) -> Sequence[Case]:
        """Up to `limit` cases in the order of their ids, which is that of their registration."""
        query = _narrowed(_STATES, wanted).order_by(cases.c.complaint_id).limit(limit)
        if after is not None:
            query = query.where(cases.c.complaint_id > after)
        async with self._database.reading() as connection:
            result = await connection.execute(query)
            return [STORE.decode(row.state) for row in result]

    async def urgent(self, wanted: Filter, *, after: UUID | None, limit: int) -> Sequence[Case]:
        """Up to `limit` cases that somebody has to work on, the most urgent first and of these the oldest.

        What was imported with its past and taken up by nobody is no work. Source: SEV-02.
        """
        place = tuple_(cases.c.priority, cases.c.complaint_id)
        query = _narrowed(_STATES, wanted).where(IS_WORK)
        query = query.order_by(*place).limit(limit)
        async with self._database.reading() as connection:
            if after is not None:
                last = select(cases.c.priority).where(cases.c.complaint_id == after)
                priority = (await connection.execute(last)).scalar() or 0
                query = query.where(place > tuple_(priority, after))
            result = await connection.execute(query)
            return [STORE.decode(row.state) for row in result]

    async def open_counts(self) -> Sequence[OpenCases]:
        """The cases to work on by site, department and severity; groups without any are left out."""
        group = (cases.c.site, cases.c.department, cases.c.severity)
        query = select(*group, func.count()).where(IS_WORK).group_by(*group)
        async with self._database.reading() as connection:
            return [OpenCases(*row) for row in await connection.execute(query)]

    async def open_by_assignee(self) -> Mapping[str, int]:
        """How many cases each person has to work on; whoever has none is left out."""
        mine = (cases.c.assignee.is_not(None), IS_WORK)
        query = select(cases.c.assignee, func.count()).where(*mine).group_by(cases.c.assignee)
        async with self._database.reading() as connection:
            return {row[0]: row[1] for row in await connection.execute(query)}

    async def stranded(self, *, after: UUID | None, limit: int) -> Sequence[Case]:
        """Up to `limit` cases that wait at a triage desk because nobody could take them, oldest first."""
        query = _STATES.where(cases.c.stranded.is_not(None)).order_by(cases.c.complaint_id).limit(limit)
        if after is not None:
            query = query.where(cases.c.complaint_id > after)
        async with self._database.reading() as connection:
            return [STORE.decode(row.state) for row in await connection.execute(query)]

    async def stranded_counts(self) -> Sequence[StrandedCases]:
        """The stranded cases by site and reason, with the age in seconds of the oldest of each group."""
        group = (cases.c.site, cases.c.stranded)
        age = func.extract("epoch", func.now() - func.min(cases.c.created_at))
        query = select(*group, func.count(), age).where(cases.c.stranded.is_not(None)).group_by(*group)
        async with self._database.reading() as connection:
            rows = await connection.execute(query)
            return [StrandedCases(row[0], row[1], row[2], float(row[3])) for row in rows]

    async def past(self, since: datetime, *, after: UUID | None, limit: int) -> Sequence[Case]:
        """Up to `limit` cases received since that moment, ended ones too, in the order of their ids."""
        received = cast(cases.c.state["received_at"].astext, DateTime(timezone=True))
        query = _STATES.where(received >= since).order_by(cases.c.complaint_id).limit(limit)
        if after is not None:
            query = query.where(cases.c.complaint_id > after)
        async with self._database.reading() as connection:
            return [STORE.decode(row.state) for row in await connection.execute(query)]


def _narrowed(query: Select[tuple[object]], wanted: Filter) -> Select[tuple[object]]:
    if wanted.department is not None:
        query = query.where(cases.c.department == wanted.department)
    if wanted.status is not None:
        query = query.where(cases.c.status == wanted.status)
    if wanted.sites is not None:
        query = query.where(cases.c.site.in_(wanted.sites))
    if wanted.departments is not None:
        query = query.where(cases.c.department.in_(wanted.departments))
    return query
