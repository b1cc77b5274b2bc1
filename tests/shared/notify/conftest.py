"""What may these tests ask for? A database with the tables of notices."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from shared.database.transaction import Database
from tests.shared.notify.desk import a_database


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database with empty tables of notices."""
    made = await a_database(database_url)
    yield made
    await made.close()
