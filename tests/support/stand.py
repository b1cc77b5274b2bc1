"""The doors of one service over a database of the test's own, without a broker: events come in by hand."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI

from shared.access.links import Links
from shared.access.tokens import Tokens
from shared.database.migrate import prepare
from shared.database.transaction import Database
from shared.deciding import Event, Notice
from shared.events.base import EventData
from shared.host import problems
from shared.host.application import build, guarded
from shared.host.desk import Desk
from shared.host.plan import ServicePlan
from shared.host.process import Process
from shared.messaging.batch import Harvest
from shared.messaging.shell import Shell
from shared.policy.model import Rulebook, Workload
from shared.sealed.sealer import Sealer
from shared.settings import ServiceSettings

ORGANISATION = Path(__file__).parents[2] / "deploy" / "organisation" / "organisation.yaml"
SECRET = "a secret that is long enough for tests"


@dataclass
class StandingClock:
    """Shows the time that the test sets."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment

    def advance(self, by: timedelta) -> None:
        self.moment += by


def migrated(service: str) -> Callable[[str], None]:
    """What makes the database that tests of a service copy."""
    return lambda url: asyncio.run(prepare(url, service))


@dataclass
class Doors:
    """A service's desk with its routes; what it tells and whom it would notify is kept, not sent."""

    database: Database
    queries: Any
    shell: Shell[Any]
    tokens: Tokens
    links: Links
    sealer: Sealer
    client: httpx.AsyncClient
    desk: Desk[Any]
    clock: StandingClock
    rules: list[Rulebook] = field(default_factory=list)
    """The rulebook in force is the last one; a test appends another."""
    commits: list[int] = field(default_factory=list)
    told: list[Event[EventData]] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)


@asynccontextmanager
async def open_doors(plan: ServicePlan, url: str, rules: Rulebook, now: datetime) -> AsyncIterator[Doors]:
    """The desk and its routes, without relay, consumer and dispatcher."""
    database, clock = Database(url, service=plan.name), StandingClock(now)
    doors: Doors
    books = [rules]

    def carry(workload: Workload) -> None:
        books[-1] = books[-1].with_workload(workload)

    def committed(harvest: Harvest) -> None:
        doors.commits.append(len(harvest.told))
        doors.told.extend(harvest.told)

    async def keep_notices(_connection, rows) -> None:
        doors.notices.extend(notice for _, notice in rows)

    shell: Shell[Any] = Shell(
        plan=plan.decisions,
        store=plan.store,
        database=database,
        rules=lambda: books[-1],
        clock=clock,
        write_notices=keep_notices,
        on_commit=committed,
        on_work=lambda work: None,
    )
    tokens, queries, links = Tokens(SECRET, clock), plan.queries(database), Links(SECRET)
    sealer = Sealer({"k1": bytes(32)}, secret=SECRET)
    desk = Desk(
        shell=shell,
        queries=queries,
        rules=lambda: books[-1],
        sealer=sealer,
        links=links,
        tokens=tokens,
        clock=clock,
        public_url="http://test",
        carry=carry,
    )
    app = FastAPI()
    problems.install(app)
    for make in plan.routers:
        app.include_router(make(desk))
    running = asyncio.create_task(shell.run())
    async with a_browser(app) as client:
        doors = Doors(database, queries, shell, tokens, links, sealer, client, desk, clock, books)
        yield doors
    shell.stop()
    await running
    await database.close()


@dataclass
class Stand:
    """The whole application of a service: the process, a browser, and the clock on the wall."""

    process: Process
    client: httpx.AsyncClient
    clock: StandingClock
    sequences: dict[tuple[UUID, str], int] = field(default_factory=dict)

    @property
    def queries(self) -> Any:
        return self.process.desk.queries

    async def submit(self, event: Event[EventData]) -> None:
        """Have the event handled. Raises what the handler raises."""
        work = await self.process.shell.submit(event)
        if work.error is not None:
            raise work.error

    def next_sequence(self, complaint: UUID, producer: str) -> int:
        place = (complaint, producer)
        self.sequences[place] = self.sequences.get(place, 0) + 1
        return self.sequences[place]

    def token(self, *roles: str, sites=("*",), departments=(), person: str = "somebody") -> dict[str, str]:
        issued = self.process.desk.tokens.issue(person, roles=roles, sites=sites, departments=departments)
        return {"Authorization": f"Bearer {issued}"}


@asynccontextmanager
async def running_process(
    plan: ServicePlan,
    settings_type: Callable[..., ServiceSettings],
    database_url: str,
    clock: StandingClock,
    rules: Rulebook | None = None,
) -> AsyncIterator[tuple[Process, httpx.AsyncClient]]:
    """The process with its shell running and nothing else; `rules` instead of the demo organisation's."""
    settings = settings_type(
        database_url=database_url,
        amqp_url="amqp://127.0.0.1:1/",
        secret="0123456789abcdef0123456789abcdef",
        seal_keys="k1:" + base64.b64encode(b"k" * 32).decode(),
        organisation=ORGANISATION,
    )
    process = Process(plan, settings, clock=clock)
    if rules is not None:
        process.rules._rules = rules
    shell = asyncio.create_task(process.shell.run())
    async with a_browser(guarded(build(plan, settings, process))) as client:
        yield process, client
    process.shell.stop()
    await shell
    await process.database.close()


@asynccontextmanager
async def a_browser(app: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client
