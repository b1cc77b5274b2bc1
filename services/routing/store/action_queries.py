"""Which actions are there, what waits for its check, and which causes come back?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from services.routing.domain.case import Case
from services.routing.store.tables import STORE, cases
from shared.database.transaction import Database

_MOST = 500


@dataclass(frozen=True, slots=True)
class Recurrence:
    """So many complaints of one cause at one site, and the newest of them."""

    site: str
    cause: str
    count: int
    newest: UUID


class ActionQueries:
    """Reads cases by their actions and causes; each method is one statement."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def with_actions(
        self, sites: tuple[str, ...] | None, states: Sequence[str], *, after: UUID | None, limit: int
    ) -> Sequence[Case]:
        """Up to `limit` cases that have an action in one of the states, in the order of their ids."""
        query = (
            STORE.states()
            .where(
                func.cardinality(cases.c.action_states) > 0,
                cases.c.action_states.overlap(list(states)),
            )
            .order_by(cases.c.complaint_id)
            .limit(limit)
        )
        if sites is not None:
            query = query.where(cases.c.site.in_(sites))
        if after is not None:
            query = query.where(cases.c.complaint_id > after)
        async with self._database.reading() as connection:
            return [STORE.decode(row.state) for row in await connection.execute(query)]

    async def checks_due(self, now: datetime) -> Sequence[Case]:
        """Cases with an action whose effect is to be judged by now, those that wait longest first."""
        query = STORE.states().where(cases.c.check_at <= now).order_by(cases.c.check_at).limit(_MOST)
        async with self._database.reading() as connection:
            return [STORE.decode(row.state) for row in await connection.execute(query)]

    async def recurrences(self, site: str, cause: str, since: datetime, *, besides: UUID) -> int:
        """How many other complaints of the cause the site has received after that moment."""
        query = select(func.count()).where(
            cases.c.site == site,
            cases.c.cause == cause,
            cases.c.cause_at > since,
            cases.c.complaint_id != besides,
        )
        async with self._database.reading() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def recurring(
        self, site: str, since: datetime, at_least: int, *, cause: str | None = None
    ) -> Sequence[Recurrence]:
        """Causes that the site has met so often after that moment, the most frequent first."""
        count = func.count()
        # Ids grow with time, so the greatest is the newest; uuid has no max() before PostgreSQL 18.
        newest = func.array_agg(cases.c.complaint_id)
        query = (
            select(cases.c.cause, count, newest)
            .where(cases.c.site == site, cases.c.cause.is_not(None), cases.c.cause_at > since)
            .group_by(cases.c.cause)
            .having(count >= at_least)
            .order_by(count.desc(), cases.c.cause)
            .limit(_MOST)
        )
        if cause is not None:
            query = query.where(cases.c.cause == cause)
        async with self._database.reading() as connection:
            found = await connection.execute(query)
            return [Recurrence(site, name, number, max(ids)) for name, number, ids in found]

    async def acting_against(self, site: str, cause: str) -> Sequence[Case]:
        """Cases of the site with an action against the cause, given up or not."""
        query = (
            STORE.states()
            .where(
                cases.c.site == site,
                func.cardinality(cases.c.action_states) > 0,
                cases.c.action_causes.contains([cause]),
            )
            .limit(_MOST)
        )
        async with self._database.reading() as connection:
            return [STORE.decode(row.state) for row in await connection.execute(query)]
