"""What did a manager instruct? `GET /cases/{id}/instructions`: the words, for those who handle the case."""

# Annotations are evaluated at once here, because the dependencies belong to the desk that is passed in.
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends

from services.routing.api.cases import find
from services.routing.domain.authority import HANDLING, permitted
from services.routing.store.queries import CaseQueries
from shared.deciding import Actor
from shared.host.desk import Desk
from shared.host.fields import Answer, Code


class InstructionView(Answer):
    """One instruction in words."""

    escalation_id: str
    by: str
    at: datetime
    instruction: str


class Instructions(Answer):
    """All of them, oldest first."""

    items: list[InstructionView]


def router(desk: Desk[CaseQueries]) -> APIRouter:
    """The instructions' route."""
    routes = APIRouter(tags=["cases"])

    @routes.get("/cases/{identifier}/instructions", summary="What managers instructed")
    async def instructions(
        identifier: Code, actor: Annotated[Actor, Depends(desk.actor(*HANDLING))]
    ) -> Instructions:
        """Opened for those who handle the case, and never for the persons complained about."""
        case = permitted(await find(desk.queries, identifier, actor), actor, HANDLING, assisting=True)
        items = [
            InstructionView(
                escalation_id=order.escalation_id,
                by=order.by,
                at=order.at,
                instruction=desk.sealer.open(order.sealed, about=case.complaint_id)["instruction"],
            )
            for order in case.orders
            if order.sealed is not None
        ]
        return Instructions(items=items)

    return routes
