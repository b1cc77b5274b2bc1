"""The real escalation application on a real database, without a broker: events come in by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy import text

from services.escalation.app import PLAN
from services.escalation.domain.alarm import Escalation
from services.escalation.settings import Settings
from shared.events.base import EventData
from shared.policy.model import Rulebook
from tests.escalation.builders import COMPLAINT, NOW, RULES, an_event, assigned, complaint_of, registered
from tests.support import stand
from tests.support.stand import StandingClock, migrated, running_process

prepare_escalation = migrated("escalation")


class Stand(stand.Stand):
    """What a test holds: the process, a browser, and the clock on the wall."""

    async def hear(self, data: EventData, *, complaint: UUID = COMPLAINT, site: str = "sh01") -> None:
        sequence = self.next_sequence(complaint, data.producer)
        await self.submit(an_event(data, complaint=complaint, sequence=sequence, site=site))

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

    def token(self, *roles: str, person: str = "li", **scope) -> dict[str, str]:
        return super().token(*(roles or ("manager",)), person=person, **scope)

    async def rows(self, query: str) -> list[tuple[object, ...]]:
        async with self.process.database.reading() as connection:
            return [tuple(row) for row in await connection.execute(text(query))]


@asynccontextmanager
async def a_stand(database_url: str, rules: Rulebook = RULES) -> AsyncIterator[Stand]:
    clock = StandingClock(NOW)
    async with running_process(PLAN, Settings, database_url, clock, rules) as (process, client):
        yield Stand(process, client, clock)
