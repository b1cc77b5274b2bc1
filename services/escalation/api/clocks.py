"""By when is what due, and why? `GET /complaints/{id}/clocks`, `POST /complaints/{id}/extensions`."""

# No postponed annotations here: FastAPI must see the desk of the enclosing function in them.

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime

from services.escalation.api.clock_lines import ClockLine, line_of
from services.escalation.api.scope import EXTENDERS, READERS
from services.escalation.domain.agreeing import without_date
from services.escalation.domain.foretelling import foretold
from services.escalation.domain.sheet import ClockSheet
from services.escalation.handlers.extend_clock import ExtendClock
from services.escalation.handlers.scope import require_sheet
from services.escalation.store.queries import SheetQueries
from shared.deciding import Actor
from shared.host.desk import Desk, Sender
from shared.host.fields import Answer, Body, Code, Line


class ToAgree(Answer):
    """A promise without a date, and the roles that agree on it."""

    clock: str
    agreed_by: list[str]


class Clocks(Answer):
    """All clocks of a complaint, in the order in which they began."""

    complaint_id: UUID
    complaint_no: str
    site: str
    department: str | None
    severity: str
    items: list[ClockLine]
    to_agree: list[ToAgree]
    """Promises that wait for a date which people agree upon."""


class Extension(Body):
    """A later limit: `target` counts from the clock's start, `due_at` is a moment agreed upon.

    Neither: the length that policy gives.
    """

    clock: Code
    reason_code: Code
    target: Line | None = None
    due_at: AwareDatetime | None = None


def router(desk: Desk[SheetQueries]) -> APIRouter:
    """The clocks' routes."""
    routes = APIRouter(tags=["clocks"])

    @routes.get("/complaints/{complaint_id}/clocks", summary="The clocks, explained")
    async def clocks(
        complaint_id: UUID,
        actor: Annotated[Actor, Depends(desk.actor(*READERS))],
        lang: Literal["zh", "en"] = "en",
    ) -> Clocks:
        """Each clock with its due date, its proofs and the reasons for the due date."""
        sheet = require_sheet(await desk.queries.sheet(complaint_id), actor)
        calendar = desk.rules().calendar_of(sheet.site)
        found = await desk.queries.learned()
        return Clocks(
            complaint_id=sheet.complaint_id,
            complaint_no=sheet.complaint_no,
            site=sheet.site,
            department=sheet.department,
            severity=sheet.severity,
            items=[
                line_of(clock, calendar, lang, foretold(clock, sheet, found, desk.clock.now()))
                for clock in sheet.clocks
            ],
            to_agree=[
                ToAgree(clock=one.rule.name, agreed_by=list(one.agreed_by))
                for one in without_date(sheet, desk.rules())
            ],
        )

    @routes.post(
        "/complaints/{complaint_id}/extensions",
        status_code=201,
        summary="Put a due date off",
    )
    async def extend(
        complaint_id: UUID,
        body: Extension,
        sender: Annotated[Sender, Depends(desk.sender(*EXTENDERS))],
    ) -> ClockLine:
        """As often as policy says, by whom it names; the old due date stays as evidence (SLA-07)."""
        sheet = require_sheet(await desk.queries.sheet(complaint_id), sender.actor)
        command = ExtendClock(
            complaint_id=complaint_id,
            clock=body.clock,
            reason_code=body.reason_code,
            actor=sender.actor,
            target=body.target,
            due_at=body.due_at,
        )
        decision = await sender.give(command)
        after: ClockSheet | None = decision.state
        clock = after.clock_named(body.clock) if after is not None else None
        assert clock is not None, "the handler has just moved it"
        return line_of(clock, desk.rules().calendar_of(sheet.site), "en")

    return routes
