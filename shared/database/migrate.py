"""How does a database get its tables? One explicit step, `kesu migrate`, that may run any number of times.

Alembic is driven without its command line: each service keeps only its revisions, in
`services/<name>/store/migrations/versions`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text

from shared.database.revisions import revisions_of
from shared.database.transaction import Database
from shared.errors import Unavailable
from shared.settings import database_of

SERVICES = ("intake", "routing", "escalation", "surveys")


async def ensure_database(url: str) -> None:
    """Create the database that the URL names, if the server does not have it.

    Raises Unavailable when the server does not answer or the role may not create it.
    """
    parts = urlsplit(url)
    name = parts.path.strip("/")
    server = urlunsplit((parts.scheme, parts.netloc, "/postgres", parts.query, ""))
    try:
        connection = await asyncpg.connect(server, timeout=10)
    except (OSError, asyncpg.PostgresError) as error:
        raise Unavailable(
            f"PostgreSQL does not answer: {error}", remedy="Check KESU_DATABASE_URL."
        ) from error
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            await connection.execute('CREATE DATABASE "{}"'.format(name.replace('"', '""')))
    except asyncpg.DuplicateDatabaseError:
        pass  # another host ran the same step at the same moment
    except asyncpg.InsufficientPrivilegeError as error:
        raise Unavailable(
            f"database {name} does not exist and this role may not create it",
            remedy=f"Have an administrator run: CREATE DATABASE {name} OWNER <role>;",
        ) from error
    finally:
        await connection.close()


async def migrate(database: Database, service: str) -> str:
    """Bring the database to the newest revision and return its name."""
    script = _script(service)

    def upgrade(connection: Connection) -> str:
        # Two hosts may run the step at once; the second waits, then finds nothing left to do.
        connection.execute(text("SELECT pg_advisory_xact_lock(7130001)"))
        connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        with EnvironmentContext(
            Config(),
            script,
            fn=lambda revision, _: script._upgrade_revs("head", revision),  # noqa: SLF001 - what Alembic's own command does
        ) as environment:
            environment.configure(connection=connection, target_metadata=None)
            environment.run_migrations()
        return script.get_current_head() or ""

    async with database.transaction() as connection:
        return await connection.run_sync(upgrade)


async def prepare(url: str, service: str) -> str:
    """Make one service's database on the server, and migrate it; returns the revision."""
    own = database_of(url, service)
    await ensure_database(own)
    database = Database(own, service=service, pool=1)
    try:
        return await migrate(database, service)
    finally:
        await database.close()


async def differences(database: Database, metadata: Sequence[MetaData]) -> list[Any]:
    """What the tables in code and the migrated database disagree on; empty when they agree."""

    def compare(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        merged = MetaData()
        for one in metadata:
            for table in one.tables.values():
                table.to_metadata(merged)
        return list(compare_metadata(context, merged))

    async with database.reading() as connection:
        return await connection.run_sync(compare)


def _script(service: str) -> ScriptDirectory:
    return ScriptDirectory(str(revisions_of(service)))
