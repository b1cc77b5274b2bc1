"""How are the facts of a complaint corrected? `POST /complaints/{complaint_id}/amend`."""

# Annotations are evaluated at once here, because the dependencies belong to the desk that is passed in.
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field, StringConstraints

from services.intake.api.bodies import (
    CustomerBody,
    FlagsBody,
    Language,
    MoneyBody,
    ProductBody,
)
from services.intake.api.entering import PERSONAL_CUSTOMER
from services.intake.api.reading import find
from services.intake.api.roles import AMENDERS
from services.intake.api.views import Standing, complaint_in, standing
from services.intake.domain.complaint import Complaint
from services.intake.handlers.amend_complaint import AmendComplaint, SealedChange
from services.intake.store.queries import ComplaintQueries
from shared.deciding import Actor
from shared.host.desk import Desk
from shared.host.fields import Body, Code, Line, Text
from shared.outbox.writing import Idempotency
from shared.sealed.sealer import Sealer


class AmendBody(Body):
    """What is to be corrected or completed; whatever is left out stays (INT-06).

    Kind, category and type are routing's to change: they decide who handles it and by when.
    """

    language: Language | None = None
    customer: CustomerBody | None = None
    narrative: Text | None = None
    desired_outcome: Annotated[Text, StringConstraints(max_length=2000)] | None = None
    details: Annotated[dict[Code, Text], Field(max_length=30)] | None = None
    product: ProductBody | None = None
    order_ref: Line | None = None
    claimed: MoneyBody | None = None
    flags: FlagsBody | None = None
    accused_refs: Annotated[tuple[Code, ...], Field(max_length=20)] | None = None


def router(desk: Desk[ComplaintQueries]) -> APIRouter:
    """The route."""
    routes = APIRouter(tags=["complaints"])

    @routes.post("/complaints/{complaint_id}/amend", summary="Correct the facts")
    async def amend(
        complaint_id: UUID,
        body: AmendBody,
        actor: Annotated[Actor, Depends(desk.actor(*AMENDERS))],
        request: Request,
        key: Annotated[Idempotency | None, Depends(desk.idempotency)],
    ) -> Standing:
        """Tells the names of what changed; the personal part is sealed anew."""
        complaint = await find(desk.queries, str(complaint_id), actor)
        command = AmendComplaint(
            complaint_id=complaint_id,
            actor=actor,
            language=body.language,
            customer_ref=body.customer.ref if body.customer else None,
            customer_grade=_grade(body),
            flags=body.flags.as_flags() if body.flags else None,
            product=body.product.as_product() if body.product else None,
            order_ref=body.order_ref,
            claimed=body.claimed.as_money() if body.claimed else None,
            accused_refs=body.accused_refs,
            personal=personal_change(complaint, body, desk.sealer),
        )
        decision = await desk.submit(command, request=request, idempotency=key)
        return standing(complaint_in(decision))

    return routes


def personal_change(complaint: Complaint, body: AmendBody, sealer: Sealer) -> SealedChange | None:
    """The personal part with what the body says laid over it; None if that changes nothing."""
    before: dict[str, Any] = {}
    if complaint.sealed is not None:
        before = sealer.open(complaint.sealed, about=complaint.complaint_id)
    said: dict[str, Any] = {
        "narrative": body.narrative,
        "desired_outcome": body.desired_outcome,
        "details": body.details,
    }
    if body.customer is not None:
        said |= {name: getattr(body.customer, name) for name in PERSONAL_CUSTOMER}
    changes = {name: value for name, value in said.items() if value is not None and value != before.get(name)}
    if not changes:
        return None
    after = before | changes
    return SealedChange(
        before=complaint.sealed,
        after=sealer.seal(after, about=complaint.complaint_id),
        reachable=bool(after.get("email")),
        fields=tuple(sorted(changes)),
    )


def _grade(body: AmendBody) -> str | None:
    if body.customer is None or "grade" not in body.customer.model_fields_set:
        return None
    return body.customer.grade
