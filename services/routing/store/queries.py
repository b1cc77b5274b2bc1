"""Which cases are there? Everything that lists and metrics read; nothing here writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, func, select

from services.routing.domain.case import Case
from services.routing.store.action_queries import ActionQueries
from services.routing.store.tables import STORE, cases
from shared.lifecycle import ENDED

_STATES = select(cases.c.state).where(cases.c.state.is_not(None))
_ENDED = tuple(status.value for status in ENDED)


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


class CaseQueries(ActionQueries):
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

    async def open_counts(self) -> Sequence[OpenCases]:
        """The open cases by site, department and severity; groups without any are left out."""
        group = (cases.c.site, cases.c.department, cases.c.severity)
        query = select(*group, func.count()).where(cases.c.status.not_in(_ENDED)).group_by(*group)
        async with self._database.reading() as connection:
            return [OpenCases(*row) for row in await connection.execute(query)]


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
