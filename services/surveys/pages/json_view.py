"""What do programs see of the customer's form? The same facts as the page, as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.surveys.domain.invitation import Invitation
from services.surveys.domain.lifecycle import Status
from services.surveys.pages.entry import AnswerBody
from shared.policy.model import SurveyRule

REQUEST_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": AnswerBody.model_json_schema()},
            "application/x-www-form-urlencoded": {"schema": AnswerBody.model_json_schema()},
        },
    }
}
"""OpenAPI of the body, which is read by hand because browsers and programs send different kinds."""


class GradeView(BaseModel):
    """One answer that can be chosen."""

    grade: str
    label: dict[str, str]


class SurveyView(BaseModel):
    """The form as it stands; `scale` is empty when there is nothing to answer."""

    complaint_id: UUID
    complaint_no: str
    status: Status
    survey: str | None
    form_no: str | None
    expires_at: datetime | None
    question: dict[str, str]
    scale: list[GradeView]


class AnswerTaken(BaseModel):
    """The answer as it was stored."""

    complaint_no: str
    form_no: str
    grade: str
    score: float
    satisfied: bool
    at: datetime


def view(invitation: Invitation, status: Status, rule: SurveyRule | None) -> SurveyView:
    """The form for a program; `rule` is None where nothing can be answered."""
    form = invitation.form
    return SurveyView(
        complaint_id=invitation.complaint_id,
        complaint_no=invitation.complaint_no,
        status=status,
        survey=form.survey if form else None,
        form_no=form.form_no if form else None,
        expires_at=form.expires_at if form else None,
        question=dict(rule.question) if rule else {},
        scale=[GradeView(grade=g.code, label=dict(g.label)) for g in rule.scale] if rule else [],
    )


def taken(invitation: Invitation) -> AnswerTaken:
    """What was stored of the answer; the invitation must be an answered one."""
    form = invitation.form
    assert form is not None, "only an invited customer can answer"
    assert form.answer is not None, "the handler has just stored it"
    return AnswerTaken(
        complaint_no=invitation.complaint_no,
        form_no=form.form_no,
        grade=form.answer.grade,
        score=form.answer.score,
        satisfied=form.answer.satisfied,
        at=form.answer.at,
    )
