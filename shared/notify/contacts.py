"""How is the customer reached now, and which letters went where they should not have gone?

A letter is written to a customer, not to an address: it goes to the contact that the service knows when it
is sent. Where it went stands beside the attempt as a pseudonym.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from shared.database.transaction import Database

MISDIRECTED = "misdirected"
"""The outcome that is recorded beside `sent` when the contact turns out to have been wrong."""
_UNDER_WAY = timedelta(minutes=3)
_MISDIRECTED = text(
    "SELECT id, template, delivered_at FROM notices WHERE complaint_id = :complaint "
    "AND to_person = 'customer' AND delivered_at IS NOT NULL "
    "AND coalesce((SELECT nullif(detail, '') FROM notice_attempts "
    "WHERE notice_id = notices.id AND outcome = 'sent' ORDER BY notice_attempts.id DESC LIMIT 1), "
    # Of older letters nobody noted where they went: before the correction it was to the former contact.
    "CASE WHEN delivered_at < :corrected THEN '' ELSE :current END) <> :current "
    "AND NOT EXISTS (SELECT FROM notice_attempts WHERE notice_id = notices.id AND outcome = 'misdirected') "
    "ORDER BY delivered_at"
)
_IN_FLIGHT = text(
    "SELECT count(*) FROM notices WHERE complaint_id = :complaint AND to_person = 'customer' "
    "AND delivered_at IS NULL AND gave_up_at IS NULL AND last_error IS NULL "
    "AND not_before > :now AND not_before < :lease_ends"
)
_MARK = text(
    "INSERT INTO notice_attempts (notice_id, at, channel, outcome, detail) "
    "SELECT notice, :now, 'mail', 'misdirected', '' FROM unnest(CAST(:notices AS uuid[])) AS notice"
)
# What could not be delivered to the former contact was given up or waits long; the new one is tried now.
_TRY_AGAIN = text(
    "UPDATE notices SET gave_up_at = NULL, not_before = :now WHERE complaint_id = :complaint "
    "AND to_person = 'customer' AND delivered_at IS NULL AND last_error IS NOT NULL"
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A letter that arrived."""

    notice: UUID
    template: str
    at: datetime


class Contacts:
    """The contacts in the states of one service, and the letters that went to them."""

    def __init__(self, database: Database, table: str) -> None:
        """`table`: where the service keeps its states."""
        self._database = database
        self._current = text(f"SELECT state->>'sealed' FROM {table} WHERE complaint_id = :complaint")  # noqa: S608 - our own name

    async def current(self, complaint_id: UUID) -> str | None:
        """The customer's sealed contact as the service knows it now; None: it knows none."""
        async with self._database.reading() as connection:
            found = await connection.execute(self._current, {"complaint": complaint_id})
            sealed: str | None = found.scalar_one_or_none()
        return sealed

    async def is_under_way(self, complaint_id: UUID, now: datetime) -> bool:
        """Whether a letter to this customer is being sent, so that nobody knows yet where it went."""
        values = {"complaint": complaint_id, "now": now, "lease_ends": now + _UNDER_WAY}
        async with self._database.reading() as connection:
            return bool((await connection.execute(_IN_FLIGHT, values)).scalar_one())

    async def misdirected(self, complaint_id: UUID, *, current: str, corrected: datetime) -> list[Sent]:
        """Letters that arrived elsewhere than at the contact `current` (a pseudonym), the oldest first.

        Those are left out that are marked already.
        """
        values = {"complaint": complaint_id, "current": current, "corrected": corrected}
        async with self._database.reading() as connection:
            return [Sent(*row) for row in await connection.execute(_MISDIRECTED, values)]

    async def settle(self, complaint_id: UUID, wrong: list[Sent], now: datetime) -> None:
        """Mark these, and let what could not be delivered go to the contact of today."""
        async with self._database.transaction() as connection:
            await connection.execute(_TRY_AGAIN, {"complaint": complaint_id, "now": now})
            if wrong:
                await connection.execute(_MARK, {"notices": [one.notice for one in wrong], "now": now})
