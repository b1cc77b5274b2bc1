"""How does a service get a database role that may use its own tables alone? Run as often as you like."""

from __future__ import annotations

import asyncpg

from shared.errors import Unavailable
from shared.settings import database_of

_ROWS, _NUMBERS = "SELECT, INSERT, UPDATE, DELETE", "USAGE, SELECT"


async def give_access(url: str, service: str, password: str, *, role: str = "") -> None:
    """Let the role, kesu_<service> unless named, read and write the service's migrated database.

    `url` is an administrator's. Tables stay the administrator's, who migrates; those of later migrations
    are included. All other roles are kept out of this database. Raises Unavailable.
    """
    own, role = database_of(url, service), role or f"kesu_{service}"
    connection = await _connected(own)
    try:
        name = await connection.fetchval("SELECT quote_ident($1)", role)
        secret = await connection.fetchval("SELECT quote_literal($1)", password)
        database = await connection.fetchval("SELECT quote_ident(current_database())")
        exists = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
        make = "ALTER" if exists else "CREATE"
        for order in (
            f"{make} ROLE {name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {secret}",
            f"REVOKE ALL ON DATABASE {database} FROM PUBLIC",
            f"GRANT CONNECT ON DATABASE {database} TO {name}",
            f"GRANT USAGE ON SCHEMA public TO {name}",
            f"GRANT {_ROWS} ON ALL TABLES IN SCHEMA public TO {name}",
            f"GRANT {_NUMBERS} ON ALL SEQUENCES IN SCHEMA public TO {name}",
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {_ROWS} ON TABLES TO {name}",
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {_NUMBERS} ON SEQUENCES TO {name}",
        ):
            await connection.execute(order)
    except asyncpg.PostgresError as error:
        raise Unavailable(
            f"the role of {service} cannot be made: {error}",
            remedy="KESU_DATABASE_URL must name an administrator of the server for this step.",
        ) from error
    finally:
        await connection.close()


async def _connected(url: str) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(url, timeout=10)
    except (OSError, asyncpg.PostgresError) as error:
        raise Unavailable(
            f"PostgreSQL does not answer: {error}", remedy="Check KESU_DATABASE_URL."
        ) from error
