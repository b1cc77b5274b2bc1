"""Which rooms do tests of surveys share? One stand: the real application on a real database.

It is imported where it is asked for: tests of deciders must not wait for FastAPI and SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.support.servers import ServerPool, TestPostgres

if TYPE_CHECKING:
    from tests.surveys.stand import Stand


@pytest.fixture(scope="session")
def surveys_url(postgres_server: TestPostgres, server_pool: ServerPool) -> Iterator[str]:
    """One database for all of them, emptied before each: that is quicker than making another."""
    from tests.surveys.stand import prepare_surveys

    name = server_pool.fresh_name()
    template = server_pool.template("surveys", prepare_surveys)
    yield postgres_server.create(name, template=template)
    postgres_server.drop(name)


@pytest.fixture
async def stand(surveys_url) -> AsyncIterator[Stand]:
    from tests.surveys.stand import a_stand, empty

    async with a_stand(surveys_url) as one:
        await empty(one.process.database)
        yield one
