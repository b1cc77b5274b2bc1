"""How is it written down what became of notices? In bulk: one letter may have been thousands of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.notify.table import Result

_RECORD = text(
    "UPDATE notices SET attempts = attempts + tries, delivered_at = delivered, gave_up_at = gave_up, "
    "not_before = coalesce(later, not_before), last_error = error, "
    "sealed = CASE WHEN delivered IS NULL THEN sealed END "
    "FROM unnest(CAST(:ids AS uuid[]), CAST(:tries AS int[]), CAST(:delivered AS timestamptz[]), "
    "CAST(:gave_up AS timestamptz[]), CAST(:not_before AS timestamptz[]), CAST(:errors AS text[])) "
    "AS result (notice, tries, delivered, gave_up, later, error) "
    # Whoever delivered it first is right.
    "WHERE id = notice AND delivered_at IS NULL"
)
_TRIED = text(
    "INSERT INTO notice_attempts (notice_id, at, channel, outcome, detail) "
    "SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:ats AS timestamptz[]), CAST(:channels AS text[]), "
    "CAST(:outcomes AS text[]), CAST(:details AS text[]))"
)
_RELEASE = text(
    "UPDATE notices SET not_before = CAST(:now AS timestamptz) WHERE delivered_at IS NULL "
    "AND gave_up_at IS NULL AND last_error IS NOT NULL AND not_before > CAST(:now AS timestamptz)"
)


async def record(connection: AsyncConnection, results: Sequence[Result]) -> None:
    """Write down what became of claimed notices; what was delivered loses its sealed contact."""
    # Of two results for one notice the delivery is right: an expired lease may let it be tried twice.
    latest = {one.notice: one for one in sorted(results, key=lambda one: one.delivered_at is not None)}
    await connection.execute(
        _RECORD,
        {
            "ids": list(latest),
            "tries": [1 if one.attempts else 0 for one in latest.values()],
            "delivered": [one.delivered_at for one in latest.values()],
            "gave_up": [one.gave_up_at for one in latest.values()],
            "not_before": [one.not_before for one in latest.values()],
            "errors": [one.last_error for one in latest.values()],
        },
    )
    tried = [(one.notice, attempt) for one in results for attempt in one.attempts]
    if tried:
        await connection.execute(
            _TRIED,
            {
                "ids": [notice for notice, _ in tried],
                "ats": [attempt.at for _, attempt in tried],
                "channels": [attempt.channel for _, attempt in tried],
                "outcomes": [attempt.outcome for _, attempt in tried],
                "details": [attempt.detail for _, attempt in tried],
            },
        )


async def release(connection: AsyncConnection, now: datetime) -> None:
    """Let whatever was tried in vain be tried again now."""
    await connection.execute(_RELEASE, {"now": now})
