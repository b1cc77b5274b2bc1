"""How do state, outbox, inbox and idempotency rows get into the transaction that they belong to?

Each batch reads at one stroke and writes at one stroke: a round trip to the database costs this process
more than the rows that it carries.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from shared.database.documents import DocumentStore, StaleState, Stored
from shared.database.transaction import Direct
from shared.deciding import Aggregate

S = TypeVar("S", bound=Aggregate)

_TELL = (
    "INSERT INTO outbox (event_id, type, routing_key, traceparent, body, subject, bulk) "
    "SELECT event_id, type, routing_key, traceparent, body, subject, bulk OR EXISTS "
    # While one of a complaint waits in the bulk lane those after it follow there and do not overtake it.
    "(SELECT FROM outbox AS before WHERE before.bulk AND before.subject = given.subject) "
    "FROM unnest({0}::uuid[], {1}::text[], {2}::text[], {3}::text[], {4}::bytea[], {5}::uuid[], {6}::bool[]) "
    "AS given(event_id, type, routing_key, traceparent, body, subject, bulk)"
)
_HANDLED = "INSERT INTO inbox (event_id) SELECT unnest($9::uuid[])"
_KEYS = "SELECT key, fingerprint, complaint_id FROM idempotency WHERE key = ANY($1::text[])"
_KEEP = (
    "INSERT INTO idempotency (key, fingerprint, complaint_id) "
    "SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[])"
)


@dataclass(frozen=True, slots=True)
class Letter:
    """An event ready for the wire: the bytes that are committed are the bytes that are sent."""

    event_id: UUID
    type: str
    routing_key: str
    traceparent: str | None
    body: bytes
    subject: UUID | None = None
    """Whom it is about; None: it is kept in order with all others that do not say."""
    bulk: bool = False
    """Whether it may wait behind the living (docs/decisions/0062)."""


@dataclass(frozen=True, slots=True)
class Idempotency:
    """What a caller says to make a repeated request harmless: key with caller, and hash of the body."""

    key: str
    fingerprint: str


class Strokes(Generic[S]):
    """The two statements of a batch over one document table."""

    def __init__(self, store: DocumentStore[S]) -> None:
        self._store = store
        # One snapshot for both: what another replica commits meanwhile is found by the unique key of
        # the inbox or by the version of the row, and the batch runs again.
        self._read = (  # both are made of our own names only
            f"WITH locked AS ({store.locked}) "  # noqa: S608
            "SELECT * FROM locked UNION ALL "
            "SELECT event_id, NULL, NULL, NULL, NULL, NULL FROM inbox WHERE event_id = ANY($2::uuid[])"
        )
        self._write = (
            f"WITH saved AS ({store.upserted}), "  # noqa: S608
            f"told AS ({_TELL.format('$2', '$3', '$4', '$5', '$6', '$7', '$8')}), handled AS ({_HANDLED}) "
            "SELECT count(*) FROM saved"
        )

    async def read(
        self, connection: Direct, ids: Iterable[UUID], events: Sequence[UUID]
    ) -> tuple[dict[UUID, Stored[S]], set[UUID]]:
        """The complaints' rows, locked in the order of their ids, and which events were handled before."""
        found = await connection.fetch(self._read, sorted(ids), events)
        rows = {row[0]: self._store.stored(row) for row in found if row[1] is not None}
        return rows, {row[0] for row in found if row[1] is None}

    async def write(
        self,
        connection: Direct,
        rows: Sequence[Stored[S]],
        letters: Sequence[Letter],
        handled: Sequence[UUID],
    ) -> None:
        """Write the rows, put the letters in the outbox in their order, and remember what was handled.

        Raises StaleState if a row changed since it was read; fails on the unique key of the inbox if
        somebody handled one of the events in the meantime.
        """
        if not rows:
            return
        documents = self._store.documents(rows)
        saved = await connection.fetchval(self._write, documents, *_columns(letters), sorted(handled))
        if saved != len(rows):
            raise StaleState


async def write_letters(connection: Direct, letters: Sequence[Letter]) -> None:
    """Put letters in the outbox without any state, in this order."""
    await connection.execute(_TELL.format("$1", "$2", "$3", "$4", "$5", "$6", "$7"), *_columns(letters))


async def known_keys(connection: Direct, keys: Sequence[str]) -> dict[str, tuple[str, UUID]]:
    """Fingerprint and complaint of the idempotency keys that were used before."""
    return {row[0]: (row[1], row[2]) for row in await connection.fetch(_KEYS, keys)}


async def keep_keys(connection: Direct, used: Sequence[tuple[Idempotency, UUID]]) -> None:
    """Remember the keys; fails on the unique key if the same request ran in the meantime."""
    await connection.execute(
        _KEEP,
        [one.key for one, _ in used],
        [one.fingerprint for one, _ in used],
        [complaint for _, complaint in used],
    )


def _columns(letters: Sequence[Letter]) -> tuple[list[object], ...]:
    return (
        [letter.event_id for letter in letters],
        [letter.type for letter in letters],
        [letter.routing_key for letter in letters],
        [letter.traceparent for letter in letters],
        [letter.body for letter in letters],
        [letter.subject for letter in letters],
        [letter.bulk for letter in letters],
    )
