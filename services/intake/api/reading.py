"""What is in the register? `GET /complaints`, one of them, and its history."""

# Annotations are evaluated at once here, because the dependencies belong to the desk that is passed in.
from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from services.intake.api.roles import CONFIDANTS, READERS
from services.intake.api.views import Detail, Line, Personal, Summary, detail, lines, summary
from services.intake.domain.complaint import Complaint
from services.intake.domain.involvement import involvement_of
from services.intake.store.queries import LONGEST_PAGE, ComplaintQueries, Filters
from shared.deciding import Actor
from shared.errors import NotFound
from shared.events.intake import Kind
from shared.host.desk import Desk
from shared.host.fields import Answer, Code
from shared.lifecycle import Status
from shared.participation import may_take_part, require_part, scope_of


class Summaries(Answer):
    """A page of the register, newest first; `next` goes into `after`, null on the last page."""

    items: list[Summary]
    next: UUID | None


class History(Answer):
    """All that happened, oldest first."""

    items: list[Line]


def router(desk: Desk[ComplaintQueries]) -> APIRouter:
    """The reading routes."""
    routes = APIRouter(tags=["complaints"])
    reader = Depends(desk.actor(*READERS))

    @routes.get("/complaints", summary="List complaints, newest first")
    async def page(
        actor: Annotated[Actor, reader],
        site: Code | None = None,
        status: Status | None = None,
        kind: Kind | None = None,
        channel: Code | None = None,
        department: Code | None = None,
        received_from: AwareDatetime | None = None,
        received_to: AwareDatetime | None = None,
        after: UUID | None = None,
        limit: Annotated[int, Query(ge=1, le=LONGEST_PAGE)] = 50,
    ) -> Summaries:
        """Only what the token's sites and departments cover and nothing about the caller, so that a page may
        be shorter than `limit`. `received_to` is exclusive.
        """
        filters = Filters(site, status, kind, channel, department, received_from, received_to)
        found = await desk.queries.page(filters, scope_of(actor), after=after, limit=limit)
        seen = (one for one in found.items if may_take_part(involvement_of(one), actor))
        return Summaries(items=[summary(one) for one in seen], next=found.following)

    @routes.get("/complaints/{reference}", summary="Read a complaint")
    async def one(reference: str, actor: Annotated[Actor, reader], *, sealed: bool = False) -> Detail:
        """By id or number. `sealed=true` leaves the personal part closed."""
        complaint = await find(desk.queries, reference, actor)
        if sealed or CONFIDANTS.isdisjoint(actor.roles):
            return detail(complaint, None, None)
        return detail(complaint, opened(desk, complaint), comment_of(desk, complaint))

    @routes.get("/complaints/{reference}/history", summary="What happened to it")
    async def history(reference: str, actor: Annotated[Actor, reader]) -> History:
        """Every event about the complaint; nobody outside the organisation is named in it."""
        return History(items=lines(await find(desk.queries, reference, actor)))

    return routes


async def find(queries: ComplaintQueries, reference: str, actor: Actor) -> Complaint:
    """The complaint of this id or number, if the actor may see it.

    Raises NotFound('unknown-complaint'), Forbidden('out-of-scope', 'recused').
    """
    try:
        complaint = await queries.by_id(UUID(reference))
    except ValueError:
        complaint = await queries.by_number(reference) if "\x00" not in reference else None
    if complaint is None:
        raise NotFound("unknown-complaint", "no such complaint in the register", field="reference")
    require_part(involvement_of(complaint), actor, field="reference")
    into = complaint.merged_into
    goes_on = await queries.by_id(into.complaint_id) if into is not None else None
    if goes_on is not None:
        # Who is accused only since then takes no part in what was merged into it either.
        require_part(replace(involvement_of(complaint), recused=goes_on.recused), actor, field="reference")
    return complaint


def opened(desk: Desk[ComplaintQueries], complaint: Complaint) -> Personal | None:
    """The personal part. Raises Rejected('cannot-open') without the key."""
    if complaint.sealed is None:
        return None
    return Personal(**desk.sealer.open(complaint.sealed, about=complaint.complaint_id))


def comment_of(desk: Desk[ComplaintQueries], complaint: Complaint) -> str | None:
    """What the customer wrote beside the reply."""
    reply = complaint.reply
    if reply is None or reply.sealed is None:
        return None
    comment = desk.sealer.open(reply.sealed, about=complaint.complaint_id).get("comment")
    return str(comment) if comment else None
