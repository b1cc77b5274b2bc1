"""Where is the customer's own time limit noted? `POST /complaints/{id}/contract-limit` (SLA-19)."""

# Annotations are evaluated at once here, because the dependencies belong to the desk that is passed in.
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, Field

from services.intake.api.roles import WRITERS
from services.intake.domain.complaint import Complaint
from services.intake.domain.objecting import is_late
from services.intake.handlers.note_contract import NoteContract
from services.intake.store.queries import ComplaintQueries
from shared.deciding import Actor
from shared.host.desk import Desk
from shared.host.fields import Answer, Body, Code, Instant
from shared.outbox.writing import Idempotency


class ContractLimit(Body):
    """Until when the contract let the customer object, and which clause says so."""

    until: Instant
    clause: Code = Field(description="A reference such as `contract-7.2`, no prose.")


class Objected(Answer):
    """Whether the customer kept it; a late complaint is flagged and goes on like any other."""

    id: UUID
    complaint_no: str
    until: AwareDatetime
    late: bool


def router(desk: Desk[ComplaintQueries]) -> APIRouter:
    """The route."""
    routes = APIRouter(tags=["complaints"])

    @routes.post("/complaints/{complaint_id}/contract-limit", summary="Note the customer's own time limit")
    async def contract_limit(
        complaint_id: UUID,
        body: ContractLimit,
        request: Request,
        actor: Annotated[Actor, Depends(desk.actor(*WRITERS))],
        key: Annotated[Idempotency | None, Depends(desk.idempotency)],
    ) -> Objected:
        """Declining as `late` is refused where the complaint was in time."""
        command = NoteContract(complaint_id, actor, body.until, body.clause)
        decision = await desk.submit(command, request=request, idempotency=key)
        complaint = decision.state
        assert isinstance(complaint, Complaint)
        return Objected(
            id=complaint.complaint_id,
            complaint_no=complaint.complaint_no,
            until=body.until,
            late=bool(is_late(complaint)),
        )

    return routes
