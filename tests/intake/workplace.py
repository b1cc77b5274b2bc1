"""Intake without a broker: its store, shell and doors over a database of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import httpx
from fastapi import FastAPI

from services.intake.app import PLAN
from services.intake.domain.complaint import Complaint
from services.intake.store.queries import ComplaintQueries
from services.intake.store.tables import STORE
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
from tests.intake.builders import NOW, RULES, an_event

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
    queries: ComplaintQueries
    shell: Shell[Complaint]
    tokens: Tokens
    links: Links
    sealer: Sealer
    client: httpx.AsyncClient
    commits: list[int] = field(default_factory=list)
    told: list[Event[EventData]] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

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


def prepare(url: str) -> None:
    """Migrate the database that tests copy."""

    async def once() -> None:
        database = Database(url, service="intake")
        await migrate(database, "intake")
        await database.close()

    asyncio.run(once())


@asynccontextmanager
async def a_workplace(url: str, rules: Rulebook = RULES) -> AsyncIterator[Workplace]:
    database, clock = Database(url, service="intake"), StoppedClock()
    place: Workplace

    def committed(harvest: Harvest) -> None:
        place.commits.append(len(harvest.told))
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
    tokens, queries, links = Tokens(SECRET, clock), ComplaintQueries(database), Links(SECRET)
    sealer = Sealer({"k1": bytes(32)}, secret=SECRET)
    desk = Desk(
        shell=shell,
        queries=queries,
        rules=lambda: rules,
        sealer=sealer,
        links=links,
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
        place = Workplace(database, queries, shell, tokens, links, sealer, client)
        yield place
    shell.stop()
    await running
    await database.close()
