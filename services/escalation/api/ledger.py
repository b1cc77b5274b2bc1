"""Who waited for whom? `GET /complaints/{id}/ledger`."""

# No postponed annotations here: FastAPI must see the desk of the enclosing function in them.

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from services.escalation.api.scope import READERS
from services.escalation.domain.ledger import shares, totals
from services.escalation.handlers.scope import require_sheet
from services.escalation.store.queries import SheetQueries
from shared.deciding import Actor
from shared.host.desk import Desk
from shared.host.fields import Answer


class TotalLine(Answer):
    """How long it was this party's turn, in seconds."""

    party: str
    seconds: float


class ShareLine(TotalLine):
    """One span of it."""

    since: datetime
    until: datetime


class Ledger(Answer):
    """Every second of a life: the totals sum to `life_seconds`; time when it was closed does not count."""

    complaint_id: UUID
    complaint_no: str
    as_of: datetime
    life_seconds: float
    totals: list[TotalLine]
    items: list[ShareLine]


def router(desk: Desk[SheetQueries]) -> APIRouter:
    """The ledger's route."""
    routes = APIRouter(tags=["ledger"])

    @routes.get("/complaints/{complaint_id}/ledger", summary="Who waited for whom")
    async def ledger(
        complaint_id: UUID,
        actor: Annotated[Actor, Depends(desk.actor(*READERS))],
    ) -> Ledger:
        """Parties: `department:<id>`, before that `site:<id>`; customer, supplier, authority."""
        sheet = require_sheet(await desk.queries.sheet(complaint_id), actor)
        now = desk.clock.now()
        spans = shares(sheet, now)
        return Ledger(
            complaint_id=sheet.complaint_id,
            complaint_no=sheet.complaint_no,
            as_of=now,
            life_seconds=sum(span.length.total_seconds() for span in spans),
            totals=[
                TotalLine(party=party, seconds=length.total_seconds())
                for party, length in totals(spans).items()
            ],
            items=[
                ShareLine(
                    party=span.party, since=span.since, until=span.until, seconds=span.length.total_seconds()
                )
                for span in spans
            ],
        )

    return routes
