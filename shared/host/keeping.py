"""What was last in force, and what were the sites like that have left? Kept in each service's database.

A service that is started again on files that cannot be read lives by what was last in force, and open work
of a site that vanished from the files is served by what the site was (docs/decisions/0060). The rows hold
contacts of people, so they are sealed like everything personal.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import structlog
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from shared.clock import Clock
from shared.database.kernel_tables import policies
from shared.database.transaction import FAILURES, Database
from shared.errors import Rejected
from shared.ids import derived_id
from shared.policy.layers import version_of
from shared.policy.loader import Content
from shared.policy.model import Rulebook
from shared.policy.source import RulebookSource
from shared.sealed.sealer import Sealer
from shared.settings import ServiceSettings

log = structlog.get_logger("kesu.policy")
_LOOK_SECONDS = 1.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Kept = list[tuple[Content, datetime]]
"""What was in force, newest first, each with the moment until which it was."""


class Keeping:
    """Writes down what the source has in force whenever that is something else."""

    def __init__(self, database: Database, source: RulebookSource, sealer: Sealer, clock: Clock) -> None:
        self._database = database
        self._source = source
        self._sealer = sealer
        self._clock = clock
        self._written: Content = {}
        self._stopping = asyncio.Event()

    async def recall(self) -> None:
        """Give the source what was in force before. Raises PolicyErrors if there is nothing to live by."""
        self._source.recall(await kept(self._database, self._sealer, self._clock.now()))

    async def run(self) -> None:
        """Look each second until `stop`; while the database is away it is tried again."""
        while not self._stopping.is_set():
            try:
                await self.write()
            except FAILURES as error:
                log.warning("policy.not_kept", error=type(error).__name__)
            try:
                await asyncio.wait_for(self._stopping.wait(), _LOOK_SECONDS)
            except TimeoutError:
                continue

    def stop(self) -> None:
        """Return from `run`."""
        self._stopping.set()

    async def write(self) -> None:
        """Keep what is in force, unless that is what was kept last."""
        self._source.current()
        content = self._source.content
        if content is self._written or not content:
            return
        await keep(self._database, self._sealer, content, self._clock.now())
        self._written = content


async def keep(database: Database, sealer: Sealer, content: Content, now: datetime) -> None:
    """Note that this is in force from now on; what no site needs any more is removed."""
    version = version_of(content)
    identifier = _id_of(version)
    row = {
        "id": identifier,
        "version": version,
        "sites": _sites_of(content),
        "sealed": sealer.seal(dict(content), about=identifier),
        "since": now,
    }
    async with database.transaction() as connection:
        written = insert(policies).values(**row)
        again = {"since": func.greatest(policies.c.since, now), "sealed": row["sealed"]}
        await connection.execute(written.on_conflict_do_update(index_elements=["id"], set_=again))
        newest = select(policies.c.id, policies.c.sites).order_by(policies.c.since.desc())
        known = await connection.execute(newest)
        seen: set[str] = set()
        for one, sites in known.all():
            if seen.issuperset(sites) and one != identifier:
                await connection.execute(delete(policies).where(policies.c.id == one))
            seen.update(sites)


async def kept(database: Database, sealer: Sealer, now: datetime) -> Kept:
    """What was in force; a row that no key opens is passed over and said."""
    async with database.reading() as connection:
        rows = await connection.execute(select(policies).order_by(policies.c.since.desc()))
        found: Kept = []
        until = now
        for row in rows:
            try:
                found.append((sealer.open(row.sealed, about=row.id), until))
            except Rejected as error:
                log.warning("policy.not_recalled", version=row.version, reason=error.detail)
            until = row.since
    return found


async def rules_in_force(database: Database, settings: ServiceSettings, now: datetime) -> Rulebook:
    """The rulebook by which the service of this database lives now, for programs that run beside it.

    Raises PolicyErrors if neither the files nor the database hold one.
    """
    source = RulebookSource(settings.organisation, settings.profiles, may_recall=True, now=lambda: now)
    sealer = Sealer.from_setting(settings.seal_keys, secret=settings.secret)
    source.recall(await kept(database, sealer, now))
    return source.current()


def _id_of(version: str) -> UUID:
    return derived_id(_EPOCH, version)


def _sites_of(content: Content) -> list[str]:
    """The sites that it names at any time."""
    organisation = content["organisation"]
    parts = [organisation, *(organisation.get("changes") or ())]
    return sorted({name for part in parts for name in part.get("sites") or ()})
