"""Routing without a broker: its store, shell and doors over a database of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import httpx
from fastapi import FastAPI

from services.routing.app import PLAN
from services.routing.domain.case import Case
from services.routing.store.queries import CaseQueries
from services.routing.store.tables import STORE
from shared.access.links import Links
from shared.access.tokens import Tokens
from shared.database.migrate import migrate
from shared.database.transaction import Database
from shared.deciding import Event, Notice
from shared.events.base import EventData
from shared.host import problems
from shared.host.desk import Desk
from shared.messaging.batch import Harvest, Plan
from shared.messaging.shell import Shell
from shared.policy.model import Rulebook
from shared.sealed.sealer import Sealer
from tests.routing.builders import COMPLAINT, NOW, RULES, an_event

SECRET = "a secret that is long enough for tests"


class StoppedClock:
    """Time stands still until a test moves it."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by


@dataclass
class Workplace:
    """What a test may use."""

    database: Database
    queries: CaseQueries
    shell: Shell[Case]
    tokens: Tokens
    client: httpx.AsyncClient
    desk: Desk[CaseQueries]
    clock: StoppedClock
    told: list[Event[EventData]] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    async def hears(self, data: EventData, *, sequence: int = 1, complaint: UUID = COMPLAINT):
        event = an_event(data, complaint=complaint, sequence=sequence)
        return await self.shell.submit(event)

    def token(self, person: str = "chen", *roles: str, **scope) -> dict[str, str]:
        token = self.tokens.issue(person, roles=roles or ("handler",), **scope)
        return {"Authorization": f"Bearer {token}"}


def prepare(url: str) -> None:
    """Migrate the database that tests copy."""

    async def once() -> None:
        database = Database(url, service="routing")
        await migrate(database, "routing")
        await database.close()

    asyncio.run(once())


@asynccontextmanager
async def a_workplace(url: str, rules: Rulebook = RULES) -> AsyncIterator[Workplace]:
    database, clock = Database(url, service="routing"), StoppedClock()
    place: Workplace

    def committed(harvest: Harvest) -> None:
        place.told.extend(harvest.told)

    async def keep_notices(_connection, rows) -> None:
        place.notices.extend(notice for _, notice in rows)

    shell = Shell(
        plan=Plan(PLAN.name, PLAN.reactions, PLAN.commands, PLAN.ordered_from),
        store=STORE,
        database=database,
        rules=lambda: rules,
        clock=clock,
        write_notices=keep_notices,
        on_commit=committed,
        on_work=lambda work: None,
    )
    tokens, queries = Tokens(SECRET, clock), CaseQueries(database)
    desk = Desk(
        shell=shell,
        queries=queries,
        rules=lambda: rules,
        sealer=Sealer({"k1": bytes(32)}, secret=SECRET),
        links=Links(SECRET),
        tokens=tokens,
        clock=clock,
        public_url="http://test",
    )
    app = FastAPI()
    problems.install(app)
    for make in PLAN.routers:
        app.include_router(make(desk))
    running = asyncio.create_task(shell.run())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        place = Workplace(database, queries, shell, tokens, client, desk, clock)
        yield place
    shell.stop()
    await running
    await database.close()
