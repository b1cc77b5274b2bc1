"""Which rooms do tests of surveys share? One stand: the real application on a database of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.surveys.stand import Stand, a_stand, prepare_surveys


@pytest.fixture
def surveys_url(database_from) -> str:
    return database_from("surveys", prepare_surveys)


@pytest.fixture
async def stand(surveys_url) -> AsyncIterator[Stand]:
    async with a_stand(surveys_url) as one:
        yield one
