"""Intake without a broker: its store, shell and doors over a database of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from services.intake.app import PLAN
from shared.events.base import EventData
from shared.policy.model import Rulebook
from tests.intake.builders import NOW, RULES, an_event
from tests.support.stand import Doors, migrated, open_doors

prepare = migrated("intake")


@dataclass
class Workplace(Doors):
    """What a test may use."""

    async def hears(self, complaint: UUID | str, *told: EventData):
        for sequence, data in enumerate(told, start=1):
            event = an_event(data, sequence=sequence, subject=UUID(str(complaint)))
            work = await self.shell.submit(event)
            assert work.error is None, work.error

    def token(self, *roles: str, person: str = "li", **scope) -> dict[str, str]:
        token = self.tokens.issue(person, roles=roles or ("agent",), **scope)
        return {"Authorization": f"Bearer {token}"}

    async def post(self, path: str, body: object = None, *, who: dict[str, str] | None = None, **headers):
        given = (self.token() if who is None else who) | {k.replace("_", "-"): v for k, v in headers.items()}
        return await self.client.post(path, json=body, headers=given)

    async def get(self, path: str, *, who: dict[str, str] | None = None, **params):
        return await self.client.get(path, params=params, headers=self.token() if who is None else who)


@asynccontextmanager
async def a_workplace(url: str, rules: Rulebook = RULES) -> AsyncIterator[Workplace]:
    async with open_doors(PLAN, url, rules, NOW) as doors:
        yield Workplace(**vars(doors))
