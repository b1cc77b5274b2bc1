"""The real surveys application on a real database, without a broker: events come in by hand."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

import httpx

from services.surveys.app import PLAN
from services.surveys.settings import Settings
from services.surveys.store.queries import InvitationQueries
from services.surveys.store.tables import metadata
from shared.database import kernel_tables, notice_tables
from shared.database.migrate import prepare
from shared.database.transaction import Database
from shared.events.base import EventData
from shared.host.application import build, guarded
from shared.host.process import Process
from shared.ids import derived_id
from tests.surveys.builders import COMPLAINT, NOW, NUMBER, an_event, closed, registered

ORGANISATION = Path(__file__).parents[2] / "deploy" / "organisation" / "organisation.yaml"


@dataclass
class StandingClock:
    """Shows the time that the test sets."""

    moment: datetime = NOW

    def now(self) -> datetime:
        return self.moment


@dataclass
class Stand:
    """What a test holds: the process, a browser, and the clock on the wall."""

    process: Process
    client: httpx.AsyncClient
    clock: StandingClock
    sequences: dict[tuple[UUID, str], int] = field(default_factory=dict)

    @property
    def queries(self) -> InvitationQueries:
        return self.process.desk.queries

    async def hear(self, data: EventData, *, complaint: UUID = COMPLAINT, site: str = "sh01") -> None:
        place = (complaint, data.producer)
        self.sequences[place] = self.sequences.get(place, 0) + 1
        event = an_event(data, complaint=complaint, site=site, sequence=self.sequences[place])
        work = await self.process.shell.submit(event)
        if work.error is not None:
            raise work.error

    async def invite(self, number: int = 1, *, site: str = "sh01", **given) -> UUID:
        """A complaint that was registered and closed; its number ends with `number`."""
        complaint_no = NUMBER[:-1] + str(number)
        complaint = complaint_of(number)
        data = registered(complaint_no=complaint_no, **given)
        await self.hear(data, complaint=complaint, site=site)
        data = closed(self.clock.moment, complaint_no=complaint_no)
        await self.hear(data, complaint=complaint, site=site)
        return complaint

    async def answer(self, complaint: UUID, grade: str, **given) -> httpx.Response:
        return await self.client.post(self.path(complaint), json={"grade": grade, **given})

    def path(self, complaint: UUID = COMPLAINT) -> str:
        return f"/s/{complaint}.{self.process.desk.links.secret('survey', complaint)}"

    def token(self, *roles: str, sites: tuple[str, ...] = ("*",)) -> dict[str, str]:
        issued = self.process.desk.tokens.issue("somebody", roles=roles, sites=sites)
        return {"Authorization": f"Bearer {issued}"}


def complaint_of(number: int) -> UUID:
    return derived_id(NOW, str(number)) if number != 1 else COMPLAINT


def prepare_surveys(url: str) -> None:
    asyncio.run(prepare(url, "surveys"))


async def empty(database: Database) -> None:
    known = (metadata, kernel_tables.metadata, notice_tables.metadata)
    tables = [table for one in known for table in one.sorted_tables]
    async with database.transaction() as connection:
        for table in reversed(tables):
            await connection.execute(table.delete())


@asynccontextmanager
async def a_stand(database_url: str) -> AsyncIterator[Stand]:
    clock = StandingClock()
    settings = Settings(
        database_url=database_url,
        amqp_url="amqp://127.0.0.1:1/",
        secret="0123456789abcdef0123456789abcdef",
        seal_keys="k1:" + base64.b64encode(b"k" * 32).decode(),
        organisation=ORGANISATION,
    )
    process = Process(PLAN, settings, clock=clock)
    app = guarded(build(process.plan, settings, process))
    shell = asyncio.create_task(process.shell.run())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield Stand(process, client, clock)
    process.shell.stop()
    await shell
    await process.database.close()
