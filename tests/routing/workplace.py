"""Routing without a broker: its store, shell and doors over a database of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from services.routing.app import PLAN
from shared.events.base import EventData
from shared.policy.model import Rulebook
from tests.routing.builders import COMPLAINT, NOW, RULES, an_event
from tests.support.stand import Doors, migrated, open_doors

prepare = migrated("routing")


@dataclass
class Workplace(Doors):
    """What a test may use."""

    async def hears(self, data: EventData, *, sequence: int = 1, complaint: UUID = COMPLAINT):
        event = an_event(data, complaint=complaint, sequence=sequence)
        return await self.shell.submit(event)

    def token(self, person: str = "chen", *roles: str, **scope) -> dict[str, str]:
        token = self.tokens.issue(person, roles=roles or ("handler",), **scope)
        return {"Authorization": f"Bearer {token}"}


@asynccontextmanager
async def a_workplace(url: str, rules: Rulebook = RULES) -> AsyncIterator[Workplace]:
    async with open_doors(PLAN, url, rules, NOW) as doors:
        yield Workplace(**vars(doors))
