"""At which revision is a database, and which one does this release need? Without loading Alembic.

Services only compare two names at their start; the tool that changes tables costs 11 MB of memory in
every process that imports it.
"""

from __future__ import annotations

import importlib.resources
import re
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from shared.database.transaction import FAILURES, Database
from shared.errors import Unavailable

_REVISION = re.compile(r'^revision(?:: str)? = "([^"]+)"', re.MULTILINE)
_BEFORE = re.compile(r'^down_revision(?:: [^=]+)? = "([^"]+)"', re.MULTILINE)


def revisions_of(service: str) -> Path:
    """The folder of a service's migrations."""
    return Path(str(importlib.resources.files(f"services.{service}"))) / "store" / "migrations"


def newest_revision(service: str) -> str | None:
    """The revision that this release needs: the one that no other follows."""
    texts = [path.read_text() for path in (revisions_of(service) / "versions").glob("[0-9]*.py")]
    names = {found[1] for found in map(_REVISION.search, texts) if found}
    followed = {found[1] for found in map(_BEFORE.search, texts) if found}
    return max(names - followed, default=None)


async def current_revision(database: Database) -> str | None:
    """The revision that the database is at; None if it was never migrated."""
    try:
        async with database.reading() as connection:
            found = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar()
    except ProgrammingError:
        return None
    return str(found) if found is not None else None


async def check_revision(database: Database, service: str) -> None:
    """Raises Unavailable with the remedy unless the database answers and is at this release's revision."""
    wanted = newest_revision(service)
    try:
        found = await current_revision(database)
    except FAILURES as error:
        raise Unavailable(
            f"the database of {service} does not answer: {error}",
            remedy="Check KESU_DATABASE_URL; `kesu migrate` makes missing databases.",
        ) from error
    if found != wanted:
        raise Unavailable(
            f"the database of {service} is at revision {found}, this release needs {wanted}",
            remedy="Run `kesu migrate`.",
        )
