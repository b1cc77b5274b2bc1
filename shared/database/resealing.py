"""How does what is sealed at rest get under the active key, while the services run?

Rows are looked at without a lock; only those that need it are locked, in the order of their ids like
the shell's, one transaction a chunk. Nothing else is remembered: a run that was interrupted is run
again and finds the rest (docs/decisions/0009).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.transaction import Database
from shared.sealed.rotation import Resealed, keys_in, reseal
from shared.sealed.sealer import Sealer

CHUNK_ROWS = 200


@dataclass(frozen=True, slots=True)
class Place:
    """A table with sealed texts: the column that holds them, and the primary key it is paged by."""

    table: str
    key: str
    column: str
    versioned: bool
    about: str = "complaint_id"
    """The column with the id that the text is sealed about."""


@dataclass(slots=True)
class Tally:
    """What was found and done so far; `unopened` names rows that hold a text that no key opens."""

    rows: int = 0
    changed: int = 0
    found: Counter[str] = field(default_factory=Counter)
    unopened: list[UUID] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Row:
    key: UUID
    about: UUID
    version: int
    value: Any


NOTICES = Place("notices", "id", "sealed", versioned=False)
POLICIES = Place("policies", "id", "sealed", versioned=False, about="id")


async def places(database: Database) -> tuple[Place, ...]:
    """Every document table of the database, and its notices."""
    async with database.reading() as connection:
        found = await connection.execute(_DOCUMENTS)
        tables = [str(name) for (name,) in found]
    return (*(Place(name, "complaint_id", "state", versioned=True) for name in tables), NOTICES)


async def size(database: Database, place: Place) -> int:
    """How many rows there are to look at."""
    async with database.reading() as connection:
        found = await connection.execute(
            text(f"SELECT count(*) FROM {place.table} WHERE {place.column} IS NOT NULL")  # noqa: S608 - our own names
        )
        return int(found.scalar_one())


async def resealed(
    database: Database, sealer: Sealer, place: Place, *, dry_run: bool = False, chunk: int = CHUNK_ROWS
) -> AsyncIterator[Tally]:
    """The tally after each chunk, the last one at the end; a dry run opens, but writes nothing."""
    tally, after = Tally(), UUID(int=0)
    while rows := await _page(database, place, after, chunk):
        after = rows[-1].key
        tally.rows += len(rows)
        for row in rows:
            tally.found += keys_in(row.value)
        stale = [row for row in rows if any(name != sealer.active for name in keys_in(row.value))]
        if dry_run:
            _counted(tally, stale, sealer)
        elif stale:
            async with database.transaction() as connection:
                locked = await _locked(connection, place, [row.key for row in stale])
                await _write(connection, place, _counted(tally, locked, sealer))
        yield tally
    yield tally


def _counted(tally: Tally, rows: Sequence[_Row], sealer: Sealer) -> list[tuple[_Row, Any]]:
    changed = []
    for row in rows:
        after: Resealed = reseal(row.value, sealer, about=row.about)
        tally.changed += after.changed
        if after.unopened:
            tally.unopened.append(row.key)
        if after.changed:
            changed.append((row, after.value))
    return changed


async def _page(database: Database, place: Place, after: UUID, most: int) -> list[_Row]:
    async with database.reading() as connection:
        found = await connection.execute(
            text(
                f"{_select(place)} WHERE {place.key} > :after AND {place.column} IS NOT NULL "
                f"ORDER BY {place.key} LIMIT :most"
            ),
            {"after": after, "most": most},
        )
        return [_row(place, *row) for row in found]


async def _locked(connection: AsyncConnection, place: Place, keys: Sequence[UUID]) -> list[_Row]:
    found = await connection.execute(
        text(
            f"{_select(place)} WHERE {place.key} = ANY(CAST(:keys AS uuid[])) "
            f"AND {place.column} IS NOT NULL ORDER BY {place.key} FOR UPDATE"
        ),
        {"keys": list(keys)},
    )
    return [_row(place, *row) for row in found]


async def _write(connection: AsyncConnection, place: Place, rows: Sequence[tuple[_Row, Any]]) -> None:
    if not rows:
        return
    if place.versioned:
        given = [{"key": row.key, "version": row.version, "value": value} for row, value in rows]
    else:
        given = [{"key": row.key, "value": value[place.column]} for row, value in rows]
    await connection.execute(text(_update(place)), {"rows": orjson.dumps(given, default=str).decode()})


def _select(place: Place) -> str:
    version = "version" if place.versioned else "0"
    return f"SELECT {place.key}, {place.about}, {version}, {place.column} FROM {place.table}"  # noqa: S608 - our own names


def _update(place: Place) -> str:
    """As DocumentStore.save writes: the next version, and only over the one that was read."""
    table = place.table
    if not place.versioned:
        return (
            f"UPDATE {table} SET {place.column} = given.value "  # noqa: S608 - our own names
            "FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given(key uuid, value text) "
            f"WHERE {table}.{place.key} = given.key"
        )
    return (
        f"UPDATE {table} SET {place.column} = given.value, version = {table}.version + 1, "  # noqa: S608
        "updated_at = now() FROM jsonb_to_recordset(CAST(:rows AS jsonb)) "
        "AS given(key uuid, version int, value jsonb) "
        f"WHERE {table}.{place.key} = given.key AND {table}.version = given.version"
    )


def _row(place: Place, key: UUID, about: UUID, version: int, value: Any) -> _Row:
    if place.versioned:
        document = orjson.loads(value) if isinstance(value, str) else value
    else:
        document = {place.column: value}
    return _Row(key, about, version, document)


_DOCUMENTS = text(
    "SELECT table_name FROM information_schema.columns WHERE table_schema = current_schema() "
    "AND column_name IN ('complaint_id', 'version', 'state') "
    "GROUP BY table_name HAVING count(*) = 3 ORDER BY table_name"
)
