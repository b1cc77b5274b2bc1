"""Which forms are out, answered or expired? `GET /invitations`."""

# No postponed annotations here: FastAPI must see the desk of the enclosing function in them.

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from services.surveys.api.scope import READERS
from services.surveys.domain.invitation import Form, Invitation
from services.surveys.domain.involvement import involvement_of
from services.surveys.domain.lifecycle import Status
from services.surveys.store.queries import InvitationQueries
from shared.deciding import Actor
from shared.host.desk import Desk
from shared.host.fields import Code
from shared.participation import may_take_part, scope_of

MOST = 200


class FormLine(BaseModel):
    """One numbered form; nothing that names the customer or says what they wrote."""

    form_no: str
    survey: str
    status: Status
    invited_at: datetime
    expires_at: datetime
    reminded_at: datetime | None
    answered_at: datetime | None
    grade: str | None
    score: float | None
    satisfied: bool | None
    policy_version: str


class InvitationLine(BaseModel):
    """One complaint's invitation."""

    complaint_id: UUID
    complaint_no: str
    site: str
    kind: str
    status: Status
    not_asked_because: str | None
    form: FormLine | None
    earlier: list[FormLine]


class InvitationPage(BaseModel):
    """Some invitations and where the next ones begin; no `next`: that was the last page."""

    items: list[InvitationLine]
    next: UUID | None


def router(desk: Desk[InvitationQueries]) -> APIRouter:
    """The invitations' routes."""
    routes = APIRouter(tags=["invitations"])

    @routes.get("/invitations", summary="Invitations, paged")
    async def invitations(
        actor: Annotated[Actor, Depends(desk.actor(*READERS))],
        site: Code | None = None,
        status: Status | None = None,
        after: UUID | None = None,
        limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
    ) -> InvitationPage:
        """Ordered by complaint, oldest first; pass `next` as `after` for the following page.

        Of the caller's sites and departments, none about the caller: a page may be shorter than `limit`.
        What is not closed yet has no department and is shown to whoever may see all of them.
        """
        scope = scope_of(actor, site)
        found = await desk.queries.page(
            sites=scope.sites, departments=scope.departments, status=status, after=after, limit=limit + 1
        )
        shown = found[:limit]
        items = [_line(one) for one in shown if may_take_part(involvement_of(one), actor)]
        return InvitationPage(items=items, next=shown[-1].complaint_id if len(found) > limit else None)

    return routes


def _line(invitation: Invitation) -> InvitationLine:
    return InvitationLine(
        complaint_id=invitation.complaint_id,
        complaint_no=invitation.complaint_no,
        site=invitation.site,
        kind=invitation.kind,
        status=invitation.status,
        not_asked_because=invitation.not_asked_because,
        form=_form(invitation.form) if invitation.form else None,
        earlier=[_form(form) for form in invitation.earlier],
    )


def _form(form: Form) -> FormLine:
    answer = form.answer
    return FormLine(
        form_no=form.form_no,
        survey=form.survey,
        status=form.status,
        invited_at=form.invited_at,
        expires_at=form.expires_at,
        reminded_at=form.reminded_at,
        answered_at=answer.at if answer else None,
        grade=answer.grade if answer else None,
        score=answer.score if answer else None,
        satisfied=answer.satisfied if answer else None,
        policy_version=form.policy_version,
    )
