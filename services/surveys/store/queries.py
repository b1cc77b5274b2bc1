"""What can be read of invitations: one, a page of them, and how many forms ended in which way?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    DateTime,
    Float,
    Select,
    cast,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.surveys.domain.invitation import Invitation
from services.surveys.domain.lifecycle import Status
from services.surveys.domain.results import Tally
from services.surveys.store.rounds import Rounds
from services.surveys.store.tables import STORE, invitations
from shared.database.transaction import Database

_c = invitations.c


@dataclass(frozen=True, slots=True)
class Window:
    """Which forms are meant; None leaves a side open, `sites` and `departments` None mean all of them."""

    sites: Collection[str] | None = None
    survey: str | None = None
    invited_from: datetime | None = None
    invited_before: datetime | None = None
    departments: Collection[str] | None = None


class InvitationQueries:
    """Reads of the table; nothing here writes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.rounds = Rounds(database)

    async def invitation(self, complaint_id: UUID) -> Invitation | None:
        """The complaint's invitation, if it was ever registered here."""
        statement = STORE.states().where(_c.complaint_id == complaint_id)
        async with self._database.reading() as connection:
            document = (await connection.execute(statement)).scalar_one_or_none()
        return None if document is None else STORE.decode(document)

    async def page(
        self,
        *,
        sites: Collection[str] | None,
        departments: Collection[str] | None = None,
        status: Status | None,
        after: UUID | None,
        limit: int,
    ) -> tuple[Invitation, ...]:
        """At most `limit` invitations, oldest complaint first, behind the one named by `after`."""
        statement = STORE.states()
        if sites is not None:
            statement = statement.where(_c.site.in_(sites))
        if departments is not None:
            statement = statement.where(_c.department.in_(departments))
        if status is not None:
            statement = statement.where(_c.status == status.value)
        if after is not None:
            statement = statement.where(_c.complaint_id > after)
        statement = statement.order_by(_c.complaint_id).limit(limit)
        async with self._database.reading() as connection:
            documents = (await connection.execute(statement)).scalars().all()
        return tuple(STORE.decode(document) for document in documents)

    async def tallies(self, window: Window) -> tuple[Tally, ...]:
        """Forms counted by site, survey, status and answer; earlier forms of reopened ones too."""
        statement = union_all(_current(window), _earlier(window))
        async with self._database.reading() as connection:
            rows = (await connection.execute(statement)).all()
        return tuple(
            Tally(
                site=row.site,
                survey=row.survey,
                status=Status(row.status),
                forms=row.forms,
                grade=row.grade,
                score=row.score,
                satisfied=row.satisfied,
            )
            for row in rows
        )


def _current(window: Window) -> Select[*tuple[Any, ...]]:
    columns = (_c.site, _c.survey, _c.status, _c.grade, _c.score, _c.satisfied)
    return (
        select(*columns, func.count().label("forms"))
        .where(_c.invited_at.isnot(None), *_within(window, _c.survey, _c.invited_at))
        .group_by(*columns)
    )


def _earlier(window: Window) -> Select[*tuple[Any, ...]]:
    forms = func.jsonb_array_elements(_c.state["earlier"]).table_valued("value").alias("forms")
    form = cast(forms.c.value, JSONB)
    answer = form["answer"]
    survey = form["survey"].astext
    columns = (
        _c.site,
        survey.label("survey"),
        form["status"].astext.label("status"),
        answer["grade"].astext.label("grade"),
        cast(answer["score"].astext, Float).label("score"),
        cast(answer["satisfied"].astext, Boolean).label("satisfied"),
    )
    invited_at = cast(form["invited_at"].astext, DateTime(timezone=True))
    return (
        select(*columns, func.count().label("forms"))
        .select_from(invitations.join(forms, literal_column("true")))
        .where(_c.earlier_forms > 0, *_within(window, survey, invited_at))
        .group_by(*[literal_column(str(place)) for place in range(1, len(columns) + 1)])
    )


def _within(
    window: Window, survey: ColumnElement[str], invited_at: ColumnElement[datetime]
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if window.sites is not None:
        conditions.append(_c.site.in_(window.sites))
    if window.departments is not None:
        conditions.append(_c.department.in_(window.departments))
    if window.survey is not None:
        conditions.append(survey == window.survey)
    if window.invited_from is not None:
        conditions.append(invited_at >= window.invited_from)
    if window.invited_before is not None:
        conditions.append(invited_at < window.invited_before)
    return conditions
