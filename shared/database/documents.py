"""How is a complaint's state kept? One row with one JSON document, and the columns that lists need.

The document is the frozen dataclass of the service's domain; the extra columns are projections of it,
written with it, never by themselves (docs/decisions/0003). Loading and saving is in bulk, because the
shell works in batches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from pydantic import TypeAdapter
from sqlalchemy import Column, DateTime, Index, Integer, MetaData, Select, Table, Text, Uuid, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.transaction import Direct
from shared.deciding import Aggregate

S = TypeVar("S", bound=Aggregate)
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped


class StaleState(Exception):
    """Somebody else wrote the row in between; the batch has to be run again."""


@dataclass(slots=True)
class Stored(Generic[S]):
    """A state with what the shell keeps beside it; mutable, it lives for one batch only."""

    complaint_id: UUID
    site: str
    state: S | None
    version: int
    told: int
    heard: dict[str, int]
    dirty: bool = False


def document_columns() -> list[Column[Any]]:
    """The columns every document table begins with, for the table and for its first migration."""
    return [
        Column("complaint_id", Uuid, primary_key=True),
        Column("site", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("told", Integer, nullable=False),
        Column("heard", JSONB, nullable=False),
        Column("wake_at", DateTime(timezone=True)),
        Column("state", JSONB),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    ]


def document_table(name: str, metadata: MetaData, *extra: Column[Any]) -> Table:
    """A document table with the service's own projection columns and the index of the timers."""
    table = Table(name, metadata, *document_columns(), *extra)
    Index(f"{name}_wake_at", table.c.wake_at, postgresql_where=table.c.wake_at.isnot(None))
    return table


class DocumentStore(Generic[S]):
    """Loads and saves states of one type; `columns` says how each projection is taken from the state."""

    def __init__(
        self,
        table: Table,
        state_type: type[S],
        columns: Mapping[str, Callable[[S], object]],
    ) -> None:
        self.table = table
        self.state_type = state_type
        self._columns = dict(columns)
        self._adapter: TypeAdapter[S] = TypeAdapter(state_type)
        name = table.name
        self.locked = (
            f"SELECT complaint_id, site, version, told, heard::text, state::text FROM {name} "  # noqa: S608 - our own names
            "WHERE complaint_id = ANY($1::uuid[]) ORDER BY complaint_id FOR UPDATE"
        )
        """SQL: the rows of the complaints in $1 (uuid[]), locked in the order of their ids."""
        self.upserted = self._upsert()
        """SQL: writes the documents in $1 (jsonb array) and returns a row for each that was not stale."""
        self._claim = (
            f"SELECT complaint_id, now() FROM {name} WHERE wake_at <= now() "  # noqa: S608 - our own names
            "ORDER BY wake_at LIMIT $1 FOR UPDATE SKIP LOCKED"
        )
        self._next = f"SELECT min(wake_at) - now() FROM {name} WHERE wake_at IS NOT NULL"  # noqa: S608 - our own names
        self._defer = (
            f"UPDATE {name} SET wake_at = now() + make_interval(secs => $2) "  # noqa: S608 - our own names
            "WHERE complaint_id = ANY($1::uuid[])"
        )

    def states(self) -> Select[Any]:
        """The documents, for whatever is read for people: rows that only mark a sequence have none.

        Such a row counts the events of a subject that is not known here: a complaint whose registration was
        parked, or a person's switch of presence.
        """
        return select(self.table.c.state).where(self.table.c.state.is_not(None))

    def encode(self, state: S) -> bytes:
        """The document's JSON; what has no value is left out, which every state reads as None."""
        return self._adapter.dump_json(state, exclude_none=True)

    def decode(self, value: str | bytes | Mapping[str, Any]) -> S:
        """The state that the document holds."""
        if isinstance(value, (str, bytes)):
            return self._adapter.validate_json(value)
        return self._adapter.validate_python(value)

    async def load(self, connection: Direct, ids: Iterable[UUID]) -> dict[UUID, Stored[S]]:
        """The rows of these complaints, locked in the order of their ids; absent ones are left out."""
        return {row[0]: self.stored(row) for row in await connection.fetch(self.locked, sorted(ids))}

    async def save(self, connection: Direct, rows: Sequence[Stored[S]]) -> None:
        """Write the rows in one statement. Raises StaleState if one changed since it was loaded."""
        if len(await connection.fetch(self.upserted, self.documents(rows))) != len(rows):
            raise StaleState

    def stored(self, row: Sequence[Any]) -> Stored[S]:
        """What `locked` returned as a row."""
        return Stored(
            complaint_id=row[0],
            site=row[1],
            version=row[2],
            told=row[3],
            heard=orjson.loads(row[4]),
            state=None if row[5] is None else self.decode(row[5]),
        )

    def documents(self, rows: Iterable[Stored[S]]) -> str:
        """What `upserted` takes as $1."""
        return orjson.dumps([self._document(row) for row in rows], default=str).decode()

    async def claim_due(self, connection: Direct, most: int) -> tuple[list[UUID], datetime | None]:
        """Complaints whose time has come, oldest first, locked; and the database's own clock.

        Rows that another replica holds are skipped: whoever locks a row fires it.
        """
        rows = await connection.fetch(self._claim, most)
        return [row[0] for row in rows], (rows[0][1] if rows else None)

    async def defer(self, connection: Direct, ids: Sequence[UUID], seconds: int) -> None:
        """Look at these timers again after that many seconds; their states are not touched."""
        await connection.execute(self._defer, sorted(ids), seconds)

    async def seconds_to_next(self, connection: Direct) -> float | None:
        """Seconds until the next timer; negative if it is late, None without any."""
        left = await connection.fetchval(self._next)
        return None if left is None else left.total_seconds()

    def _document(self, row: Stored[S]) -> dict[str, object]:
        state = row.state
        document: dict[str, object] = {
            "complaint_id": row.complaint_id,
            "site": row.site,
            "version": row.version + 1,
            "told": row.told,
            "heard": row.heard,
            "wake_at": state.wake_at if state is not None else None,
            "state": orjson.Fragment(self.encode(state)) if state is not None else None,
        }
        for name, project in self._columns.items():
            document[name] = project(state) if state is not None else None
        return document

    def _upsert(self) -> str:
        own = ["complaint_id", "site", "version", "told", "heard", "wake_at", "state"]
        names = own + list(self._columns)
        types = ", ".join(f"{n} {self.table.c[n].type.compile(_DIALECT)}" for n in names)
        listed = ", ".join(names)
        updates = ", ".join(f"{n} = EXCLUDED.{n}" for n in names if n != "complaint_id")
        table = self.table.name
        return (
            f"INSERT INTO {table} ({listed}) "  # noqa: S608 - our own names
            f"SELECT {listed} FROM jsonb_to_recordset($1::jsonb) AS given({types}) "
            f"ON CONFLICT (complaint_id) DO UPDATE SET {updates}, updated_at = now() "
            f"WHERE {table}.version = EXCLUDED.version - 1 RETURNING 1"
        )
