"""The real escalation application on a real database, without a broker: events come in by hand."""

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
from sqlalchemy import text

from services.escalation.app import PLAN
from services.escalation.domain.alarm import Escalation
from services.escalation.settings import Settings
from services.escalation.store.queries import SheetQueries
from shared.database.migrate import prepare
from shared.events.base import EventData
from shared.host.application import build, guarded
from shared.host.process import Process
from shared.ids import derived_id
from shared.policy.model import Rulebook
from tests.escalation.builders import COMPLAINT, NOW, RULES, an_event, assigned, registered

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
    def queries(self) -> SheetQueries:
        return self.process.desk.queries

    async def hear(self, data: EventData, *, complaint: UUID = COMPLAINT, site: str = "sh01") -> None:
        place = (complaint, data.producer)
        self.sequences[place] = self.sequences.get(place, 0) + 1
        event = an_event(data, complaint=complaint, sequence=self.sequences[place], site=site)
        work = await self.process.shell.submit(event)
        if work.error is not None:
            raise work.error

    async def take(self, number: int = 1, *, site: str = "sh01", **given) -> UUID:
        """A complaint of the sales department, long overdue by the database's own clock."""
        complaint = complaint_of(number)
        await self.hear(registered(**given), complaint=complaint, site=site)
        await self.hear(assigned(), complaint=complaint, site=site)
        return complaint

    async def alarm(self, number: int = 1, **given) -> Escalation:
        """The alarm of such a complaint."""
        complaint = await self.take(number, **given)
        await self.process.shell.fire_due()
        sheet = await self.queries.sheet(complaint)
        assert sheet is not None
        return sheet.escalations[0]

    def path(self, identifier: object) -> str:
        """Where a link to this alarm (`id` or `id~person`) leads."""
        return f"/a/{identifier}.{self.process.desk.links.secret('ack', str(identifier))}"

    def token(self, *roles: str, sites=("*",), departments=(), person: str = "li") -> dict[str, str]:
        issued = self.process.desk.tokens.issue(
            person, roles=roles or ("manager",), sites=sites, departments=departments
        )
        return {"Authorization": f"Bearer {issued}"}

    async def rows(self, query: str) -> list[tuple[object, ...]]:
        async with self.process.database.reading() as connection:
            return [tuple(row) for row in await connection.execute(text(query))]


def complaint_of(number: int) -> UUID:
    return COMPLAINT if number == 1 else derived_id(NOW.replace(hour=number), str(number))


def prepare_escalation(url: str) -> None:
    asyncio.run(prepare(url, "escalation"))


@asynccontextmanager
async def a_stand(database_url: str, rules: Rulebook = RULES) -> AsyncIterator[Stand]:
    clock = StandingClock()
    settings = Settings(
        database_url=database_url,
        amqp_url="amqp://127.0.0.1:1/",
        secret="0123456789abcdef0123456789abcdef",
        seal_keys="k1:" + base64.b64encode(b"k" * 32).decode(),
        organisation=ORGANISATION,
    )
    process = Process(PLAN, settings, clock=clock)
    process.rules._rules = rules
    app = guarded(build(process.plan, settings, process))
    shell = asyncio.create_task(process.shell.run())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield Stand(process, client, clock)
    process.shell.stop()
    await shell
    await process.database.close()
