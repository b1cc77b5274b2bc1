"""By when, where policy leaves it to people? `POST /complaints/{id}/agreed-dates`."""

# No postponed annotations here: FastAPI must see the desk of the enclosing function in them.

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime

from services.escalation.api.clock_lines import ClockLine, line_of
from services.escalation.api.scope import ANSWERERS
from services.escalation.domain.sheet import ClockSheet
from services.escalation.handlers.agree_date import AgreeDate
from services.escalation.handlers.scope import require_sheet
from services.escalation.store.queries import SheetQueries
from shared.host.desk import Desk, Sender
from shared.host.fields import Body, Code


class Agreement(Body):
    """The date that holds for this promise from now on."""

    clock: Code
    due_at: AwareDatetime


def router(desk: Desk[SheetQueries]) -> APIRouter:
    """The agreed dates' route."""
    routes = APIRouter(tags=["clocks"])

    @routes.post(
        "/complaints/{complaint_id}/agreed-dates",
        status_code=201,
        summary="Agree on a due date",
    )
    async def agree(
        complaint_id: UUID,
        body: Agreement,
        sender: Annotated[Sender, Depends(desk.sender(*ANSWERERS))],
    ) -> ClockLine:
        """Starts the clock of a promise that policy leaves to those it names (`to_agree` of the clocks)."""
        sheet = require_sheet(await desk.queries.sheet(complaint_id), sender.actor)
        command = AgreeDate(complaint_id, body.clock, body.due_at, sender.actor)
        decision = await sender.give(command)
        after: ClockSheet | None = decision.state
        clock = after.clock_named(body.clock) if after is not None else None
        assert clock is not None, "the handler has just started it"
        return line_of(clock, desk.rules().calendar_of(sheet.site), "en")

    return routes
