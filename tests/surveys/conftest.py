"""Which rooms do tests of surveys share? One stand: the real application on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.support.servers import ServerPool, TestPostgres
from tests.surveys.stand import Stand, a_stand, empty, prepare_surveys


@pytest.fixture(scope="session")
def surveys_url(postgres_server: TestPostgres, server_pool: ServerPool) -> Iterator[str]:
    """One database for all of them, emptied before each: that is quicker than making another."""
    name = server_pool.fresh_name()
    template = server_pool.template("surveys", prepare_surveys)
    yield postgres_server.create(name, template=template)
    postgres_server.drop(name)


@pytest.fixture
async def stand(surveys_url) -> AsyncIterator[Stand]:
    async with a_stand(surveys_url) as one:
        await empty(one.process.database)
        yield one
