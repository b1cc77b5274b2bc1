"""Which rooms do tests of escalation share? One stand: the real application on a database of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.escalation.stand import Stand, a_stand, prepare_escalation


@pytest.fixture
def escalation_url(database_from) -> str:
    return database_from("escalation", prepare_escalation)


@pytest.fixture
async def stand(escalation_url) -> AsyncIterator[Stand]:
    async with a_stand(escalation_url) as one:
        yield one
