"""How are notices kept and claimed? All SQL about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, TextClause, and_, func, literal_column, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.notice_tables import notices
from shared.database.transaction import Direct
from shared.deciding import Notice
from shared.ids import new_id

CUSTOMER = "customer"
AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""Long ago: whatever the clock of the process says."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that has been claimed for one attempt."""

    id: UUID
    key: str
    complaint_id: UUID
    to: str
    template: str
    language: str
    values: Mapping[str, str]
    sealed: str | None
    created_at: datetime
    attempts: int
    """How often it was tried before."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Whose other notices are wanted: `about` is a template, or the complaint of a customer."""

    to: str
    about: str
    soon: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try on one channel; the detail holds no personal text."""

    at: datetime
    channel: str
    outcome: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a claimed notice. All None: it waits again, as if it had not been claimed."""

    notice: UUID
    attempts: tuple[Attempt, ...] = ()
    delivered_at: datetime | None = None
    gave_up_at: datetime | None = None
    not_before: datetime | None = None
    last_error: str | None = None


_WRITE = (
    "INSERT INTO notices (id, key, complaint_id, to_person, template, language, values, sealed, not_before) "
    "SELECT id, key, complaint_id, to_person, template, language, values, sealed, not_before "
    "FROM jsonb_to_recordset($1::jsonb) AS given(id uuid, key text, complaint_id uuid, to_person text, "
    "template text, language text, values jsonb, sealed text, not_before timestamptz) "
    "ON CONFLICT (key) DO NOTHING"
)


async def write_notices(connection: Direct, told: Sequence[tuple[UUID, Notice]]) -> None:
    """Keep them in the transaction of the decision; a key that is there already stays as it is."""
    rows = [
        {
            "id": new_id(),
            "key": notice.key,
            # The driver gives ids of a type of its own, which JSON does not know.
            "complaint_id": str(complaint_id),
            "to_person": notice.to,
            "template": notice.template,
            "language": notice.language,
            "values": dict(notice.values),
            "sealed": notice.sealed,
            "not_before": notice.not_before or AT_ONCE,
        }
        for complaint_id, notice in told
    ]
    if rows:
        # The driver has a type of its own for ids.
        await connection.execute(_WRITE, orjson.dumps(rows, default=str).decode())


def _waiting(*, customers: bool) -> ColumnElement[bool]:
    waiting = and_(notices.c.delivered_at.is_(None), notices.c.gave_up_at.is_(None))
    # As a literal, so that the planner sees that the smaller index is enough.
    persons = notices.c.to_person != literal_column(f"'{CUSTOMER}'")
    return waiting if customers else and_(waiting, persons)


async def claim(
    connection: AsyncConnection, *, now: datetime, lease: timedelta, most: int, customers: bool
) -> list[Waiting]:
    """Up to `most` notices that are due, each kept from other dispatchers until the lease ends."""
    due = and_(_waiting(customers=customers), notices.c.not_before <= now)
    chosen = (
        select(notices.c.id)
        .where(due)
        .order_by(notices.c.not_before)
        .limit(most)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    statement = (
        update(notices)
        .where(notices.c.id.in_(chosen))
        # Without an error it is under way, or new; with one it waits to be tried again.
        .values(not_before=now + lease, last_error=None)
        .returning(*(notices.c[name] for name in _WAITING))
    )
    found = await connection.execute(statement)
    return sorted((Waiting(*row) for row in found), key=lambda waiting: waiting.id)


async def claim_rest(
    connection: AsyncConnection, wanted: Sequence[Beside], claimed: Sequence[UUID], *, until: datetime
) -> list[Waiting]:
    """What else waits for the same readers: due by `soon`, or tried before; leased `until` like `claim`."""
    found: list[Waiting] = []
    for statement, ones in (
        (_REST_OF_PERSONS, [one for one in wanted if one.to != CUSTOMER]),
        (_REST_OF_CUSTOMERS, [one for one in wanted if one.to == CUSTOMER]),
    ):
        if ones:
            values = {
                "to": [one.to for one in ones],
                "about": [one.about for one in ones],
                "soon": [one.soon for one in ones],
                "claimed": list(claimed),
                "until": until,
                "most": _MOST_IN_ONE,
            }
            found += [Waiting(*row) for row in await connection.execute(statement, values)]
    return found


async def put_off(
    connection: AsyncConnection, to: str, about: str, ids: Sequence[UUID], *, now: datetime, until: datetime
) -> None:
    """Let these, and whatever else is due for the same reader by now, wait together; that is no try."""
    values = {"to": to, "about": about, "ids": list(ids), "now": now, "until": until}
    await connection.execute(_PUT_OFF_CUSTOMER if to == CUSTOMER else _PUT_OFF_PERSON, values)


_MOST_IN_ONE = 5000
_WAITING = (
    "id",
    "key",
    "complaint_id",
    "to_person",
    "template",
    "language",
    "values",
    "sealed",
    "created_at",
    "attempts",
)


# Written out, so that the planner sees which of the indexes is enough.
_PERSON = f"to_person <> '{CUSTOMER}' AND to_person = {{to}} AND template = {{about}}"
_CUSTOMER = f"to_person = {{to}} AND to_person = '{CUSTOMER}' AND complaint_id = CAST({{about}} AS uuid)"
_OPEN = "delivered_at IS NULL AND gave_up_at IS NULL"


def _rest(reader: str) -> TextClause:
    return text(
        "UPDATE notices SET not_before = CAST(:until AS timestamptz), last_error = NULL WHERE id IN ("  # noqa: S608 - our own text
        "SELECT id FROM notices JOIN unnest(CAST(:to AS text[]), CAST(:about AS text[]), "
        "CAST(:soon AS timestamptz[])) AS wanted (reader, about, soon) "
        f"ON {reader.format(to='reader', about='about')} "
        f"WHERE {_OPEN} AND (last_error IS NOT NULL OR not_before <= soon) "
        "AND id <> ALL(CAST(:claimed AS uuid[])) LIMIT :most FOR UPDATE OF notices SKIP LOCKED) "
        f"RETURNING {', '.join(_WAITING)}"
    )


def _off(reader: str) -> TextClause:
    return text(
        "UPDATE notices SET not_before = CAST(:until AS timestamptz) "  # noqa: S608 - our own text
        f"WHERE {_OPEN} AND (id = ANY(CAST(:ids AS uuid[])) OR not_before <= CAST(:now AS timestamptz) "
        f"AND {reader.format(to='CAST(:to AS text)', about='CAST(:about AS text)')})"
    )


_REST_OF_PERSONS, _REST_OF_CUSTOMERS = _rest(_PERSON), _rest(_CUSTOMER)
_PUT_OFF_PERSON, _PUT_OFF_CUSTOMER = _off(_PERSON), _off(_CUSTOMER)


async def seconds_to_next(connection: AsyncConnection, *, now: datetime, customers: bool) -> float | None:
    """How long until a notice is due, 0 if one is; None while none waits."""
    earliest = select(func.min(notices.c.not_before)).where(_waiting(customers=customers))
    found = (await connection.execute(earliest)).scalar_one()
    return None if found is None else max(0.0, (found - now).total_seconds())
