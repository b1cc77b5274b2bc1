"""What do the store and API tests of routing need? A workplace over a migrated database."""

from __future__ import annotations

import pytest
import pytest_asyncio

from tests.routing.workplace import a_workplace, prepare


@pytest.fixture
def routing_database(database_from):
    return database_from("routing", prepare)


@pytest_asyncio.fixture
async def workplace(routing_database):
    async with a_workplace(routing_database) as place:
        yield place
