"""Where are the terms kept by which promises were made? One row for each version, for good.

Escalation writes them in the transaction that first decides by them, so that no promise refers to terms
that are not there (docs/decisions/0071).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from uuid import UUID

from sqlalchemy import Column, DateTime, Table, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB

from services.escalation.domain.sheet import ClockSheet
from services.escalation.store.tables import metadata
from shared.database.documents import Stored
from shared.database.transaction import Database, Direct
from shared.errors import Rejected
from shared.policy.model import Rulebook, Terms
from shared.policy.terms import read, written

table = Table(
    "terms",
    metadata,
    Column("version", Text, primary_key=True),
    Column("content", JSONB, nullable=False),
    Column("kept_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
_KEEP = (
    "INSERT INTO terms (version, content) "
    "SELECT * FROM unnest($1::text[], $2::jsonb[]) ON CONFLICT DO NOTHING"
)
_OF = "SELECT version, content::text FROM terms WHERE version = ANY($1::text[])"
_ALL = text("SELECT version, content::text FROM terms")
_NAMED = text("SELECT version, content::text FROM terms WHERE version = ANY(:versions)")


class TermsShelf:
    """Keeps and finds terms for one process; versions are hashes, so what was read once stays true."""

    def __init__(self) -> None:
        self._known: dict[str, Terms] = {}
        self._durable: set[str] = set()
        self._pending: set[str] = set()
        """Written in a transaction of which nobody knows yet whether it was committed."""

    async def __call__(
        self,
        connection: Direct,
        rules: Rulebook,
        sites: AbstractSet[str],
        rows: Mapping[UUID, Stored[ClockSheet]],
    ) -> Rulebook:
        """The rulebook with the terms that these sheets refer to; today's are kept before they are used."""
        await self._keep(connection, _terms_of(rules, sites))
        wanted = _versions(row.state for row in rows.values() if row.state is not None)
        if missing := sorted(wanted - self._known.keys()):
            self._learn((row[0], row[1]) for row in await connection.fetch(_OF, missing))
        return rules.with_kept(self._known)

    async def _keep(self, connection: Direct, now: Mapping[str, Terms]) -> None:
        self._known.update(now)
        if self._pending:
            found = await connection.fetch(_OF, sorted(self._pending))
            self._durable |= {row[0] for row in found}
            self._pending.clear()
        fresh = sorted(now.keys() - self._durable)
        if fresh:
            contents = [written(now[version]).decode() for version in fresh]
            await connection.execute(_KEEP, fresh, contents)
            self._pending |= set(fresh)

    async def add_to(self, rules: Rulebook, sheet: ClockSheet, database: Database) -> Rulebook:
        """The rulebook with the terms that the sheet refers to, for whoever only reads."""
        if missing := sorted(_versions([sheet]) - self._known.keys()):
            async with database.reading() as connection:
                found = await connection.execute(_NAMED, {"versions": missing})
                self._learn((version, content) for version, content in found)
        return rules.with_kept(self._known)

    def _learn(self, found: Iterable[tuple[str, str]]) -> None:
        self._known.update((version, read(version, content)) for version, content in found)


async def all_terms(database: Database) -> Mapping[str, Terms]:
    """All that are kept, by version."""
    async with database.reading() as connection:
        found = await connection.execute(_ALL)
        return {version: read(version, content) for version, content in found}


def _versions(sheets: Iterable[ClockSheet]) -> set[str]:
    return {clock.terms for sheet in sheets for clock in sheet.clocks if clock.terms}


def _terms_of(rules: Rulebook, sites: Iterable[str]) -> dict[str, Terms]:
    found: dict[str, Terms] = {}
    for site in sites:
        try:
            terms = rules.terms_of(site)
        except Rejected:
            continue  # The handler says what is wrong with an unknown site, about its own message only.
        found[terms.version] = terms
    return found
