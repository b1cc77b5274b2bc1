"""How are notices kept and claimed? All SQL about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, DateTime, and_, bindparam, case, func, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.notice_tables import attempts, notices
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
            "complaint_id": complaint_id,
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
        await connection.execute(_WRITE, orjson.dumps(rows).decode())


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
        .values(not_before=now + lease)
        .returning(*(notices.c[name] for name in _WAITING))
    )
    found = await connection.execute(statement)
    return sorted((Waiting(*row) for row in found), key=lambda waiting: waiting.id)


async def claim_rest(
    connection: AsyncConnection, beside: Sequence[Waiting], *, now: datetime, soon: datetime, lease: timedelta
) -> list[Waiting]:
    """What else waits for the same person with the same template and is due soon, leased like `claim`."""
    first = beside[0]
    chosen = (
        select(notices.c.id)
        .where(
            _waiting(customers=False),
            notices.c.to_person == first.to,
            notices.c.template == first.template,
            notices.c.not_before <= soon,
            notices.c.id.not_in([waiting.id for waiting in beside]),
        )
        .limit(_MOST_IN_ONE)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    statement = (
        update(notices)
        .where(notices.c.id.in_(chosen))
        .values(not_before=now + lease)
        .returning(*(notices.c[name] for name in _WAITING))
    )
    return [Waiting(*row) for row in await connection.execute(statement)]


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


async def record(connection: AsyncConnection, results: Sequence[Result]) -> None:
    """Write down what became of claimed notices; what was delivered loses its sealed contact."""
    await connection.execute(
        _RECORD,
        [
            {
                "b_id": result.notice,
                "b_tries": 1 if result.attempts else 0,
                "b_delivered": result.delivered_at,
                "b_gave_up": result.gave_up_at,
                "b_not_before": result.not_before,
                "b_error": result.last_error,
            }
            for result in results
        ],
    )
    tried = [
        {
            "notice_id": result.notice,
            "at": attempt.at,
            "channel": attempt.channel,
            "outcome": attempt.outcome,
            "detail": attempt.detail,
        }
        for result in results
        for attempt in result.attempts
    ]
    if tried:
        await connection.execute(attempts.insert(), tried)


_MOMENT = DateTime(timezone=True)
_RECORD = (
    update(notices)
    # Whoever delivered it first is right: an expired lease may let two of them try.
    .where(notices.c.id == bindparam("b_id"), notices.c.delivered_at.is_(None))
    .values(
        attempts=notices.c.attempts + bindparam("b_tries"),
        delivered_at=bindparam("b_delivered"),
        gave_up_at=bindparam("b_gave_up"),
        not_before=func.coalesce(bindparam("b_not_before", type_=_MOMENT), notices.c.not_before),
        last_error=bindparam("b_error"),
        sealed=case((bindparam("b_delivered", type_=_MOMENT).is_not(None), None), else_=notices.c.sealed),
    )
)


async def seconds_to_next(connection: AsyncConnection, *, now: datetime, customers: bool) -> float | None:
    """How long until a notice is due, 0 if one is; None while none waits."""
    earliest = select(func.min(notices.c.not_before)).where(_waiting(customers=customers))
    found = (await connection.execute(earliest)).scalar_one()
    return None if found is None else max(0.0, (found - now).total_seconds())
