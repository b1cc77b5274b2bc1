"""What becomes of the case now? Whoever has it reports upward, and the manager decides.

`POST /complaints/{id}/escalations`, `POST /escalations/{id}/decisions`.
"""

# No postponed annotations here: FastAPI must see the desk of the enclosing function in them.

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime

from services.escalation.api.escalations import EscalationLine, alarmed_sheet, line_after, line_of
from services.escalation.api.scope import DECIDERS, REPORTERS
from services.escalation.domain.alarming import HANDED_UP
from services.escalation.domain.ruling import Wish
from services.escalation.domain.sheet import ClockSheet
from services.escalation.handlers.decide_escalation import DecideEscalation
from services.escalation.handlers.hand_up import HandUp
from services.escalation.handlers.scope import require_sheet
from services.escalation.store.queries import SheetQueries
from shared.events.escalation import Verdict
from shared.host.desk import Desk, Sender
from shared.host.fields import Body, Code, Line, Text


class Choice(Body):
    """`take_over`; `reassign` to a department, a person or both; `instruct` in words; `extend`.

    An extension counts `target` from the clock's start, or names the moment `due_at`; neither: the
    length that policy gives. The instruction is kept and told encrypted.
    """

    decision: Verdict
    department: Code | None = None
    assignee: Code | None = None
    instruction: Text | None = None
    reason_code: Code | None = None
    target: Line | None = None
    due_at: AwareDatetime | None = None


def router(desk: Desk[SheetQueries]) -> APIRouter:
    """The decisions' route."""
    routes = APIRouter(tags=["escalations"])

    @routes.post(
        "/escalations/{escalation_id}/decisions",
        status_code=201,
        summary="Decide what becomes of the case",
    )
    async def decide(
        escalation_id: UUID,
        body: Choice,
        sender: Annotated[Sender, Depends(desk.sender(*DECIDERS))],
    ) -> EscalationLine:
        """Answers the alarm too, if nobody has. Whoever the complaint is about decides nothing."""
        sheet = await alarmed_sheet(desk, escalation_id, sender.actor)
        words = (body.instruction or "").strip()
        sealed = desk.sealer.seal({"instruction": words}, about=sheet.complaint_id) if words else None
        command = DecideEscalation(
            complaint_id=sheet.complaint_id,
            escalation_id=escalation_id,
            actor=sender.actor,
            wish=Wish(body.decision, body.department, body.assignee, sealed),
            reason_code=body.reason_code,
            target=body.target,
            due_at=body.due_at,
        )
        decision = await sender.give(command)
        return line_after(decision, escalation_id)

    @routes.post(
        "/complaints/{complaint_id}/escalations",
        status_code=201,
        summary="Report upward what cannot be solved",
    )
    async def report_upward(
        complaint_id: UUID,
        sender: Annotated[Sender, Depends(desk.sender(*REPORTERS))],
    ) -> EscalationLine:
        """Calls the ladder at once, before any limit is missed (ESC-01, ESC-09); twice: the open one."""
        sheet = require_sheet(await desk.queries.sheet(complaint_id), sender.actor)
        command = HandUp(sheet.complaint_id, sender.actor)
        decision = await sender.give(command)
        after: ClockSheet | None = decision.state
        assert after is not None, "the handler has just raised an alarm"
        raised = next(one for one in reversed(after.escalations) if one.cause == HANDED_UP)
        return line_of(after, raised)

    return routes
