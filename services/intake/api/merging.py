"""How is a duplicate merged into the complaint that it repeats? `POST /complaints/{id}/merge`."""

# Annotations are evaluated at once here, because the dependencies belong to the desk that is passed in.
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from services.intake.api.reading import find
from services.intake.api.roles import DECIDERS
from services.intake.api.views import Standing, complaint_in, standing
from services.intake.domain.complaint import Complaint, Link
from services.intake.handlers.merge_complaint import AbsorbComplaint, MergeComplaint, is_merged
from services.intake.store.queries import ComplaintQueries
from shared.deciding import Actor
from shared.host.desk import Desk
from shared.host.fields import Body, Code, Line
from shared.lifecycle import Action, step
from shared.outbox.writing import Idempotency


class Merger(Body):
    """Which complaint goes on, by id or number, and why both are one."""

    into: Line
    reason_code: Code = "duplicate"


def router(desk: Desk[ComplaintQueries]) -> APIRouter:
    """The route that merges."""
    routes = APIRouter(tags=["complaints"])
    decider = Depends(desk.actor(*DECIDERS))

    @routes.post("/complaints/{complaint_id}/merge", summary="Merge a duplicate into another")
    async def merge(
        complaint_id: UUID,
        body: Merger,
        request: Request,
        actor: Annotated[Actor, decider],
        key: Annotated[Idempotency | None, Depends(desk.idempotency)],
    ) -> Standing:
        """Ends this one as merged, until its customer has an answer; the other one counts its time from the
        earlier receipt, if policy says so. What was merged by mistake is reopened.
        """
        duplicate = await find(desk.queries, str(complaint_id), actor)
        other = await find(desk.queries, body.into, actor)
        if not is_merged(duplicate, other.complaint_id):
            # Asked before the other one takes it in, so that it takes in nothing that cannot end.
            step(duplicate.toward_customer, Action.MERGE)
            absorb = AbsorbComplaint(
                other.complaint_id,
                actor,
                _link(duplicate),
                duplicate.site,
                body.reason_code,
                tuple(sorted(duplicate.recused)),
            )
            await desk.submit(absorb, request=request)
        recused = tuple(sorted(other.recused))
        ended = MergeComplaint(complaint_id, actor, _link(other), body.reason_code, recused)
        decision = await desk.submit(ended, request=request, idempotency=key)
        return standing(complaint_in(decision))

    return routes


def _link(complaint: Complaint) -> Link:
    return Link(complaint.complaint_id, complaint.complaint_no, complaint.first_received_at)
