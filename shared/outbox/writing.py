"""How do outbox, inbox and idempotency rows get into the transaction that they belong to?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_OUTBOX = text(
    "INSERT INTO outbox (event_id, type, routing_key, traceparent, body) "
    "SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:types AS text[]), CAST(:keys AS text[]), "
    "CAST(:traces AS text[]), CAST(:bodies AS bytea[]))"
)
_SEEN = text("SELECT event_id FROM inbox WHERE event_id = ANY(CAST(:ids AS uuid[]))")
_HANDLED = text("INSERT INTO inbox (event_id) SELECT unnest(CAST(:ids AS uuid[]))")
_KEYS = text("SELECT key, fingerprint, complaint_id FROM idempotency WHERE key = ANY(CAST(:keys AS text[]))")
_KEEP = text(
    "INSERT INTO idempotency (key, fingerprint, complaint_id) "
    "SELECT * FROM unnest(CAST(:keys AS text[]), CAST(:prints AS text[]), CAST(:ids AS uuid[]))"
)


@dataclass(frozen=True, slots=True)
class Letter:
    """An event ready for the wire: the bytes that are committed are the bytes that are sent."""

    event_id: UUID
    type: str
    routing_key: str
    traceparent: str | None
    body: bytes


@dataclass(frozen=True, slots=True)
class Idempotency:
    """What a caller says to make a repeated request harmless: key with caller, and hash of the body."""

    key: str
    fingerprint: str


async def write_letters(connection: AsyncConnection, letters: Sequence[Letter]) -> None:
    """Put the letters in the outbox, in this order."""
    await connection.execute(
        _OUTBOX,
        {
            "ids": [letter.event_id for letter in letters],
            "types": [letter.type for letter in letters],
            "keys": [letter.routing_key for letter in letters],
            "traces": [letter.traceparent for letter in letters],
            "bodies": [letter.body for letter in letters],
        },
    )


async def already_handled(connection: AsyncConnection, ids: Sequence[UUID]) -> set[UUID]:
    """Which of these events were handled before."""
    result = await connection.execute(_SEEN, {"ids": list(ids)})
    return {row[0] for row in result}


async def mark_handled(connection: AsyncConnection, ids: Sequence[UUID]) -> None:
    """Remember them; fails on the unique key if somebody handled one in the meantime."""
    await connection.execute(_HANDLED, {"ids": sorted(ids)})


async def known_keys(connection: AsyncConnection, keys: Sequence[str]) -> dict[str, tuple[str, UUID]]:
    """Fingerprint and complaint of the idempotency keys that were used before."""
    result = await connection.execute(_KEYS, {"keys": list(keys)})
    return {row[0]: (row[1], row[2]) for row in result}


async def keep_keys(connection: AsyncConnection, used: Sequence[tuple[Idempotency, UUID]]) -> None:
    """Remember the keys; fails on the unique key if the same request ran in the meantime."""
    await connection.execute(
        _KEEP,
        {
            "keys": [one.key for one, _ in used],
            "prints": [one.fingerprint for one, _ in used],
            "ids": [complaint for _, complaint in used],
        },
    )
