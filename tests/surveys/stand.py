"""The real surveys application on a real database, without a broker: events come in by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import httpx

from services.surveys.app import PLAN
from services.surveys.settings import Settings
from services.surveys.store.tables import metadata
from shared.database import kernel_tables, notice_tables
from shared.database.transaction import Database
from shared.events.base import EventData
from shared.ids import derived_id
from tests.support import stand
from tests.support.stand import StandingClock, migrated, running_process
from tests.surveys.builders import COMPLAINT, NOW, NUMBER, an_event, closed, registered

prepare_surveys = migrated("surveys")


class Stand(stand.Stand):
    """What a test holds: the process, a browser, and the clock on the wall."""

    async def hear(self, data: EventData, *, complaint: UUID = COMPLAINT, site: str = "sh01") -> None:
        sequence = self.next_sequence(complaint, data.producer)
        await self.submit(an_event(data, complaint=complaint, site=site, sequence=sequence))

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


def complaint_of(number: int) -> UUID:
    return derived_id(NOW, str(number)) if number != 1 else COMPLAINT


async def empty(database: Database) -> None:
    known = (metadata, kernel_tables.metadata, notice_tables.metadata)
    tables = [table for one in known for table in one.sorted_tables]
    async with database.transaction() as connection:
        for table in reversed(tables):
            await connection.execute(table.delete())


@asynccontextmanager
async def a_stand(database_url: str) -> AsyncIterator[Stand]:
    clock = StandingClock(NOW)
    async with running_process(PLAN, Settings, database_url, clock) as (process, client):
        yield Stand(process, client, clock)
