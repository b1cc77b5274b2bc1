"""What do the store and API tests of routing need? A workplace over a migrated database.

It is imported where it is asked for: tests of deciders must not wait for FastAPI and SQLAlchemy.
"""

from __future__ import annotations

import pytest
import pytest_asyncio


@pytest.fixture
def routing_database(database_from):
    from tests.routing.workplace import prepare

    return database_from("routing", prepare)


@pytest_asyncio.fixture
async def workplace(routing_database):
    from tests.routing.workplace import a_workplace

    async with a_workplace(routing_database) as place:
        yield place
