"""What do the store and API tests of intake need? A workplace over a migrated database.

It is imported where it is asked for: tests of deciders must not wait for FastAPI and SQLAlchemy.
"""

from __future__ import annotations

import pytest
import pytest_asyncio


@pytest.fixture
def intake_database(database_from):
    from tests.intake.workplace import prepare

    return database_from("intake", prepare)


@pytest_asyncio.fixture
async def workplace(intake_database):
    from tests.intake.workplace import a_workplace

    async with a_workplace(intake_database) as place:
        yield place
