"""What do the store and API tests of intake need? A workplace over a migrated database."""

from __future__ import annotations

import pytest
import pytest_asyncio

from tests.intake.workplace import a_workplace, prepare


@pytest.fixture
def intake_database(database_from):
    return database_from("intake", prepare)


@pytest_asyncio.fixture
async def workplace(intake_database):
    async with a_workplace(intake_database) as place:
        yield place
