"""Which rooms do tests of escalation share? One stand: the real application on a database of its own.

It is imported where it is asked for: tests of deciders must not wait for FastAPI and SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.escalation.stand import Stand


@pytest.fixture
def escalation_url(database_from) -> str:
    from tests.escalation.stand import prepare_escalation

    return database_from("escalation", prepare_escalation)


@pytest.fixture
def a_stand() -> Callable[..., AbstractAsyncContextManager[Stand]]:
    """What opens a stand: `async with a_stand(escalation_url, rules) as stand`."""
    from tests.escalation.stand import a_stand

    return a_stand


@pytest.fixture
async def stand(escalation_url, a_stand) -> AsyncIterator[Stand]:
    async with a_stand(escalation_url) as one:
        yield one
