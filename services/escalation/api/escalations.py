"""Who was alerted, and who answered? `GET /escalations`, `POST /escalations/{id}/acknowledge`."""

# No postponed annotations here: FastAPI must see the desk of the enclosing function in them.

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.escalation.api.scope import ANSWERERS, READERS
from services.escalation.domain.alarm import Escalation, Ruling
from services.escalation.domain.involvement import involvement_of
from services.escalation.domain.sheet import ClockSheet
from services.escalation.handlers.acknowledge_escalation import AcknowledgeEscalation
from services.escalation.handlers.scope import require_sheet
from services.escalation.store.queries import SheetQueries
from shared.deciding import Actor, Decision
from shared.errors import NotFound
from shared.events.escalation import Verdict
from shared.host.desk import Desk, Sender
from shared.host.fields import Answer, Code
from shared.participation import may_take_part, scope_of

MOST = 200
_OPEN = "true: only those that wait for an answer; false: only the others."


class AlertLine(Answer):
    """One level that was told."""

    level: int
    to: list[str]
    at: datetime


class RulingLine(Answer):
    """What was decided; an instruction's words are sealed and shown by routing, in the case."""

    decision: Verdict
    by: str
    at: datetime
    department: str | None
    assignee: str | None
    reason_code: str | None
    due_at: datetime | None


class EscalationLine(Answer):
    """One alarm, with everybody who was told."""

    escalation_id: UUID
    complaint_id: UUID
    complaint_no: str
    site: str
    department: str | None
    clock: str
    due_at: datetime
    level: int
    cause: str
    is_open: bool
    climbs_at: datetime | None
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    ended_at: datetime | None
    alerts: list[AlertLine]
    rulings: list[RulingLine]


class EscalationPage(Answer):
    """Some alarms and where the next ones begin; no `next`: that was the last page."""

    items: list[EscalationLine]
    next: UUID | None


def router(desk: Desk[SheetQueries]) -> APIRouter:
    """The alarms' routes."""
    routes = APIRouter(tags=["escalations"])

    @routes.get("/escalations", summary="Alarms, paged")
    async def escalations(
        actor: Annotated[Actor, Depends(desk.actor(*READERS))],
        site: Code | None = None,
        is_open: Annotated[bool | None, Query(alias="open", description=_OPEN)] = None,
        after: UUID | None = None,
        limit: Annotated[int, Query(ge=1, le=MOST, description="Most complaints on a page.")] = 50,
    ) -> EscalationPage:
        """Ordered by complaint, oldest first; pass `next` as `after` for the following page."""
        found = await desk.queries.alarmed(
            scope_of(actor, site), is_open=is_open, after=after, limit=limit + 1
        )
        shown = found[:limit]
        items = [
            line_of(sheet, escalation)
            for sheet in shown
            if may_take_part(involvement_of(sheet), actor)
            for escalation in sheet.escalations
            if is_open is None or escalation.is_open is is_open
        ]
        return EscalationPage(items=items, next=shown[-1].complaint_id if len(found) > limit else None)

    @routes.post(
        "/escalations/{escalation_id}/acknowledge",
        summary="Answer an alarm",
    )
    async def acknowledge(
        escalation_id: UUID,
        sender: Annotated[Sender, Depends(desk.sender(*ANSWERERS))],
    ) -> EscalationLine:
        """Stops the climbing. Who was first stays; a second answer changes nothing and shows it."""
        sheet = await alarmed_sheet(desk, escalation_id, sender.actor)
        command = AcknowledgeEscalation(sheet.complaint_id, escalation_id, sender.actor)
        decision = await sender.give(command)
        return line_after(decision, escalation_id)

    return routes


async def alarmed_sheet(desk: Desk[SheetQueries], escalation_id: UUID, actor: Actor) -> ClockSheet:
    """The sheet that the alarm stands on. Raises NotFound, Forbidden."""
    found = await desk.queries.sheet_of(escalation_id)
    if found is None:
        raise NotFound("unknown-escalation", "there is no such escalation", field="escalation_id")
    return require_sheet(found, actor)


def line_after(decision: Decision[ClockSheet], escalation_id: UUID) -> EscalationLine:
    """The alarm as a command that was about it has left it."""
    escalation = decision.state.escalation(escalation_id) if decision.state is not None else None
    assert decision.state is not None, "the handler has just changed it"
    assert escalation is not None, "the handler has just changed it"
    return line_of(decision.state, escalation)


def line_of(sheet: ClockSheet, escalation: Escalation) -> EscalationLine:
    """An alarm as the doors show it."""
    return EscalationLine(
        escalation_id=escalation.id,
        complaint_id=sheet.complaint_id,
        complaint_no=sheet.complaint_no,
        site=sheet.site,
        department=sheet.department,
        clock=escalation.clock,
        due_at=escalation.due_at,
        level=escalation.level,
        cause=escalation.cause,
        is_open=escalation.is_open,
        climbs_at=escalation.next_climb,
        acknowledged_by=escalation.acknowledged_by,
        acknowledged_at=escalation.acknowledged_at,
        ended_at=escalation.ended_at,
        alerts=[AlertLine(level=a.level, to=list(a.to), at=a.at) for a in escalation.alerts],
        rulings=[_ruling(ruling) for ruling in escalation.rulings],
    )


def _ruling(ruling: Ruling) -> RulingLine:
    return RulingLine(
        decision=ruling.decision,
        by=ruling.by,
        at=ruling.at,
        department=ruling.department,
        assignee=ruling.assignee,
        reason_code=ruling.reason_code,
        due_at=ruling.due_at,
    )
