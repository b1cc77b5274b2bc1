"""Which columns has the table of presence switches? The switch itself; there are no more than people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, DateTime, Index, Text, or_

from services.routing.domain.presence import Presence
from services.routing.store.action_queries import ActionQueries
from services.routing.store.tables import metadata
from shared.database.documents import DocumentStore, document_table
from shared.database.transaction import Database

presences = document_table(
    "presences", metadata, Column("person", Text), Column("until", DateTime(timezone=True))
)
Index("presences_person", presences.c.person)

PRESENCES: DocumentStore[Presence] = DocumentStore(
    presences, Presence, {"person": lambda one: one.person, "until": lambda one: one.until}
)


class PresenceQueries(ActionQueries):
    """Reads the switches; each method is one statement."""

    @property
    def database(self) -> Database:
        """Where the switches are kept, for whoever writes them."""
        return self._database

    async def presences(self, now: datetime) -> Sequence[Presence]:
        """The switches that count at that moment, by person."""
        counts = or_(presences.c.until.is_(None), presences.c.until > now)
        query = PRESENCES.states().where(counts)
        async with self._database.reading() as connection:
            result = await connection.execute(query.order_by(presences.c.person))
            return [PRESENCES.decode(row.state) for row in result]

    async def presence(self, person: str) -> Presence | None:
        """What was said of this person last."""
        query = PRESENCES.states().where(presences.c.person == person)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).first()
        return PRESENCES.decode(row.state) if row is not None else None
